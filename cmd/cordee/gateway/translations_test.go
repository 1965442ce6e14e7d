package gateway

import (
	"context"
	"testing"

	"github.com/cordee-sante/cordee/adapters/conceptmap"
	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
)

// TestOperatorsLoadTranslations: a ConceptMap counts from the next document on,
// and until it is deleted; what an operator made of a shipped one stays.
func TestOperatorsLoadTranslations(t *testing.T) {
	data := t.TempDir()
	s, stop := started(t, configuration(t, data))
	g := s.Gateway()
	scopes, err := auth.ParseScopes("system/*.cruds")
	if err != nil {
		t.Fatal(err)
	}
	registrar := auth.WithPrincipal(context.Background(), auth.Principal{Client: "test", Organization: "Organization/o", Roles: []string{auth.RoleRegistrar}, Purpose: "HOPERAT", Scopes: scopes})
	write := func(c fhir.Change) {
		t.Helper()
		if _, err := g.Records().Commit(registrar, []fhir.Change{c}); err != nil {
			t.Fatal(err)
		}
	}
	translates := func() bool {
		t.Helper()
		m, err := g.translations.of(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		return len(m.Translate(conceptmap.Code{System: "http://a", Code: "1"})) > 0
	}
	if translates() {
		t.Error("a translation out of nothing")
	}
	if m, _ := g.translations.of(context.Background()); m.URI("2.16.840.1.113883.6.1") != "http://loinc.org" {
		t.Error("the shipped map is not there")
	}
	if _, err := g.store.Read(context.Background(), fhir.Key{Type: "StructureDefinition", ID: "cda-element"}); err != nil {
		t.Errorf("the extensions are not defined: %v", err)
	}
	key := fhir.Key{Type: "ConceptMap", ID: "local"}
	write(fhir.Change{Method: fhir.Update, Key: key, Body: []byte(`{"resourceType":"ConceptMap","id":"local","status":"active","group":[{"source":"http://a","target":"http://b","element":[{"code":"1","target":[{"code":"2","equivalence":"equal"}]}]}]}`)})
	if !translates() {
		t.Error("the map does not count")
	}
	write(fhir.Change{Method: fhir.Delete, Key: key})
	if translates() {
		t.Error("the deleted map counts")
	}
	shipped := fhir.Key{Type: "ConceptMap", ID: "oid-uri"}
	write(fhir.Change{Method: fhir.Update, Key: shipped, Body: []byte(`{"resourceType":"ConceptMap","id":"oid-uri","version":"1","status":"retired"}`)})
	stop()
	s, stop = started(t, configuration(t, data))
	defer stop()
	if m, err := s.Gateway().translations.of(context.Background()); err != nil || m.URI("2.16.840.1.113883.6.1") != "" {
		t.Errorf("the shipped map came back: %v", err)
	}
}
