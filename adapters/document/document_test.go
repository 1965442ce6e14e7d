package document_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/adapters/adaptertest"
	"github.com/cordee-sante/cordee/adapters/document"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/profile"
	"github.com/cordee-sante/cordee/fhir/rest"
	"github.com/cordee-sante/cordee/fhir/search"
)

const base = "https://gateway.example/fhir"

// stored is a small document: the treatment refers to a medicine, which the
// Composition does not name.
var stored = []string{
	`{"resourceType":"Composition","id":"c","status":"final","type":{"text":"Lettre"},"subject":{"reference":"Patient/p"},"date":"2026-03-02","author":[{"reference":"Practitioner/d"}],"title":"Lettre","section":[{"title":"Traitements","entry":[{"reference":"MedicationStatement/t"},{"reference":"https://gateway.example/fhir/Condition/k"}]}]}`,
	`{"resourceType":"Patient","id":"p","name":[{"family":"D'ALMEIDA"}]}`,
	`{"resourceType":"Practitioner","id":"d","name":[{"family":"LE GOFF"}]}`,
	`{"resourceType":"MedicationStatement","id":"t","status":"active","medicationReference":{"reference":"Medication/m"},"subject":{"reference":"Patient/p"}}`,
	`{"resourceType":"Medication","id":"m","code":{"text":"Metformine"}}`,
	`{"resourceType":"Condition","id":"k","code":{"text":"Diabète"},"subject":{"reference":"Patient/p"},"evidence":[{"detail":[{"reference":"Condition/k"}]}]}`,
}

func documents(repo document.Repository) *document.Documents {
	return &document.Documents{Repo: repo, Base: base, Clock: func() time.Time { return adaptertest.Now }}
}

func types(b *document.Bundle) string {
	var list []string
	for _, e := range b.Entries {
		list = append(list, strings.TrimPrefix(e.FullURL, base+"/"))
	}
	return strings.Join(list, " ")
}

var composition = fhir.Key{Type: "Composition", ID: "c"}

func TestDocument(t *testing.T) {
	b, err := documents(adaptertest.NewRecords(t, stored...)).Of(t.Context(), composition)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := types(b), "Composition/c Patient/p Practitioner/d MedicationStatement/t Condition/k Medication/m"; got != want {
		t.Errorf("entries\n got %s\nwant %s", got, want)
	}
	text := b.JSON()
	for _, body := range stored {
		if !bytes.Contains(text, []byte(body)) {
			t.Errorf("not byte for byte: %s", body)
		}
	}
	doc, err := fhirjson.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, issue := range profile.Validate(doc) {
		if issue.Severity == fhir.SeverityError {
			t.Errorf("%s at %s", issue.ID, issue.At)
		}
	}
}

// TestC05WithheldLooksDeleted: what may not be seen is left out, as what was
// deleted is, and nothing else changes.
func TestC05WithheldLooksDeleted(t *testing.T) {
	withheld := adaptertest.NewRecords(t, stored...)
	withheld.Withheld[fhir.Key{Type: "Condition", ID: "k"}] = true
	a, err := documents(withheld).Of(t.Context(), composition)
	if err != nil {
		t.Fatal(err)
	}
	b, err := documents(adaptertest.NewRecords(t, stored[:5]...)).Of(t.Context(), composition)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.JSON(), b.JSON()) || strings.Contains(types(a), "Condition") {
		t.Errorf("withheld\n%s\ndeleted\n%s", a.JSON(), b.JSON())
	}
	withheld.Withheld[composition] = true
	_, hidden := documents(withheld).Of(t.Context(), composition)
	_, absent := documents(withheld).Of(t.Context(), fhir.Key{Type: "Composition", ID: "none"})
	if fhir.KindOf(hidden) != fhir.NotFound || hidden.Error() != absent.Error() {
		t.Errorf("withheld %v, absent %v", hidden, absent)
	}
}

func TestOperation(t *testing.T) {
	op := documents(adaptertest.NewRecords(t, stored...)).Operation()
	for name, tt := range map[string]struct {
		id          string
		input, with string
		kind        fhir.Kind
	}{
		"an instance":           {id: "c"},
		"by id":                 {input: "id", with: "c"},
		"by reference":          {input: "id", with: "Composition/c"},
		"by URL":                {input: "id", with: base + "/Composition/c"},
		"of another server":     {input: "id", with: "https://elsewhere.example/fhir/Composition/c", kind: fhir.Malformed},
		"of nothing":            {kind: fhir.Malformed},
		"not to be stored":      {id: "c", input: "persist", with: "false"},
		"to be stored":          {id: "c", input: "persist", with: "true", kind: fhir.NotImplemented},
		"along a graph":         {id: "c", input: "graph", with: "http://example.org/graph", kind: fhir.NotImplemented},
		"an unknown parameter":  {id: "c", input: "presist", with: "true", kind: fhir.Malformed},
		"one that is not there": {id: "none", kind: fhir.NotFound},
	} {
		call := rest.Call{Key: fhir.Key{Type: "Composition", ID: tt.id}}
		if tt.input != "" {
			call.Params = []search.Pair{{Name: tt.input, Value: tt.with}}
		}
		if _, err := op.Handle(t.Context(), call); fhir.KindOf(err) != tt.kind {
			t.Errorf("%s: %v, want %v", name, err, tt.kind)
		}
	}
}
