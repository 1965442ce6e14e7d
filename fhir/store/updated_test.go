package store_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/kv/badger"
	"github.com/cordee-sante/cordee/fhir/kv/counting"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
	"github.com/cordee-sante/cordee/fhir/store"
	"github.com/cordee-sante/cordee/fhir/storetest"
)

// updateAll changes each of some Goals once, in another order each round, so many
// in a transaction.
func updateAll(t testing.TB, s *store.Store, round, goals, together int) {
	t.Helper()
	for i := 0; i < goals; i += together {
		var changes []fhir.Change
		for k := range together {
			id := fmt.Sprintf("g%05d", (i+k*(2*round+1)*together+k)%goals)
			changes = append(changes, fhir.Change{Method: fhir.Update, Key: fhir.Key{Type: "Goal", ID: id}, Body: goal(id, "active", i*100+round)})
		}
		if err := commit(s, changes...); err != nil {
			t.Fatal(err)
		}
	}
}

// TestUpdatesDoNotShow: what a walk looks at follows its answer, however often the
// resources have been updated before: only the bodies of a page, the rows of its
// candidates and the changes that name them are read.
func TestUpdatesDoNotShow(t *testing.T) {
	reg := registry(t)
	e := counting.New(memory.Open())
	s := open(t, e, reg)
	queries := []string{"Goal?lifecycle-status=active&_lastUpdated=gt2020-01-01&_count=20", "Goal?_lastUpdated=gt2020-01-01&_count=20", "Goal?_sort=-_lastUpdated&_count=20",
		"Goal?_lastUpdated=gt2020-01-01&_sort=_id&_count=20", "Goal?_lastUpdated=gt2020-01-01&_summary=count"}
	walk := func(query string) (rows, trips, found int) {
		e.Reset()
		for _, page := range walkPages(t, s, parse(t, reg, query), 5) {
			found += len(page.Matches) + max(page.Total, 0)
		}
		return e.Rows(), e.Trips(), found
	}
	before := map[string][2]int{}
	for round := range 12 {
		updateAll(t, s, round, 400, 20)
		for _, query := range queries {
			rows, trips, found := walk(query)
			if round == 0 {
				before[query] = [2]int{rows, trips}
			}
			if found < 100 {
				t.Fatalf("%s: finds %d", query, found)
			}
			if rows > before[query][0]+before[query][0]/10 || trips > before[query][1] {
				t.Errorf("%s: %d rows in %d round trips after %d updates of each, %v before", query, rows, trips, round, before[query])
			}
		}
	}
}

// TestFeedIsTried: where it is not sure that the last changes bring a page soon it
// tries, and takes the index when they do not.
func TestFeedIsTried(t *testing.T) {
	reg := registry(t)
	e, err := badger.Open(badger.Config{Dir: t.TempDir(), Profile: badger.Small()}) // which estimates
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, e, reg)
	for round := range 8 { // the active ones last, so many that their estimate is good for something
		var changes []fhir.Change
		for i := range 1000 {
			id, status := fmt.Sprintf("g%d-%04d", round, i), "planned"
			if round == 7 && i >= 200 {
				status = "active"
			}
			changes = append(changes, fhir.Change{Method: fhir.Update, Key: fhir.Key{Type: "Goal", ID: id}, Body: goal(id, status, i)})
		}
		if err := commit(s, changes...); err != nil {
			t.Fatal(err)
		}
	}
	for status, want := range map[string]fhir.Access{"active": fhir.AccessPostings, "planned": fhir.AccessFeed} {
		q := parse(t, reg, "Goal?lifecycle-status="+status+"&_lastUpdated=gt2020-01-01&_count=100")
		var got []string
		for _, page := range walkPages(t, s, q, 3) {
			for _, m := range page.Matches {
				got = append(got, m.ID)
			}
		}
		if len(got) != 300 || !slices.IsSorted(got) {
			t.Errorf("%s: %v", status, got)
		}
		q.Explain = true
		page, err := s.Search(t.Context(), q)
		if err != nil || page.Plan.Operators[0].Access != want {
			t.Errorf("%s: %+v %v, want %s", status, page.Plan, err, want)
		}
	}
}

// A past is a change as a model knows it.
type past struct {
	round   int
	typ, id string
	version int
}

