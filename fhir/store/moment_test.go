package store_test

import (
	"testing"
	"time"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
	"github.com/cordee-sante/cordee/fhir/store"
	"github.com/cordee-sante/cordee/fhir/storetest"
)

// Of what was written in one millisecond, one after the other, the next
// criterion of _sort decides (R4 search.html#sort).
func TestSortWithinOneMoment(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	s, err := store.Open(store.Config{Engine: memory.Open(), Registry: registry(t), Validate: valid, Witness: &scripted{}, Clock: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, c := range []fhir.Change{putting("Patient", "a", `,"gender":"male"`), putting("Patient", "b", `,"gender":"female"`)} {
		if err := commit(s, c); err != nil {
			t.Fatal(err)
		}
	}
	for query, first := range map[string]string{"_lastUpdated,gender": "b", "_lastUpdated,-gender": "a", "-_lastUpdated,gender": "b", "-_lastUpdated,-gender": "a"} {
		q := parse(t, registry(t), "Patient?_sort="+query)
		q.Within = storetest.Everything
		page, err := s.Search(t.Context(), q)
		if err != nil || len(page.Matches) != 2 || page.Matches[0].ID != first || !page.Matches[0].LastUpdated.Equal(page.Matches[1].LastUpdated) {
			t.Errorf("%s: %v %v", query, page.Matches, err)
		}
	}
}
