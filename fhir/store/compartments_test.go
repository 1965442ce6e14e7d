package store_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
	"github.com/cordee-sante/cordee/fhir/store"
	"github.com/cordee-sante/cordee/fhir/storetest"
)

func noteOf(id, patient, status string) fhir.Change {
	body := fmt.Sprintf(`{"resourceType":"Observation","id":%q,"status":%q,"code":{"text":"note"},"subject":{"reference":"Patient/%s"}}`, id, status, patient)
	return fhir.Change{Method: fhir.Update, Key: fhir.Key{Type: "Observation", ID: id}, Body: []byte(body)}
}

// notes asks for the final Observations of a patient, by search and by everything.
func notes(t *testing.T, s *store.Store, patient string) string {
	t.Helper()
	found := func(q fhir.Query) string {
		q.Within, q.Count = storetest.Everything, 100
		page, err := s.Search(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, r := range page.Matches {
			if r.Type == "Observation" && strings.Contains(string(r.Body), `"final"`) {
				ids = append(ids, r.ID+"/"+r.Version)
			}
		}
		slices.Sort(ids)
		return strings.Join(ids, " ")
	}
	one := found(fhir.Query{Type: "Observation", Params: []fhir.Param{{Code: "patient", Values: []string{"Patient/" + patient}}, {Code: "status", Values: []string{"final"}}}})
	all := found(fhir.Query{Compartment: fhir.Key{Type: "Patient", ID: patient}})
	if one != all {
		t.Fatalf("the search finds %q, everything finds %q", one, all)
	}
	return one
}

// TestCompartmentsFollowChanges: what was kept of a patient is never taken for
// what is there now, by the store that made the change and by another that
// shares the engine.
func TestCompartmentsFollowChanges(t *testing.T) {
	e, reg := memory.Open(), registry(t)
	t.Cleanup(func() { e.Close() })
	s := opened(t, e, reg)
	if err := commit(s, patient("p"), patient("q"), noteOf("a", "p", "final")); err != nil {
		t.Fatal(err)
	}
	other := opened(t, e, reg)
	for _, step := range []struct {
		does   string
		change fhir.Change
		p, q   string
	}{
		{"nothing", patient("p"), "a/1", ""},
		{"create", noteOf("b", "p", "final"), "a/1 b/1", ""},
		{"update what is found", noteOf("a", "p", "amended"), "b/1", ""},
		{"update it back", noteOf("a", "p", "final"), "a/3 b/1", ""},
		{"move to another patient", noteOf("a", "q", "final"), "b/1", "a/4"},
		{"delete", fhir.Change{Method: fhir.Delete, Key: fhir.Key{Type: "Observation", ID: "b"}}, "", "a/4"},
		{"bring back", noteOf("b", "p", "final"), "b/3", "a/4"},
	} {
		if err := commit(s, step.change); err != nil {
			t.Fatal(err)
		}
		for range 2 { // not kept, and kept
			for name, s := range map[string]*store.Store{"the store": s, "the other store": other} {
				if p, q := notes(t, s, "p"), notes(t, s, "q"); p != step.p || q != step.q {
					t.Errorf("%s, after %s: %q and %q, want %q and %q", name, step.does, p, q, step.p, step.q)
				}
			}
		}
	}
}

// scanned counts the scans of an engine's Views.
type scanned struct {
	kv.Engine
	scans atomic.Int64
}

func (e *scanned) View(ctx context.Context, f func(kv.Reader) error) error {
	return e.Engine.View(ctx, func(r kv.Reader) error { return f(scanning{r, e}) })
}

type scanning struct {
	kv.Reader
	of *scanned
}

func (r scanning) Scan(ctx context.Context, ranges ...kv.Range) iter.Seq2[kv.Entry, error] {
	r.of.scans.Add(1)
	return r.Reader.Scan(ctx, ranges...)
}

// TestCompartmentsAreKept: asked again, a search reads no row of the patient.
func TestCompartmentsAreKept(t *testing.T) {
	e := &scanned{Engine: memory.Open()}
	t.Cleanup(func() { e.Close() })
	s := opened(t, e, registry(t))
	if err := commit(s, patient("p"), noteOf("a", "p", "final"), noteOf("b", "p", "final")); err != nil {
		t.Fatal(err)
	}
	first := notes(t, s, "p")
	e.scans.Store(0)
	if again, n := notes(t, s, "p"), e.scans.Load(); again != first || n != 0 {
		t.Errorf("asked again: %q after %q, %d scans", again, first, n)
	}
}

// TestA23NobodyIsNotKept: a patient who is not there is looked for each time, as
// the nobody is whom a search for a withheld patient looks for besides.
func TestA23NobodyIsNotKept(t *testing.T) {
	e := &scanned{Engine: memory.Open()}
	t.Cleanup(func() { e.Close() })
	s := opened(t, e, registry(t))
	if err := commit(s, patient("p"), noteOf("a", "p", "final")); err != nil {
		t.Fatal(err)
	}
	notes(t, s, "nobody")
	e.scans.Store(0)
	if found, n := notes(t, s, "nobody"), e.scans.Load(); found != "" || n != 2 {
		t.Errorf("asked again about nobody: %q, %d scans, want 2", found, n)
	}
}

// TestCompartmentsPageOn: a page begins after the one before, kept or not.
func TestCompartmentsPageOn(t *testing.T) {
	e := memory.Open()
	t.Cleanup(func() { e.Close() })
	s := opened(t, e, registry(t))
	changes := []fhir.Change{patient("p")}
	for i := range 25 {
		changes = append(changes, noteOf(fmt.Sprintf("n%02d", i), "p", "final"))
	}
	if err := commit(s, changes...); err != nil {
		t.Fatal(err)
	}
	for _, q := range []fhir.Query{
		{Type: "Observation", Params: []fhir.Param{{Code: "patient", Values: []string{"p"}}}},
		{Compartment: fhir.Key{Type: "Patient", ID: "p"}, Types: []string{"Observation"}},
	} {
		q.Within = storetest.Everything
		for _, count := range []int{100, 4, 7} { // the first fills the memory
			q.Count, q.Cursor = count, ""
			var ids []string
			for {
				page, err := s.Search(t.Context(), q)
				if err != nil {
					t.Fatal(err)
				}
				for _, r := range page.Matches {
					ids = append(ids, r.ID)
				}
				if q.Cursor = page.Next; q.Cursor == "" {
					break
				}
			}
			if len(ids) != 25 || !slices.IsSorted(ids) {
				t.Errorf("%d at a time: %v", count, ids)
			}
		}
	}
}
