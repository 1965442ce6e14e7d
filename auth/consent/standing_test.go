package consent

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cordee-sante/cordee/fhir"
)

// TestPropertyJudgementsStand: what a view judges it judges the same at every moment
// at which the judgement says that it stands.
func TestPropertyJudgementsStand(t *testing.T) {
	stood, changed := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		m := w.render()
		var facts []fhir.Facts
		for _, r := range drawRecords(t) {
			facts = append(facts, fhir.Facts{Key: fhir.Key{Type: r.typ, ID: r.id}, Contributor: r.contributor, Patients: r.patients, Labels: r.labels})
		}
		moments := []time.Time{now, now.AddDate(-1, 0, 0), now.AddDate(0, 0, -3), now.AddDate(0, 0, -1), now.Add(-time.Hour), now.Add(time.Hour), now.AddDate(0, 0, 1), now.AddDate(0, 0, 2), now.AddDate(20, 0, 0), now.AddDate(-20, 0, 0)}
		for range 10 {
			who := drawAsker(t, w)
			judge := func(moment time.Time) fhir.Judgement {
				v, err := at(moment).View(t.Context(), who, "Observation")
				if err != nil {
					t.Fatal(err)
				}
				j, err := v.(fhir.Standing).Judge(t.Context(), m, facts)
				if err != nil {
					t.Fatal(err)
				}
				if seen, err := v.Sees(t.Context(), m, facts); err != nil || !slices.Equal(seen, j.Visible) || !j.Stands(moment) {
					t.Fatalf("%v: sees %v, judges %+v at %v", err, seen, j, moment)
				}
				return j
			}
			first := judge(rapid.SampledFrom(moments).Draw(t, "moment"))
			for _, moment := range moments {
				same := slices.Equal(judge(moment).Visible, first.Visible)
				switch {
				case !first.Stands(moment) && !same:
					changed++
				case first.Stands(moment) && !same:
					t.Fatalf("judged %+v, which stands at %v, and is not what is judged then", first, moment)
				case first.Stands(moment):
					stood++
				}
			}
		}
	})
	if stood == 0 || changed == 0 {
		t.Errorf("%d judgements stood, %d did not and changed: the draw proves nothing", stood, changed)
	}
}
