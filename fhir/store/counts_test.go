package store_test

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
	"github.com/cordee-sante/cordee/fhir/store"
	"github.com/cordee-sante/cordee/fhir/storetest"
)

// countOf counts the Observations of a status that a view shows.
func countOf(t testing.TB, s *store.Store, view fhir.View, status string) int {
	t.Helper()
	page, err := s.Search(context.Background(), fhir.Query{Type: "Observation", Within: view, Summary: "count",
		Params: []fhir.Param{{Code: "status", Values: []string{status}}}})
	if err != nil {
		t.Fatal(err)
	}
	return page.Total
}

// TestCountsFollowChanges: whatever is kept of counts, by the store that makes
// the changes and by another on the same engine, they are those of a store that
// keeps none.
func TestCountsFollowChanges(t *testing.T) {
	reg := registry(t)
	rapid.Check(t, func(rt *rapid.T) {
		e := memory.Open()
		defer e.Close()
		opened := func(kept int64, w fhir.Witness) *store.Store {
			s, err := store.Open(store.Config{Engine: e, Registry: reg, Validate: valid, Witness: w, Kept: kept})
			if err != nil {
				rt.Fatal(err)
			}
			return s
		}
		writes := opened(0, &witness{})
		defer writes.Close()
		reads, plain := opened(0, nil), opened(-1, nil)
		defer reads.Close()
		defer plain.Close()
		if err := commit(writes, patient("p0"), patient("p1"), patient("p2")); err != nil {
			rt.Fatal(err)
		}
		for range rapid.IntRange(1, 25).Draw(rt, "steps") {
			id := fmt.Sprint("o", rapid.IntRange(0, 5).Draw(rt, "id"))
			change := noteOf(id, fmt.Sprint("p", rapid.IntRange(0, 2).Draw(rt, "patient")), rapid.SampledFrom([]string{"final", "amended"}).Draw(rt, "status"))
			if rapid.IntRange(0, 4).Draw(rt, "delete") == 0 {
				change = fhir.Change{Method: fhir.Delete, Key: change.Key}
			}
			if err := commit(writes, change); err != nil {
				rt.Fatal(err)
			}
			for _, status := range []string{"final", "amended"} {
				view := rapid.SampledFrom([]fhir.View{storetest.Everything, storetest.Hiding("p1")}).Draw(rt, "view")
				want := countOf(t, plain, view, status)
				for name, s := range map[string]*store.Store{"the store": writes, "the other store": reads} {
					for range rapid.IntRange(0, 2).Draw(rt, "times") {
						if got := countOf(t, s, view, status); got != want {
							rt.Fatalf("%s counts %d, want %d", name, got, want)
						}
					}
				}
			}
		}
	})
}

// TestCountsBesideWrites: a count while others write is that of some moment, and
// one after the last write that of the end.
func TestCountsBesideWrites(t *testing.T) {
	e := memory.Open()
	t.Cleanup(func() { e.Close() })
	s := opened(t, e, registry(t))
	if err := commit(s, patient("p")); err != nil {
		t.Fatal(err)
	}
	const each = 60
	var wg sync.WaitGroup
	for worker := range 2 {
		wg.Go(func() {
			for i := range each {
				if err := commit(s, noteOf(fmt.Sprintf("w%d-%d", worker, i), "p", "final")); err != nil {
					t.Error(err)
				}
			}
		})
		wg.Go(func() {
			last := 0
			for range each * 3 {
				n := countOf(t, s, storetest.Everything, "final")
				if n < last || n > 2*each {
					t.Errorf("%d after %d", n, last)
				}
				last = n
			}
		})
	}
	wg.Wait()
	if n := countOf(t, s, storetest.Everything, "final"); n != 2*each {
		t.Errorf("%d at the end, want %d", n, 2*each)
	}
}

// TestCountsAreKept: asked again, beside creates as well, a count reads no
// posting.
func TestCountsAreKept(t *testing.T) {
	e := &scanned{Engine: memory.Open()}
	t.Cleanup(func() { e.Close() })
	s := opened(t, e, registry(t))
	if err := commit(s, patient("p"), noteOf("a", "p", "final")); err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		if i > 0 {
			if err := commit(s, noteOf(fmt.Sprint("b", i), "p", "final")); err != nil {
				t.Fatal(err)
			}
		}
		e.scans.Store(0)
		n := countOf(t, s, storetest.Everything, "final")
		if scans := e.scans.Load(); n != i+1 || i > 0 && scans != 0 {
			t.Errorf("%d after %d creates, %d scans", n, i+1, scans)
		}
	}
}

// interrupted has something happen within the next scan of postings in a View.
type interrupted struct {
	kv.Engine
	during func()
}

func (e *interrupted) View(ctx context.Context, f func(kv.Reader) error) error {
	return e.Engine.View(ctx, func(r kv.Reader) error { return f(interrupting{r, e}) })
}

type interrupting struct {
	kv.Reader
	of *interrupted
}

func (r interrupting) Scan(ctx context.Context, ranges ...kv.Range) iter.Seq2[kv.Entry, error] {
	return func(yield func(kv.Entry, error) bool) {
		for e, err := range r.Reader.Scan(ctx, ranges...) {
			if during := r.of.during; during != nil && e.Key[0] == 'i' && e.Value != nil {
				r.of.during = nil
				during()
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// TestCountsOfABusyStore: what is written while a list is counted for the first time
// is not in that count, and is in the next, which reads no posting.
func TestCountsOfABusyStore(t *testing.T) {
	scans := &scanned{Engine: memory.Open()}
	e := &interrupted{Engine: scans}
	t.Cleanup(func() { e.Close() })
	s := opened(t, e, registry(t))
	if err := commit(s, patient("p"), noteOf("a", "p", "final"), noteOf("b", "p", "final")); err != nil {
		t.Fatal(err)
	}
	e.during = func() {
		gone := fhir.Change{Method: fhir.Delete, Key: fhir.Key{Type: "Observation", ID: "a"}}
		if err := commit(s, noteOf("c", "p", "final"), noteOf("d", "p", "final"), gone); err != nil {
			t.Error(err)
		}
	}
	if n := countOf(t, s, storetest.Everything, "final"); n != 2 {
		t.Errorf("%d in the snapshot from before, want 2", n)
	}
	scans.scans.Store(0)
	if n := countOf(t, s, storetest.Everything, "final"); n != 3 || scans.scans.Load() != 0 {
		t.Errorf("%d with %d scans after it, want 3 with none", n, scans.scans.Load())
	}
}
