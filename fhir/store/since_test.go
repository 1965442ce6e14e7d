package store_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
	"github.com/cordee-sante/cordee/fhir/store"
	"github.com/cordee-sante/cordee/fhir/storetest"
)

// A standing is what a model knows of a resource: when it was changed last, and
// whether the search finds it.
type standing struct {
	id    string
	round int // of changes, each one transaction
	found bool
}

func compareStanding(a, b standing) int {
	return cmp.Or(cmp.Compare(a.round, b.round), strings.Compare(a.id, b.id))
}

// TestPropertyChangesInOrder follows what has changed since a moment page by
// page, while others write: every page is what comes next in the order of last
// changes at its time, from whichever source, so that whoever follows the pages
// misses nothing.
func TestPropertyChangesInOrder(t *testing.T) {
	reg := registry(t)
	queries := map[string]fhir.Query{}
	for _, prefix := range []string{"gt", "ge", "sa"} {
		queries[prefix] = parse(t, reg, "Goal?lifecycle-status=active&_lastUpdated="+prefix+"2020-01-01")
	}
	rapid.Check(t, func(t *rapid.T) {
		e := memory.Open()
		defer e.Close()
		s, err := store.Open(store.Config{Engine: e, Registry: reg, Validate: valid, Witness: &scripted{}, Limits: store.Limits{Sorted: rapid.SampledFrom([]int{0, 1}).Draw(t, "sorted")},
			Prefer: rapid.SampledFrom([]fhir.Access{"", fhir.AccessFeed}).Draw(t, "prefer")})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		held, round := map[string]standing{}, 0
		change := func() {
			var changes []fhir.Change
			ids := rapid.SliceOfNDistinct(rapid.IntRange(0, 12), 1, 4, rapid.ID).Draw(t, "ids")
			round++
			for _, n := range ids {
				id := fmt.Sprint("g", n)
				c := fhir.Change{Method: fhir.Delete, Key: fhir.Key{Type: "Goal", ID: id}}
				kind := rapid.SampledFrom([]string{"deleted", "active", "active", "active", "planned", "secret"}).Draw(t, "kind")
				delete(held, id)
				if kind != "deleted" {
					c.Method, c.Body = fhir.Update, goal(id, kind, round)
					held[id] = standing{id, round, kind == "active"}
				}
				changes = append(changes, c)
			}
			if _, err := s.Commit(context.Background(), changes); err != nil {
				t.Fatal(err)
			}
		}
		for range rapid.IntRange(0, 8).Draw(t, "before") {
			change()
		}
		q := queries[rapid.SampledFrom([]string{"gt", "ge", "sa"}).Draw(t, "prefix")]
		q.Count, q.Within = rapid.IntRange(1, 4).Draw(t, "count"), storetest.Hiding("secret")
		if rapid.Bool().Draw(t, "total") {
			q.Total = fhir.TotalAccurate
		}
		var last standing
		for range 20 {
			want := slices.SortedFunc(maps.Values(held), compareStanding)
			want = slices.DeleteFunc(want, func(g standing) bool { return !g.found || compareStanding(g, last) <= 0 })
			more := len(want) > q.Count
			want = want[:min(len(want), q.Count)]
			page, err := s.Search(context.Background(), q)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, m := range page.Matches {
				got = append(got, m.ID)
			}
			if !slices.EqualFunc(got, want, func(id string, g standing) bool { return id == g.id }) || (page.Next != "") != more {
				t.Fatalf("got %v, more %v\nwant %v, more %v", got, page.Next != "", want, more)
			}
			if q.Cursor = page.Next; !more {
				return
			}
			last = want[len(want)-1]
			for range rapid.IntRange(0, 2).Draw(t, "meanwhile") {
				change()
			}
		}
	})
}

func goal(id, kind string, round int) []byte {
	status, meta := kind, ""
	if kind == "secret" {
		status, meta = "active", `"meta":{"security":[{"code":"secret"}]},`
	}
	return fmt.Appendf(nil, `{"resourceType":"Goal","id":"%s",%s"lifecycleStatus":"%s","description":{"text":"%d"},"subject":{"reference":"Patient/p"}}`, id, meta, status, round)
}

// TestOrderOfChanges: which searches are in the order of last changes follows
// from what they ask, whatever they find and however.
func TestOrderOfChanges(t *testing.T) {
	reg := registry(t)
	s := open(t, memory.Open(), reg)
	for i, id := range []string{"c", "a", "b"} {
		if _, err := s.Commit(t.Context(), []fhir.Change{{Method: fhir.Update, Key: fhir.Key{Type: "Goal", ID: id}, Body: goal(id, "active", i)}}); err != nil {
			t.Fatal(err)
		}
	}
	for query, want := range map[string]string{
		"Goal?":                                              "a b c",
		"Goal?_lastUpdated=gt2020":                           "c a b",
		"Goal?_lastUpdated=ge2020":                           "c a b",
		"Goal?_lastUpdated=sa2020":                           "c a b",
		"Goal?_lastUpdated=ne2020":                           "a b c",
		"Goal?_lastUpdated=lt2999":                           "a b c",
		"Goal?_lastUpdated=gt2020,gt2021":                    "a b c",
		"Goal?_lastUpdated=gt2020&_lastUpdated=lt2999":       "c a b",
		"Goal?_lastUpdated:missing=false":                    "a b c",
		"Goal?_lastUpdated=gt2020&_sort=_id":                 "a b c",
		"Goal?_lastUpdated=gt2020&_sort=-_lastUpdated":       "b a c",
		"Goal?_lastUpdated=gt2020&lifecycle-status=active":   "c a b",
		"Goal?_lastUpdated=gt2020&subject=Patient/p":         "c a b",
		"Goal?_lastUpdated=gt2020&_id=a,c":                   "c a",
		"Patient/p/Goal?_lastUpdated=gt2020":                 "c a b",
		"Patient/p/*?_lastUpdated=gt2020":                    "a b c",
		"?_type=Goal&_lastUpdated=gt2020":                    "a b c",
		"Goal?_lastUpdated=gt2020&_contained=both":           "a b c",
		"Goal?_lastUpdated=gt2020&lifecycle-status:not=test": "c a b",
	} {
		q := parse(t, reg, query)
		q.Count = 2
		var got []string
		for _, page := range walkPages(t, s, q, 5) {
			for _, m := range page.Matches {
				got = append(got, m.ID)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", query, got, want)
		}
	}
}
