package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
	"github.com/cordee-sante/cordee/fhir/store"
)

// closing is members that say at once of whom they show nothing.
type closing struct {
	members
	open  []string // patients
	asked *int     // records put to the view
}

func (v closing) Sees(ctx context.Context, snap fhir.Snapshot, facts []fhir.Facts) ([]bool, error) {
	*v.asked += len(facts)
	return v.members.Sees(ctx, snap, facts)
}

func (v closing) Closed(ctx context.Context, snap fhir.Snapshot) (fhir.Closure, error) {
	if _, ok, err := snap.(fhir.Versioned).Version(ctx); !ok || err != nil {
		return fhir.Closure{}, err
	}
	return fhir.Closure{Key: fmt.Sprint(v.open), Closes: func(contributor string, patient []byte) bool {
		return contributor != v.own && !slices.Contains(v.open, string(patient))
	}}, nil
}

// TestSieveDoesNotShow: what a sieve holds back changes no answer, and is not
// asked about.
func TestSieveDoesNotShow(t *testing.T) {
	reg, e := registry(t), memory.Open()
	s := open(t, e, reg)
	populate(t, s, 30)
	view := members{"Practitioner/d3", "Organization/own", false}
	var open []string
	for i := range 30 {
		id := fmt.Sprintf("p%06d", i)
		facts := fhir.Facts{Key: fhir.Key{Type: "Patient", ID: id}, Patients: []string{id}, Contributor: "Organization/o"}
		if seen, err := view.Sees(t.Context(), s, []fhir.Facts{facts}); err != nil {
			t.Fatal(err)
		} else if seen[0] {
			open = append(open, id)
		}
	}
	if len(open) == 0 || len(open) > 15 {
		t.Fatalf("%d of 30 are open", len(open))
	}
	for _, prefer := range []fhir.Access{"", fhir.AccessFeed} {
		s, err := store.Open(store.Config{Engine: e, Registry: reg, Validate: valid, Witness: &witness{}, Prefer: prefer})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		less := 0
		for _, w := range slices.Concat(workloads, further, []workload{
			{name: "everything-of-a-type", query: "Observation?_count=7", pages: 90},
			{name: "newest", query: "Goal?_sort=-_lastUpdated&_count=3&_total=accurate", pages: 9},
			{name: "since", query: "Observation?_lastUpdated=gt2020&_count=7", pages: 90},
			{name: "range", query: "Observation?date=ge2000&_count=7", pages: 90},
			{name: "types", query: "?_lastUpdated=gt2020&_count=7", pages: 30},
		}) {
			q := w.ask(t, reg, 3)
			answer := func(v fhir.View) string {
				var words []string
				q.Within = v
				for _, page := range walkPages(t, s, q, 90) {
					words = append(words, fmt.Sprint(page.Total))
					for _, r := range append(page.Matches, page.Included...) {
						words = append(words, r.Current().String())
					}
				}
				return strings.Join(words, " ")
			}
			asked, with := 0, 0
			want := answer(plainly{closing{view, nil, &asked}})
			if got := answer(closing{view, open, &with}); got != want {
				t.Errorf("%s by %q with a sieve:\n%s\nwithout:\n%s", w.name, prefer, got, want)
			}
			if with > asked {
				t.Errorf("%s asks about %d records, and without a sieve about %d", w.name, with, asked)
			}
			if with < asked {
				less++
			}
		}
		if less < 5 {
			t.Errorf("the sieve holds something back in %d searches", less)
		}
	}
}

// plainly hides that a view closes.
type plainly struct{ fhir.View }

// TestSievedStillThinks: a search of which a sieve holds everything back gets a
// better source all the same.
func TestSievedStillThinks(t *testing.T) {
	reg, e := registry(t), memory.Open()
	s := open(t, e, reg)
	populate(t, s, 1)
	crowd(t, s)
	some := []string{"p000000"} // of whom the view does not know at once, far apart
	for i := 0; i < 1000; i += 50 {
		some = append(some, fmt.Sprintf("m%04d", i))
	}
	for _, tt := range []struct {
		query string
		open  []string
	}{
		{"CarePlan?status=active", some[:1]}, {"CarePlan?status=active&_lastUpdated=gt2020", some[:1]}, {"CarePlan?_sort=-_lastUpdated", some[:1]}, {"CarePlan?_sort=-date", some[:1]},
		{"CarePlan?_sort=status", some[:1]}, {"CarePlan?_sort=status", some}, {"CarePlan?", some[:1]},
	} {
		asked := 0
		q := parse(t, reg, tt.query)
		q.Within, q.Explain = closing{members{"Practitioner/d0", "Organization/own", true}, tt.open, &asked}, true
		page, err := s.Search(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if source := page.Plan.Operators[0]; source.Access != fhir.AccessView || asked > 20 {
			t.Errorf("%s, %d open: %+v, asked about %d", tt.query, len(tt.open), source, asked)
		}
	}
}
