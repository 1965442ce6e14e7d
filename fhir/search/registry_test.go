package search

import (
	"sync"
	"testing"
	"time"

	tables "github.com/cordee-sante/cordee/fhir/r4"
)

func registry(t testing.TB) *Registry {
	t.Helper()
	paris(t)
	r, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// shared is the registry of most tests: it takes longer to make than they do.
var shared = sync.OnceValues(func() (*Registry, error) {
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		return nil, err
	}
	return New(Config{Base: "https://example.org/fhir", Zone: zone})
})

func TestAllPublishedParametersCompile(t *testing.T) {
	start := time.Now()
	r, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d parameters in %v", len(tables.Params()), time.Since(start))
	for _, p := range tables.Params() {
		types := []string{p.Base}
		if p.Base == "Resource" {
			types = tables.Types()
		}
		for _, typ := range types {
			got, ok := r.Param(typ, p.Code)
			if !ok || got.URL != p.URL || got.Type.String() != p.Type {
				t.Errorf("%s %s: %v %+v", typ, p.Code, ok, got)
			}
		}
	}
}

func TestParameterIDs(t *testing.T) {
	r, seen := registry(t), map[uint32]*Param{}
	for _, typ := range tables.Types() {
		for _, p := range r.Params(typ) {
			if other := seen[p.ID]; other != nil && other != p {
				t.Errorf("%s.%s and %s.%s share %08x", p.Base, p.Code, other.Base, other.Code, p.ID)
			}
			seen[p.ID] = p
		}
	}
	if p, _ := r.Param("Patient", "birthdate"); p.ID != 0x0d04d285 {
		t.Errorf("Patient.birthdate has the ID %08x: stores that exist would be lost", p.ID)
	}
}

// The url of a Device or of a Subscription is an address, by which no canonical
// names it (R4 references.html#canonical).
func TestURLParam(t *testing.T) {
	for typ, want := range map[string]bool{"Questionnaire": true, "StructureDefinition": true, "Device": false, "Subscription": false, "Patient": false} {
		if p, ok := registry(t).URLParam(typ); ok != want || ok && p.Code != "url" {
			t.Errorf("%s: %v", typ, ok)
		}
	}
}
