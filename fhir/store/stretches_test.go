package store_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
	"github.com/cordee-sante/cordee/fhir/store"
)

// remembering is attending that remembers who was closed as of one version of the
// policies, from a moment on.
type remembering struct {
	attending
	known map[string]time.Time // from when on, by version and patient
	held  *int
}

func (v remembering) Sees(ctx context.Context, snap fhir.Snapshot, facts []fhir.Facts) ([]bool, error) {
	j, err := v.Judge(ctx, snap, facts)
	if versioned, ok := snap.(fhir.Versioned); ok && err == nil && j.Until.IsZero() {
		version, ok, err := versioned.Version(ctx)
		for i := range facts {
			if err == nil && ok && !j.Visible[i] && len(facts[i].Patients) == 1 {
				v.known[fmt.Sprint(version, facts[i].Patients[0])] = j.Since
			}
		}
	}
	return j.Visible, err
}

func (v remembering) Closed(ctx context.Context, snap fhir.Snapshot) (fhir.Closure, error) {
	version, ok, err := snap.(fhir.Versioned).Version(ctx)
	if !ok || err != nil {
		return fhir.Closure{}, err
	}
	return fhir.Closure{Key: "attending", At: v.clock(), Closes: func(_ string, patient []byte) bool {
		since, closed := v.known[fmt.Sprint(version, string(patient))]
		if closed = closed && !v.clock().Before(since); closed {
			*v.held++
		}
		return closed
	}}, nil
}

// unknowing is attending that knows of nobody who is closed.
type unknowing struct{ attending }

func (unknowing) Closed(context.Context, fhir.Snapshot) (fhir.Closure, error) {
	return fhir.Closure{}, nil
}

// stretchesDrawn are searches that read along what may be kept.
var stretchesDrawn = []string{"Observation?status=final&_count=2", "Observation?code=s|a&_count=1", "Observation?status=final&code=s|b&_count=2", "Observation?status=final,amended&_count=3",
	"Observation?status=final&date=ge2024-02-29&_count=2", "Observation?_sort=-_lastUpdated&_count=2", "Observation?status=final&_lastUpdated=gt2020&_count=2",
	"Observation?_lastUpdated=gt2020&_sort=-_lastUpdated&_count=3", "Observation?status=final&_sort=-date&_count=2", "Observation?status=final&_include=Observation:subject&_count=2"}

