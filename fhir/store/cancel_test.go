package store_test

import (
	"context"
	"errors"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/kv/badger"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
)

// impatient is a view whose caller goes away after the first records.
type impatient struct {
	caring
	cancel context.CancelFunc
	asked  int
}

func (v *impatient) Sees(_ context.Context, _ fhir.Snapshot, facts []fhir.Facts) ([]bool, error) {
	v.cancel()
	v.asked++
	return make([]bool, len(facts)), nil // nothing: the search would go on
}

// TestCancelledSearchStops: who goes away in the middle of a scan is not
// worked for any longer, on either engine.
func TestCancelledSearchStops(t *testing.T) {
	reg := registry(t)
	onDisk, err := badger.Open(badger.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	for name, e := range map[string]kv.Engine{"memory": memory.Open(), "badger": onDisk} {
		s := open(t, e, reg)
		populate(t, s, 30)
		for _, text := range []string{"Observation?_count=5", "Observation?status=final&_count=5", "Observation?_sort=date&_count=5", "Observation?status:not=amended&_count=5"} {
			ctx, cancel := context.WithCancel(t.Context())
			view := &impatient{cancel: cancel}
			q := parse(t, reg, text)
			q.Within = view
			if _, err := s.Search(ctx, q); !errors.Is(err, context.Canceled) {
				t.Errorf("%s on %s: %v, want that it was cancelled", text, name, err)
			}
			if view.asked > 1 {
				t.Errorf("%s on %s: the view was asked %d times", text, name, view.asked)
			}
			cancel()
		}
	}
}
