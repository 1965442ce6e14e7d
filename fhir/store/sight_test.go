package store_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
)

// TestEpochsAreOfTheSnapshot proves that what searches remember of policies
// ends with the next change of any policy, on the next search.
func TestEpochsAreOfTheSnapshot(t *testing.T) {
	reg := registry(t)
	s := open(t, memory.Open(), reg)
	populate(t, s, 3)
	asked := func() map[string]uint64 {
		view := &caring{}
		q := parse(t, reg, "Observation?status=final")
		q.Within = view
		walkPages(t, s, q, 10)
		return view.known
	}
	before := asked()
	for n := range 3 {
		if again := asked(); fmt.Sprint(again) != fmt.Sprint(before) {
			t.Fatalf("without a change: %v, then %v", before, again)
		}
		patient := patientID(n)
		c := fhir.Change{Method: fhir.Update, Key: fhir.Key{Type: "CareTeam", ID: patient + "-t"},
			Body: fmt.Appendf(nil, `{"resourceType":"CareTeam","id":"%s-t","status":"inactive","subject":{"reference":"Patient/%s"}}`, patient, patient)}
		if _, err := s.Commit(context.Background(), []fhir.Change{c}); err != nil {
			t.Fatal(err)
		}
		after := asked()
		for p, epoch := range after {
			if changed := epoch != before[p]; changed != (p == patient) {
				t.Errorf("after a change about %s, the epoch of %s is %d, was %d", patient, p, epoch, before[p])
			}
		}
		if len(after) != 3 {
			t.Errorf("the view asked about %v", after)
		}
		before = after
	}
}
