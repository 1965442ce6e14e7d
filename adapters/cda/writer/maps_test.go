package writer_test

import (
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/adapters/adaptertest"
	"github.com/cordee-sante/cordee/adapters/cda"
	"github.com/cordee-sante/cordee/adapters/cda/writer"
	"github.com/cordee-sante/cordee/adapters/conceptmap"
	"github.com/cordee-sante/cordee/adapters/document"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// recorded is a document of records that never were CDA: a Composition with one
// section, Patient/p, and the resources. Those with an id of more than one letter are
// entries of the section.
func recorded(t testing.TB, bodies ...string) *document.Bundle {
	t.Helper()
	var entries []string
	list := []string{"", `{"resourceType":"Patient","id":"p","identifier":[{"system":"urn:oid:1.2.250.1.213.1.4.10","value":"247050001203496"}],"gender":"female"}`}
	list = append(list, bodies...)
	b := &document.Bundle{Timestamp: adaptertest.Now, Entries: make([]document.Entry, 1)}
	for _, body := range list[1:] {
		doc, err := fhirjson.Parse([]byte(body))
		if err != nil {
			t.Fatalf("%v: %s", err, body)
		}
		url := doc.Root().Get("resourceType").Text() + "/" + doc.Root().Get("id").Text()
		b.Entries = append(b.Entries, document.Entry{FullURL: url, Doc: doc})
		if id := doc.Root().Get("id").Text(); len(id) > 1 {
			entries = append(entries, `{"reference":"`+url+`"}`)
		}
	}
	doc, err := fhirjson.Parse([]byte(`{"resourceType":"Composition","id":"d","status":"final","subject":{"reference":"Patient/p"},"date":"2026-03-02T11:20:00+01:00","title":"Synthèse",
		"type":{"coding":[{"system":"http://loinc.org","code":"60591-5"}]},"section":[{"title":"Tout","entry":[` + strings.Join(entries, ",") + `]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	b.Entries[0] = document.Entry{FullURL: "Composition/d", Doc: doc}
	return b
}

// TestOneSourceForBothDirections: a ConceptMap that an operator writes changes what
// codes are read as and what they are written as, whichever FHIR requires.
func TestOneSourceForBothDirections(t *testing.T) {
	own := []byte(`{"resourceType":"ConceptMap","status":"active","group":[
		{"source":"urn:oid:2.999.7","target":"http://hl7.org/fhir/reaction-event-severity","element":[
			{"code":"L1","display":"faible chez nous","target":[{"code":"mild","equivalence":"equivalent"}]},{"code":"L3","target":[{"code":"severe","equivalence":"wider"}]}]},
		{"source":"http://terminology.hl7.org/CodeSystem/v3-ActStatus","target":"http://hl7.org/fhir/event-status","element":[
			{"code":"held","target":[{"code":"on-hold","equivalence":"equivalent"}]},{"code":"aborted","target":[{"code":"not-done","equivalence":"equivalent"}]}]},
		{"source":"http://mos.example/rencontre","target":"http://terminology.hl7.org/CodeSystem/v3-ActCode","element":[{"code":"EXTERNE","target":[{"code":"AMB","equivalence":"wider"}]}]},
		{"source":"http://hl7.org/fhir/request-priority","target":"http://terminology.hl7.org/CodeSystem/v3-ActPriority","element":[{"code":"urgent","target":[{"code":"RR","equivalence":"equivalent"}]}]},
		{"source":"urn:ietf:rfc:3986","target":"urn:ietf:rfc:3986","element":[{"code":"urn:oid:2.999.8","target":[{"code":"http://labo.example/codes","equivalence":"equal"}]},
			{"code":"urn:oid:2.999.9","target":[{"code":"http://mos.example/rencontre","equivalence":"equal"}]}]}]}`)
	maps, err := conceptmap.New(append(conceptmap.Shipped(), own)...)
	if err != nil {
		t.Fatal(err)
	}
	b := recorded(t,
		`{"resourceType":"AllergyIntolerance","id":"a1","patient":{"reference":"Patient/p"},"code":{"text":"Noix"},"reaction":[{"manifestation":[{"text":"Toux"}],"severity":"mild"},{"manifestation":[{"text":"Choc"}],"severity":"severe"}]}`,
		`{"resourceType":"Procedure","id":"x1","status":"on-hold","subject":{"reference":"Patient/p"},"code":{"coding":[{"system":"http://labo.example/codes","code":"K1"}]}}`,
		`{"resourceType":"Procedure","id":"x2","status":"stopped","subject":{"reference":"Patient/p"},"code":{"text":"Acte"}}`,
		`{"resourceType":"ServiceRequest","id":"s1","status":"active","intent":"order","priority":"urgent","subject":{"reference":"Patient/p"},"code":{"text":"Radio"}}`,
		`{"resourceType":"Encounter","id":"e1","status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"},"type":[{"coding":[{"system":"http://mos.example/rencontre","code":"EXTERNE"}]}],"subject":{"reference":"Patient/p"}}`,
	)
	for name, test := range map[string]struct {
		maps          *conceptmap.Maps
		written, read []string
	}{
		"shipped": {nil, []string{`code="255604002"`, `code="24484000"`, `code="suspended"`, `code="aborted"`, `priorityCode code="UR"`, `code code="AMB"`}, []string{`"severity":"mild"`, `"severity":"severe"`, `"status":"on-hold"`, `"status":"stopped"`, `"priority":"urgent"`, `"code":"AMB"`}},
		"his own": {maps, []string{`code="L1" displayName="faible chez nous" codeSystem="2.999.7"`, `code="24484000"`, `code="held"`, `statusCode nullFlavor`, `code code="K1" codeSystem="2.999.8"`, `priorityCode code="RR"`, `code code="EXTERNE" codeSystem="2.999.9"`},
			[]string{`"severity":"mild"`, `"severity":"severe"`, `"status":"on-hold"`, `"priority":"urgent"`, `"system":"http://labo.example/codes","code":"K1"`, `"code":"AMB"`, `"system":"http://mos.example/rencontre","code":"EXTERNE"`}},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := writer.Write(b, writer.Sources{Maps: test.maps})
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range test.written {
				if !strings.Contains(string(out), want) {
					t.Errorf("written without %s\n%s", want, out)
				}
			}
			in := adaptertest.Input(out)
			in.Maps = test.maps
			c, err := adaptertest.Check(t, cda.Adapter{}, in)
			if err != nil {
				t.Fatal(err)
			}
			var all strings.Builder
			for _, change := range c.Changes {
				all.Write(change.Body)
			}
			for _, want := range test.read {
				if !strings.Contains(all.String(), want) {
					t.Errorf("read without %s\n%s", want, all.String())
				}
			}
		})
	}
}