// TestPropertyHistoryInOrder: the history of a type, and of all, is every change,
// newest first, by type and id what was changed together, however long a page is.
func TestPropertyHistoryInOrder(t *testing.T) {
	reg := registry(t)
	rapid.Check(t, func(t *rapid.T) {
		e := memory.Open()
		defer e.Close()
		s, err := store.Open(store.Config{Engine: e, Registry: reg, Validate: valid, Witness: &witness{}})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		var all []past
		versions, live := map[string]int{}, map[string]bool{}
		for round := range rapid.IntRange(0, 8).Draw(t, "rounds") {
			var changes []fhir.Change
			for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(0, 9), 1, 6, rapid.ID).Draw(t, "ids") {
				typ, id := []string{"Basic", "Goal"}[n%2], fmt.Sprint("r", n)
				c := fhir.Change{Method: fhir.Update, Key: fhir.Key{Type: typ, ID: id}, Body: goal(id, "active", round)}
				if typ == "Basic" {
					c.Body = fmt.Appendf(nil, `{"resourceType":"Basic","id":"%s","code":{"text":"%d"}}`, id, round)
				}
				if live[id] && rapid.IntRange(0, 3).Draw(t, "delete") == 0 {
					c.Method, c.Body = fhir.Delete, nil
				}
				live[id] = c.Method == fhir.Update
				versions[id]++
				changes, all = append(changes, c), append(all, past{round, typ, id, versions[id]})
			}
			if err := commit(s, changes...); err != nil {
				t.Fatal(err)
			}
		}
		slices.SortFunc(all, func(a, b past) int {
			return cmp.Or(cmp.Compare(b.round, a.round), strings.Compare(a.typ, b.typ), strings.Compare(a.id, b.id))
		})
		q := fhir.HistoryQuery{Type: rapid.SampledFrom([]string{"", "Goal", "Basic"}).Draw(t, "type"), Count: rapid.IntRange(1, 5).Draw(t, "count"), Within: storetest.Everything}
		var want, got []string
		for _, p := range all {
			if q.Type == "" || q.Type == p.typ {
				want = append(want, fmt.Sprintf("%s/%s/_history/%d", p.typ, p.id, p.version))
			}
		}
		for range len(all) + 1 {
			page, err := s.History(context.Background(), q)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range page.Matches {
				got = append(got, r.Key.String())
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%s, %d a page:\n%v\nwant\n%v", q.Type, q.Count, got, want)
		}
		sound(t, e, reg)
	})
}

// TestChangesOfBefore: an index of before layout 6 held all changes together,
// newest first. It is refused until it is made anew.
func TestChangesOfBefore(t *testing.T) {
	reg, ctx := registry(t), context.Background()
	e := lived(t, reg)
	err := e.Update(ctx, func(w kv.Writer) error {
		index, err := w.Get(ctx, []byte("mindex"))
		if err != nil {
			return err
		}
		if err := w.Put([]byte("mindex"), bytes.Replace(index[0], []byte("6 "), []byte("5 "), 1)); err != nil {
			return err
		}
		for entry, err := range w.Scan(ctx, kv.Prefix([]byte("h")), kv.Prefix([]byte("t"))) {
			if err != nil {
				return err
			}
			key := bytes.Clone(entry.Key)
			before := lastOf(key) // of the last changes, newest first
			if key[0] == 'h' {
				before = append([]byte("t"), key[1:]...)
			}
			if err := errors.Join(w.Delete(key), w.Put(before, bytes.Clone(entry.Value))); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if outdated, err := store.Outdated(ctx, e, reg); !outdated || err != nil {
		t.Fatalf("outdated: %v, %v", outdated, err)
	}
	report, err := store.Reindex(ctx, store.CheckConfig{Engine: e, Registry: reg})
	if err != nil || report.Repaired == 0 {
		t.Fatalf("%+v, %v", report, err)
	}
	sound(t, e, reg)
}

// knowing is caring that is asked whom it shows nothing of, as that of the gateway.
type knowing struct{ caring }

func (*knowing) Closed(context.Context, fhir.Snapshot) (fhir.Closure, error) {
	return fhir.Closure{}, nil
}

// BenchmarkUpdated walks five pages of what has changed, after each of 1,000
// resources has been updated so often.
func BenchmarkUpdated(b *testing.B) {
	reg := registry(b)
	for name, engine := range engines(b) {
		s, round := open(b, engine, reg), 0
		for _, times := range []int{1, 10, 50} {
			for ; round < times; round++ {
				updateAll(b, s, round, 1000, 50)
			}
			q := parse(b, reg, "Goal?lifecycle-status=active&_lastUpdated=gt2020-01-01&_count=50")
			q.Within = &knowing{}
			b.Run(fmt.Sprint(name, "/", times), func(b *testing.B) {
				for b.Loop() {
					walkPages(b, s, q, 5)
				}
			})
		}
	}
}
