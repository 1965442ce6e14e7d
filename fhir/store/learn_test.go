package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
	"github.com/cordee-sante/cordee/fhir/storetest"
)

// few is a view of the records of some patients, which its bounds name; it counts
// what it is asked about.
type few struct {
	open  map[string]bool
	asked *int
}

func (v few) Now() time.Time      { return time.Unix(0, 0) }
func (v few) Fingerprint() []byte { return []byte("few") }

func (v few) Sees(_ context.Context, _ fhir.Snapshot, facts []fhir.Facts) ([]bool, error) {
	time.Sleep(200 * time.Microsecond) // as policies take
	seen := make([]bool, len(facts))
	for i := range facts {
		*v.asked++
		seen[i] = v.open[facts[i].Patients[0]]
	}
	return seen, nil
}

func (v few) Alike(_ context.Context, _ fhir.Snapshot, facts []fhir.Facts) ([]bool, error) {
	alike := make([]bool, len(facts))
	for i := range alike {
		alike[i] = true
	}
	return alike, nil
}

func (v few) Judge(ctx context.Context, snap fhir.Snapshot, facts []fhir.Facts) (j fhir.Judgement, err error) {
	j.Visible, _ = v.Sees(ctx, snap, facts)
	j.Alike, err = v.Alike(ctx, snap, facts)
	return j, err
}

func (v few) Bounds(context.Context, fhir.Snapshot, string) (*fhir.Bounds, error) {
	b := &fhir.Bounds{}
	for p := range v.open {
		b.Patients = append(b.Patients, p)
	}
	return b, nil
}

// TestCountsByBoundsLearn: who counts by the bounds of the view comes to count from
// memory, some groups at a time.
func TestCountsByBoundsLearn(t *testing.T) {
	s := open(t, memory.Open(), registry(t))
	const patients = 4500
	for i := 0; i < patients; i += 500 {
		var changes []fhir.Change
		for k := range 500 {
			p := fmt.Sprintf("p%06d", i+k)
			changes = append(changes, patient(p), noteOf("o"+p, p, "final"))
		}
		if err := commit(s, changes...); err != nil {
			t.Fatal(err)
		}
	}
	asked := 0
	view := few{map[string]bool{}, &asked}
	for i := range 20 {
		view.open[fmt.Sprintf("p%06d", 10*i)] = true
	}
	if n := countOf(t, s, storetest.Everything, "final"); n != patients {
		t.Fatalf("%d of %d", n, patients)
	}
	for i := range 1000 {
		before := asked
		if n := countOf(t, s, view, "final"); n != len(view.open) {
			t.Fatalf("count %d: %d, want %d", i, n, len(view.open))
		}
		if asked == before {
			return
		}
	}
	t.Error("after 1,000 counts the view is still asked")
}
