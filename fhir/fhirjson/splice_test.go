package fhirjson

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestSplice(t *testing.T) {
	doc := parse(t, `{"a" : 1.00, "b":"x"}`)
	a, b := doc.Root().Get("a"), doc.Root().Get("b")
	_, end := a.Span()
	got := Splice(doc, Replace(b, `"y"`), Edit{end, end, `,"c":1`}, Edit{end, end, `,"d":2`})
	if want := `{"a" : 1.00,"c":1,"d":2, "b":"y"}`; string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := Splice(doc); string(got) != doc.Text() {
		t.Errorf("without edits: %s", got)
	}
	defer func() {
		if recover() == nil {
			t.Error("overlapping edits are made")
		}
	}()
	Splice(doc, Replace(doc.Root(), "{}"), Replace(a, "2"))
}

var metaCases = []struct{ name, text, set, stripped string }{
	{"nothing there", `{"resourceType":"Patient","active":true}`,
		`{"resourceType":"Patient","id":"p1","meta":{"versionId":"7","lastUpdated":"2026-03-01T11:30:00.500Z"},"active":true}`,
		`{"resourceType":"Patient","active":true}`},
	{"only resourceType", `{ "resourceType" : "Patient" }`,
		`{ "resourceType" : "Patient","id":"p1","meta":{"versionId":"7","lastUpdated":"2026-03-01T11:30:00.500Z"} }`,
		`{ "resourceType" : "Patient" }`},
	{"id there", `{"resourceType":"Patient","id":"old", "active":true}`,
		`{"resourceType":"Patient","id":"p1","meta":{"versionId":"7","lastUpdated":"2026-03-01T11:30:00.500Z"}, "active":true}`,
		`{"resourceType":"Patient", "active":true}`},
	{"id after meta", `{"resourceType":"Patient","meta":{"profile":["u"]},"id":"old"}`,
		`{"resourceType":"Patient","meta":{"versionId":"7","lastUpdated":"2026-03-01T11:30:00.500Z","profile":["u"]},"id":"p1"}`,
		`{"resourceType":"Patient","meta":{"profile":["u"]}}`},
	{"version there", "{\n  \"id\": \"old\",\n  \"meta\": {\n    \"versionId\": \"3\",\n    \"tag\": []\n  },\n  \"value\": 1.00\n}",
		"{\n  \"id\": \"p1\",\n  \"meta\": {\"lastUpdated\":\"2026-03-01T11:30:00.500Z\",\n    \"versionId\": \"7\",\n    \"tag\": []\n  },\n  \"value\": 1.00\n}",
		"{\n  \"meta\": {\n    \"tag\": []\n  },\n  \"value\": 1.00\n}"},
	{"all there", `{"meta":{"lastUpdated":"x","tag":[1],"versionId":"1"},"id":"old","resourceType":"Patient"}`,
		`{"meta":{"lastUpdated":"2026-03-01T11:30:00.500Z","tag":[1],"versionId":"7"},"id":"p1","resourceType":"Patient"}`,
		`{"meta":{"tag":[1]},"resourceType":"Patient"}`},
	{"empty meta", `{"resourceType":"Patient","meta":{ }}`,
		`{"resourceType":"Patient","id":"p1","meta":{"versionId":"7","lastUpdated":"2026-03-01T11:30:00.500Z" }}`,
		`{"resourceType":"Patient"}`},
	{"meta is no object", `{"resourceType":"Patient","meta":7}`,
		`{"resourceType":"Patient","id":"p1","meta":{"versionId":"7","lastUpdated":"2026-03-01T11:30:00.500Z"}}`,
		`{"resourceType":"Patient","meta":7}`},
	{"no resourceType", `{ "a":1}`,
		`{"id":"p1","meta":{"versionId":"7","lastUpdated":"2026-03-01T11:30:00.500Z"}, "a":1}`, `{ "a":1}`},
	{"empty", `{}`, `{"id":"p1","meta":{"versionId":"7","lastUpdated":"2026-03-01T11:30:00.500Z"}}`, `{}`},
	{"ids further down", `{"resourceType":"Patient","contained":[{"id":"c","meta":{"versionId":"1"}}]}`,
		`{"resourceType":"Patient","id":"p1","meta":{"versionId":"7","lastUpdated":"2026-03-01T11:30:00.500Z"},"contained":[{"id":"c","meta":{"versionId":"1"}}]}`,
		`{"resourceType":"Patient","contained":[{"id":"c","meta":{"versionId":"1"}}]}`},
	{"no object", `[1]`, `[1]`, `[1]`},
}

var noon = time.Date(2026, 3, 1, 12, 30, 0, 500_700_000, time.FixedZone("Paris", 3600))

func TestSetMeta(t *testing.T) {
	for _, c := range metaCases {
		t.Run(c.name, func(t *testing.T) {
			doc := parse(t, c.text)
			got := SetMeta(doc, "p1", "7", noon)
			if string(got) != c.set {
				t.Errorf("got  %s\nwant %s", got, c.set)
			}
			if again := SetMeta(parse(t, string(got)), "p1", "7", noon); string(again) != string(got) {
				t.Errorf("set twice: %s", again)
			}
			if same := SetMeta(doc, "", "", time.Time{}); string(same) != c.text {
				t.Errorf("nothing to set: %s", same)
			}
		})
	}
}

func TestStripMeta(t *testing.T) {
	for _, c := range metaCases {
		t.Run(c.name, func(t *testing.T) {
			doc := parse(t, c.text)
			if got := StripMeta(doc); string(got) != c.stripped {
				t.Errorf("got  %s\nwant %s", got, c.stripped)
			}
			if c.name == "meta is no object" {
				return // SetMeta mends it, so the contents differ
			}
			if got := StripMeta(parse(t, string(SetMeta(doc, "p1", "7", noon)))); string(got) != c.stripped {
				t.Errorf("after SetMeta: %s\nwant %s", got, c.stripped)
			}
		})
	}
}

func TestReferences(t *testing.T) {
	doc := parse(t, `{"resourceType":"Bundle","entry":[{"fullUrl":"urn:uuid:1","resource":{
		"subject":{"reference":"Patient/1","identifier":{"system":"urn:oid:1.2","value":"urn:uuid:2"}},
		"relatedArtifact":[{"url":"urn:uuid:3"}],"note":"see urn:uuid:4","basedOn":[{"reference":"#c"},{"reference":{}}]}}]}`)
	var got []string
	for n := range References(doc) {
		got = append(got, n.Text())
	}
	if want := []string{"Patient/1", "urn:oid:1.2", "urn:uuid:3", "#c"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for n := range References(doc) {
		text := Splice(doc, Replace(n, Quote("Patient/9")))
		if want := strings.Replace(doc.Text(), "Patient/1", "Patient/9", 1); string(text) != want {
			t.Errorf("rewritten: %s", text)
		}
		break
	}
}