// TestStretchesStand: whatever is kept of what is open, pages are those of a store
// that keeps nothing, after every change of records, of policies and of the hour,
// however many pages of a search were asked for, and in which of two processes.
func TestStretchesStand(t *testing.T) {
	reg, held := registry(t), 0
	rapid.Check(t, func(rt *rapid.T) {
		e := memory.Open()
		defer e.Close()
		hour := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		opened := func(kept int64, w fhir.Witness) *store.Store {
			s, err := store.Open(store.Config{Engine: e, Registry: reg, Validate: valid, Witness: w, Kept: kept})
			if err != nil {
				rt.Fatal(err)
			}
			return s
		}
		first := opened(0, &witness{}) // as in TestCountsStand
		labelled := fhir.Change{Method: fhir.Update, Key: fhir.Key{Type: "Basic", ID: "b"}, Body: []byte(`{"resourceType":"Basic","id":"b","meta":{"security":[{"code":"each"}]},"code":{"text":"x"}}`)}
		if err := commit(first, labelled); err != nil {
			rt.Fatal(err)
		}
		first.Close()
		writer := opened(rapid.SampledFrom([]int64{0, 0, 20_000}).Draw(rt, "kept"), &witness{})
		stores := []*store.Store{writer, opened(0, nil), opened(-1, nil)}
		for _, s := range stores {
			defer s.Close()
		}
		plain := attending{clock: func() time.Time { return hour }}
		views := []fhir.View{remembering{plain, map[string]time.Time{}, &held}, remembering{plain, map[string]time.Time{}, &held}, plain}
		if rapid.IntRange(0, 3).Draw(rt, "unknowing") == 0 {
			views[0], views[1] = unknowing{plain}, unknowing{plain}
		}
		changes := []fhir.Change{organization("true"), drawnPatient(rt, "p0"), drawnPatient(rt, "p1"), drawnPatient(rt, "p2")}
		for i := range rapid.IntRange(0, 12).Draw(rt, "first") {
			changes = append(changes, drawnNote(rt, i))
		}
		if err := commit(writer, changes...); err != nil {
			rt.Fatal(err)
		}
		for range rapid.IntRange(1, 25).Draw(rt, "steps") {
			var changes []fhir.Change
			switch rapid.IntRange(0, 11).Draw(rt, "step") {
			case 0:
				hour = hour.Add(time.Duration(rapid.IntRange(-30, 60).Draw(rt, "minutes")) * time.Minute)
			case 1:
				changes = append(changes, organization(rapid.SampledFrom([]string{"true", "true", "false"}).Draw(rt, "house")))
			case 2:
				changes = append(changes, drawnPatient(rt, rapid.SampledFrom([]string{"p0", "p1", "p2", "p3"}).Draw(rt, "patient")))
			case 3, 4, 5:
				for i := range rapid.IntRange(1, 3).Draw(rt, "changes") {
					changes = append(changes, drawnNote(rt, i))
				}
			}
			if len(changes) > 0 {
				if err := commit(writer, changes...); err != nil {
					rt.Fatal(err)
				}
			}
			query := rapid.SampledFrom(stretchesDrawn).Draw(rt, "query")
			pages := rapid.IntRange(1, 6).Draw(rt, "pages")
			answer := func(i int) string {
				q := parse(t, reg, query)
				q.Within = views[i]
				var words []string
				for range pages {
					page, err := stores[i].Search(context.Background(), q)
					if err != nil {
						rt.Fatal(err)
					}
					for _, r := range append(page.Matches, page.Included...) {
						words = append(words, r.Current().String())
					}
					if words = append(words, "|"); page.Next == "" {
						break
					}
					q.Cursor = page.Next
				}
				return strings.Join(words, " ")
			}
			want := answer(2)
			for i := range 2 {
				for range rapid.IntRange(0, 3).Draw(rt, "times") {
					if got := answer(i); got != want {
						rt.Fatalf("store %d: %s\n%s\nwant\n%s", i, query, got, want)
					}
				}
			}
		}
	})
	if !testing.Short() && held < 1000 { // -short draws a fifth
		t.Errorf("%d were held back: the draw proves little", held)
	}
}

// TestStretchesBesideWrites: pages while others write are those of some moment:
// nothing comes twice, and what is there all the time is never missing.
func TestStretchesBesideWrites(t *testing.T) {
	reg := registry(t)
	s := open(t, memory.Open(), reg)
	var changes []fhir.Change
	for i := range 40 {
		p := fmt.Sprintf("p%02d", i)
		changes = append(changes, fhir.Change{Method: fhir.Update, Key: fhir.Key{Type: "Patient", ID: p}, Body: fmt.Appendf(nil, `{"resourceType":"Patient","id":%q,"active":%v}`, p, i%4 == 0)}, noteOf("still-"+p, p, "final"))
	}
	if err := commit(s, append(changes, organization("true"))...); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	var readers sync.WaitGroup
	for i := range 3 {
		readers.Go(func() {
			held := 0
			view := remembering{attending{time.Now}, map[string]time.Time{}, &held}
			for n := 0; ; n++ {
				select {
				case <-done:
					return
				default:
				}
				seen := map[string]bool{}
				query := []string{"Observation?status=final&_count=4", "Observation?_sort=_lastUpdated&_count=7", "Observation?status=final&_sort=-_lastUpdated&_count=50"}[(i+n)%3]
				for _, page := range walkPages(t, s, func() fhir.Query { q := parse(t, reg, query); q.Within = view; return q }(), 60) {
					for _, r := range page.Matches {
						if seen[r.ID] && !strings.HasPrefix(r.ID, "moving") {
							t.Errorf("%s: %s comes twice", query, r.ID)
						}
						seen[r.ID] = true
					}
				}
				for k := 0; k < 40; k += 4 {
					if id := fmt.Sprintf("still-p%02d", k); !seen[id] {
						t.Errorf("%s: %s is missing", query, id)
					}
				}
			}
		})
	}
	for i := range 150 {
		p := fmt.Sprintf("p%02d", i%40)
		if err := commit(s, noteOf("moving-"+p, p, []string{"final", "amended"}[i%2])); err != nil {
			t.Error(err)
		}
	}
	close(done)
	readers.Wait()
}
