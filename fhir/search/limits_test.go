package search_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/search"
)

// Each limit is one of the configuration, refuses the first query beyond it and
// says in both languages how far one may go.
func TestLimits(t *testing.T) {
	limits := search.Limits{Params: 6, Values: 2, Codes: 2, Chain: 3, Has: 1, Includes: 2, Filter: 120}
	coded := func(string, string) ([]search.Coding, error) {
		return []search.Coding{{Code: "a"}, {Code: "b"}, {Code: "c"}}, nil
	}
	reg, err := search.New(search.Config{Limits: limits, Codes: coded})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		within, beyond string
		id             string
		most           int
	}{
		{strings.Repeat("name=a&", 6), strings.Repeat("name=a&", 7), "search.too-many-parameters", 6},
		{"name=a,b", "name=a,b,c", "search.too-many-values", 2},
		{"link:Patient.link:Patient.link:Patient.name=a", "link:Patient.link:Patient.link:Patient.link:Patient.name=a", "search.chain-too-long", 3},
		{"_filter=link:Patient.link:Patient.name eq a", "_filter=" + strings.Repeat("link:Patient.", 4) + "name eq a", "search.chain-too-long", 3},
		{"_has:Observation:patient:code=a", "_has:Observation:patient:_has:Provenance:target:agent=a", "search.has-too-deep", 1},
		{"_filter=link:Patient[name eq a].name eq b", "_filter=" + strings.Repeat("link:Patient[name eq a].", 4) + "name eq b", "search.chain-too-long", 3},
		{"_filter=_has:Observation:patient:code eq a", "_filter=_has:Observation:patient:_has:Provenance:target:_id eq a", "search.has-too-deep", 1},
		{strings.Repeat("_revinclude=*&", 2), strings.Repeat("_revinclude=*&", 3), "search.too-many-includes", 2},
		{"_filter=name eq a", "_filter=name eq " + strings.Repeat("a", 120), "search.filter-too-long", 120},
	} {
		if err := parseText(reg, c.within); err != nil {
			t.Errorf("%s: %v", c.within, err)
		}
		refusedAt(t, c.beyond, parseText(reg, c.beyond), c.id, c.most)
	}
	_, err = reg.Compile("Observation", fhir.Param{Code: "code", Modifier: "in", Values: []string{"http://example.org/vs"}})
	refusedAt(t, "code:in", err, "search.too-many-codes", 2)
}

func parseText(reg *search.Registry, query string) error {
	pairs, err := search.Pairs(strings.ReplaceAll(query, " ", "%20"))
	if err == nil {
		_, _, _, err = search.Parse(reg, search.Request{Type: "Patient", Values: pairs, Strict: true})
	}
	return err
}

func refusedAt(t *testing.T, query string, err error, id string, most int) {
	t.Helper()
	var e *fhir.Error
	if !errors.As(err, &e) || e.Kind != fhir.Forbidden || e.Issues[0].ID != id || e.Issues[0].Code != fhir.CodeTooCostly {
		t.Errorf("%s: %v, want %s", query, err, id)
		return
	}
	for _, text := range []string{e.Issues[0].Text.EN + e.Issues[0].Hint.EN, e.Issues[0].Text.FR + e.Issues[0].Hint.FR} {
		if !strings.Contains(text, strconv.Itoa(most)) {
			t.Errorf("%s: %q does not tell that it is %d", query, text, most)
		}
	}
}
