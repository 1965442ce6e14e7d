package store_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
	"github.com/cordee-sante/cordee/fhir/store"
)

// Each limit is one of the configuration. What goes beyond it is refused, in both
// languages with the number, or cut with a warning that says so.
func TestLimits(t *testing.T) {
	reg, e := registry(t), memory.Open()
	populate(t, open(t, e, reg), 4)
	for _, c := range []struct {
		query  string
		limits store.Limits
		id     string
	}{
		{"Observation?subject:Patient.birthdate=gt1800", store.Limits{Chain: 1}, "search.chain-costly"},
		{"Patient?_has:Observation:patient:status=final", store.Limits{Chain: 5}, "search.chain-costly"},
		{"Observation?_content=mmHg", store.Limits{Bodies: 5}, "search.content-costly"},
		{"Patient?_revinclude=*", store.Limits{Breadth: 100}, "search.include-costly"},
		{"Patient?_revinclude=Observation:*", store.Limits{Breadth: 5}, "search.include-costly"},
		{"Patient?_revinclude=Observation:patient", store.Limits{Included: 5}, "search.include-cut"},
	} {
		s, err := store.Open(store.Config{Engine: e, Registry: reg, Validate: valid, Witness: &witness{}, Limits: c.limits})
		if err != nil {
			t.Fatal(err)
		}
		most := max(c.limits.Chain, c.limits.Sorted, c.limits.Bodies, c.limits.Breadth, c.limits.Included)
		page, err := s.Search(t.Context(), parse(t, reg, c.query))
		var refused *fhir.Error
		issues := page.Issues
		if errors.As(err, &refused) && refused.Kind == fhir.Forbidden {
			issues = refused.Issues
		}
		if len(issues) != 1 || issues[0].ID != c.id || issues[0].Code != fhir.CodeTooCostly {
			t.Errorf("%s: %v %v, want %s", c.query, err, issues, c.id)
			continue
		}
		for _, text := range []string{issues[0].Text.EN, issues[0].Text.FR} {
			if !strings.Contains(text, strconv.Itoa(most)) {
				t.Errorf("%s: %q does not tell that it is %d", c.query, text, most)
			}
		}
	}
}

// A search for more patients than are read one after the other is answered from
// postings: the same, and no refusal.
func TestPatientsLimit(t *testing.T) {
	reg, e := registry(t), memory.Open()
	populate(t, open(t, e, reg), 4)
	found := map[int]int{}
	for _, most := range []int{1, 3} {
		s, err := store.Open(store.Config{Engine: e, Registry: reg, Validate: valid, Witness: &witness{}, Limits: store.Limits{Patients: most}})
		if err != nil {
			t.Fatal(err)
		}
		page, err := s.Search(t.Context(), parse(t, reg, "Observation?patient=p000001,p000002&_summary=count"))
		if err != nil {
			t.Fatal(err)
		}
		found[most] = page.Total
	}
	if found[1] == 0 || found[1] != found[3] {
		t.Errorf("found %v", found)
	}
}
