package store_test

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
)

// TestBytesAreTheTruth stores real resources of others and reads them back:
// every byte is as it was sent, id and meta apart (promise 1).
func TestBytesAreTheTruth(t *testing.T) {
	s := newStore(t, memory.Open(), &scripted{})
	roundTrip(t, s, []byte("{ \"resourceType\" : \"Patient\",\r\n\t\"id\":\"x\", \"multipleBirthInteger\":  2,\"_birthDate\":{\"extension\":[{\"url\":\"urn:e\",\"valueDecimal\":1.00}]},\n\"contained\":[{\"resourceType\":\"Patient\",\"id\":\"c\",\"name\":[{\"text\":\"\\u00e9<b>\"}]}]}"))
	roundTrip(t, s, []byte(`{"resourceType":"Observation","status":"final","code":{"text":"t"},"meta":{"profile":["urn:p"],"versionId":"9","lastUpdated":"2001-01-01T00:00:00+02:00"},"valueQuantity":{"value":12345678901234567890.1234567890}}`))

	const folder = "../../../shared/samples/fhir"
	if _, err := os.Stat(folder); err != nil {
		t.Log("the collected samples are not here: only the two built in were tried")
		return
	}
	n := 0
	err := filepath.WalkDir(folder, func(name string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, ".json") {
			return err
		}
		text, err := os.ReadFile(name)
		if err == nil {
			n++
			t.Run(filepath.Base(name), func(t *testing.T) { roundTrip(t, s, text) })
		}
		return err
	})
	if err != nil || n < 100 {
		t.Errorf("%d samples: %v", n, err)
	}
}

func roundTrip(t *testing.T, s fhir.Repository, text []byte) {
	t.Helper()
	sent, err := fhirjson.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	typ := sent.Root().Get("resourceType").Text()
	got, err := s.Commit(context.Background(), []fhir.Change{{Method: fhir.Create, Key: fhir.Key{Type: typ}, Body: text}})
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Read(context.Background(), got[0].Current())
	if err != nil {
		t.Fatal(err)
	}
	kept, err := fhirjson.Parse(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(fhirjson.StripMeta(kept), fhirjson.StripMeta(sent)) {
		t.Errorf("the bytes changed:\nsent %.300s\nkept %.300s", text, r.Body)
	}
}

// What a transaction puts in place of its links changes no byte around them, nor
// one of a narrative that has none.
func TestLinksLeaveOtherBytes(t *testing.T) {
	s := newStore(t, memory.Open(), &scripted{})
	const link = "urn:uuid:c3333333-3333-4333-8333-333333333333"
	patient := putting("Patient", "p", "")
	patient.FullURL = link
	body := func(narrative, to string) string {
		return `{"resourceType":"Condition","text":{"status":"generated","div":"` + narrative + `" } , "subject" : {"reference":"` + to + `"}}`
	}
	for sent, kept := range map[string]string{
		`<div xmlns=\"http://www.w3.org/1999/xhtml\">\u00e9 &amp; \u003cb>x</b></div>`:                    `<div xmlns=\"http://www.w3.org/1999/xhtml\">\u00e9 &amp; \u003cb>x</b></div>`,
		`<div xmlns=\"http://www.w3.org/1999/xhtml\">é &lt; <a href=\"` + link + `\">x</a></div>`:         `<div xmlns=\"http://www.w3.org/1999/xhtml\">é &lt; <a href=\"Patient/p\">x</a></div>`,
		`<div xmlns=\"http://www.w3.org/1999/xhtml\"><a href=\"http://acme.org?a=1&amp;b=2\">x</a></div>`: `<div xmlns=\"http://www.w3.org/1999/xhtml\"><a href=\"http://acme.org?a=1&amp;b=2\">x</a></div>`,
	} {
		got, err := s.Commit(t.Context(), []fhir.Change{patient, {Method: fhir.Create, Key: fhir.Key{Type: "Condition"}, Body: []byte(body(sent, link))}})
		if err != nil {
			t.Fatal(err)
		}
		r, err := s.Read(t.Context(), got[1].Current())
		if _, want, _ := strings.Cut(body(kept, "Patient/p"), `"text"`); err != nil || !strings.HasSuffix(string(r.Body), want) {
			t.Errorf("%v\n got %s\nwant …%s", err, r.Body, want)
		}
	}
}
