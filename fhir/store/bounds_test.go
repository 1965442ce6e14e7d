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

// members is a view of the patients in whose CareTeam the one named is, and of
// what one organisation brought in. It has bounds where bounding is set.
type members struct {
	named, own string
	bounding   bool
}

func (v members) Sees(ctx context.Context, snap fhir.Snapshot, facts []fhir.Facts) ([]bool, error) {
	visible := make([]bool, len(facts))
	for i, f := range facts {
		visible[i] = f.Contributor == v.own
		for _, p := range f.Patients {
			policies, err := snap.Policy(ctx, p)
			if err != nil {
				return nil, err
			}
			visible[i] = visible[i] || slices.ContainsFunc(policies, func(r fhir.Resource) bool {
				return r.Type == "CareTeam" && strings.Contains(string(r.Body), `"`+v.named+`"`)
			})
		}
	}
	return visible, nil
}

func (v members) Fingerprint() []byte { return []byte(v.named) }

func (v members) Bounds(_ context.Context, _ fhir.Snapshot, typ string) (*fhir.Bounds, error) {
	if !v.bounding || typ == "Practitioner" {
		return nil, nil
	}
	return &fhir.Bounds{Named: []string{v.named}, Contributors: []string{v.own}}, nil
}

// TestBoundsDoNotShow compares each search by each source: what a view is
// bounded to is another way to the same answer.
func TestBoundsDoNotShow(t *testing.T) {
	reg, e := registry(t), memory.Open()
	populate(t, open(t, e, reg), 30)
	shared := func(s *store.Store) { // a Goal of two patients, one of whom the view shows, and one of its own
		for _, g := range []string{
			`{"resourceType":"Goal","id":"g-both","lifecycleStatus":"active","description":{"text":"x"},"subject":{"reference":"Patient/p000003"},"expressedBy":{"reference":"Patient/p000004"}}`,
			`{"resourceType":"Goal","id":"g-own","lifecycleStatus":"active","description":{"text":"x"},"subject":{"reference":"Patient/p000003"}}`,
			`{"resourceType":"Goal","id":"g-else","lifecycleStatus":"active","description":{"text":"x"},"subject":{"reference":"Patient/p000005"}}`,
		} {
			id := strings.Split(g, `"`)[7]
			by := map[bool]string{true: "Organization/own", false: "Organization/o"}[id != "g-both"]
			c := fhir.Change{Method: fhir.Update, Key: fhir.Key{Type: "Goal", ID: id}, Body: []byte(g), Contributor: by}
			if _, err := s.Commit(t.Context(), []fhir.Change{c}); err != nil {
				t.Fatal(err)
			}
		}
		for _, moved := range [][2]string{{"p000005", "p000003"}, {"p000003", "p000005"}} { // a Binary follows its document into the view, and out of it
			id := "b-to-" + moved[1]
			doc := func(patient string) fhir.Change {
				return putting("DocumentReference", id, `,"status":"current","content":[{"attachment":{"url":"Binary/`+id+`"}}],"subject":{"reference":"Patient/`+patient+`"}`)
			}
			for _, c := range []fhir.Change{doc(moved[0]), binaryOf(id, "DocumentReference/"+id, "AAAA"), doc(moved[1])} {
				c.Contributor = "Organization/o"
				if _, err := s.Commit(t.Context(), []fhir.Change{c}); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	answers := map[string]string{}
	for i, prefer := range []fhir.Access{"", fhir.AccessView, fhir.AccessFeed} {
		s, err := store.Open(store.Config{Engine: e, Registry: reg, Validate: valid, Witness: &witness{}, Prefer: prefer})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if i == 0 {
			shared(s)
		}
		for _, w := range slices.Concat(workloads, further, []workload{
			{name: "goals", query: "Goal?lifecycle-status=active&_count=3", pages: 9},
			{name: "goals-newest", query: "Goal?_sort=-_lastUpdated&_count=3&_total=accurate", pages: 9},
			{name: "goals-count", query: "Goal?_summary=count", pages: 1},
			{name: "goals-since", query: "Goal?_lastUpdated=ge2020&_summary=count", pages: 1},
			{name: "goals-later", query: "Goal?_lastUpdated=gt2999", pages: 1},
			{name: "binaries", query: "Binary", pages: 1},
			{name: "binaries-newest", query: "Binary?_sort=-_lastUpdated", pages: 1},
			{name: "binaries-count", query: "Binary?_summary=count", pages: 1},
			{name: "types", query: "?_lastUpdated=gt2020&_count=7", pages: 30},
		}) {
			q := w.ask(t, reg, 3)
			q.Within = members{"Practitioner/d3", "Organization/own", true}
			var words []string
			for _, page := range walkPages(t, s, q, 30) {
				words = append(words, fmt.Sprint(page.Total))
				for _, r := range append(page.Matches, page.Included...) {
					words = append(words, r.Current().String())
				}
			}
			answer := strings.Join(words, " ")
			if i == 0 {
				answers[w.name] = answer
			} else if answer != answers[w.name] {
				t.Errorf("%s by %s:\n%s\nelse:\n%s", w.name, prefer, answer, answers[w.name])
			}
		}
	}
	if got, want := answers["binaries"], "1 Binary/b-to-p000003"; got != want {
		t.Errorf("binaries: %s, want %s", got, want)
	}
	if got, want := answers["goals-count"], "9"; got != want { // two each of three patients, one of both, two of its own
		t.Errorf("goals: %s, want %s", got, want)
	}
}

// TestFewOfMany is what bounds are for: of very many candidates few are shown,
// and a page does not look at the others.
func TestFewOfMany(t *testing.T) {
	reg, e := registry(t), memory.Open()
	s := open(t, e, reg)
	populate(t, s, 1)
	crowd(t, s)
	for _, query := range []string{"CarePlan?status=active&_lastUpdated=gt2020", "CarePlan?_sort=-_lastUpdated", "CarePlan?status=active&_summary=count", "CarePlan?status=active&_sort=date"} {
		for _, bounding := range []bool{false, true} {
			q := parse(t, reg, query)
			q.Within, q.Explain = members{"Practitioner/d0", "Organization/own", bounding}, true
			page, err := s.Search(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			source := page.Plan.Operators[0]
			if confined := source.Access == fhir.AccessView; confined != bounding || confined != (source.Out < 10) {
				t.Errorf("%s: %+v", query, source)
			}
		}
	}
}

// crowd brings in 1,000 patients with a plan each, of whom no policy says anything.
func crowd(t *testing.T, s *store.Store) {
	for i := range 20 {
		var changes []fhir.Change
		for k := range 50 {
			p := fmt.Sprintf("m%04d", i*50+k)
			changes = append(changes,
				fhir.Change{Method: fhir.Update, Key: fhir.Key{Type: "Patient", ID: p}, Body: fmt.Appendf(nil, `{"resourceType":"Patient","id":"%s"}`, p)},
				fhir.Change{Method: fhir.Update, Key: fhir.Key{Type: "CarePlan", ID: p}, Body: fmt.Appendf(nil, `{"resourceType":"CarePlan","id":"%s","status":"active","intent":"plan","subject":{"reference":"Patient/%s"}}`, p, p)})
		}
		if _, err := s.Commit(t.Context(), changes); err != nil {
			t.Fatal(err)
		}
	}
}

// TestRecentChanges asks for what has changed lately.
func TestRecentChanges(t *testing.T) {
	reg := registry(t)
	s := open(t, memory.Open(), reg)
	populate(t, s, 5)
	for query, access := range map[string]fhir.Access{
		"Observation?status=final&_lastUpdated=gt2020": fhir.AccessFeed, "Observation?_lastUpdated=ge2999": fhir.AccessFeed, "Observation?_lastUpdated=lt2999&status=final": fhir.AccessPostings,
		"Observation?_lastUpdated=gt2020,lt2019&status=final": fhir.AccessPostings, "Observation?_lastUpdated=gt2020&patient=p000001": fhir.AccessPatients,
	} {
		q := parse(t, reg, query)
		q.Explain = true
		page, err := s.Search(t.Context(), q)
		if err != nil || page.Plan.Operators[0].Access != access {
			t.Errorf("%s: %v %v", query, page.Plan, err)
		}
	}
}
