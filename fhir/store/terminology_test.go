package store_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
)

// What a search names and the store does not have is named again, so that it can
// be stored; unless it may be something else than a canonical.
func TestUnknownValueSetIsNamed(t *testing.T) {
	reg := registry(t)
	s := open(t, memory.Open(), reg)
	for value, named := range map[string]string{
		"http://acme.org/vs/x": "http://acme.org/vs/x",
		"urn:oid:1.2.3":        "urn:oid:1.2.3",
		"ValueSet/x":           "ValueSet/x",
		"Martin":               "?",
		"CodeSystem/x":         "?",
		"note: Martin":         "?",
		"http://acme.org/" + strings.Repeat("x", 200): "?",
	} {
		q := parse(t, reg, "Condition?code:in=x")
		q.Params[0].Values = []string{value}
		_, err := s.Search(t.Context(), q)
		var refused *fhir.Error
		if !errors.As(err, &refused) || refused.Issues[0].ID != "search.unknown-value-set" {
			t.Errorf("%s: %v", value, err)
			continue
		}
		if got := refused.Issues[0].Text.EN; got != "No ValueSet "+named+" is known here." {
			t.Errorf("%s: %s", value, got)
		}
	}
}
