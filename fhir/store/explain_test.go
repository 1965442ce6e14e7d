package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv/counting"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
	"github.com/cordee-sante/cordee/fhir/storetest"
)

// A plan names the operators in their order, with real counts, and no value.
func TestExplain(t *testing.T) {
	reg := registry(t)
	e := counting.New(memory.Open())
	s := open(t, e, reg)
	populate(t, s, 30)
	for _, c := range []struct{ query, operators, first string }{
		{"Patient?_id=p000003,p000004&gender=female", "source test scope consent page", "ids _id"},
		{"Observation?patient=p000001&status=final", "source test scope consent page", "patient-rows patient"},
		{"Patient/p000002/Condition?_count=5", "source test scope consent page", "patient-rows"},
		{"Patient/p000002/*?_count=5", "source scope consent page", "patient-rows"},
		{"Observation?code=http://loinc.org|8862-4&_count=5", "source scope consent page", "postings code"},
		{"Observation?code:not=http://loinc.org|8862-4&_count=5", "source test scope consent page", "type"},
		{"Observation?code=http://loinc.org|8862-4&category=vital-signs", "source", "merge code category"},
		{"Observation?patient=p000001,p000002&_sort=status,date", "source test sort scope consent page", "patient-rows patient"},
		{"Observation?_sort=-date&_count=5", "source scope consent page", "sort-walk date"},
		{"Observation?_sort=-_lastUpdated&_count=5", "source scope consent page", "feed"},
		{"Observation?date=gt2999", "source sort scope consent page", "range date"},
		{"Observation?status=final&_summary=count", "source scope consent count", "postings status"},
		{"Patient?_id=p000003&_revinclude=Observation:patient", "source scope consent page include", "ids _id"},
		{"?_type=Goal,CareTeam,Basic&_count=5&_total=accurate", "source scope consent source scope consent idle count page", "type"},
		{"?_type=Goal,CareTeam,Basic&_sort=-_lastUpdated&_count=5", "source scope consent source scope consent idle page", "feed"},
		{"?_type=Goal,CareTeam,Basic&_sort=_security,-_id&_count=5", "source sort scope consent source sort scope consent idle page", "type"},
		{"Observation?_filter=status eq final or code eq 8862-4&_count=5", "source", ""},
	} {
		q := parse(t, reg, strings.ReplaceAll(c.query, " ", "%20"))
		q.Within = storetest.Everything
		want, err := s.Search(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		q.Explain = true
		e.Reset()
		page, err := s.Search(t.Context(), q)
		if err != nil || page.Plan == nil {
			t.Fatalf("%s: %v %v", c.query, page, err)
		}
		if len(page.Matches)+len(page.Included) > 0 || page.Next != "" || page.Total != -1 {
			t.Errorf("%s: given beside the plan", c.query)
		}
		if trips := e.Trips(); page.Plan.RoundTrips != trips || trips == 0 || page.Plan.Took <= 0 {
			t.Errorf("%s: %d round trips told of %d, in %s", c.query, page.Plan.RoundTrips, trips, page.Plan.Took)
		}
		var kinds []string
		for _, o := range page.Plan.Operators {
			kinds = append(kinds, string(o.Kind))
		}
		first := page.Plan.Operators[0]
		if got := strings.Join(kinds, " "); !strings.HasPrefix(got, c.operators) || c.operators != "source" && got != c.operators {
			t.Errorf("%s: %s, want %s", c.query, got, c.operators)
		}
		if got := strings.Join(append([]string{string(first.Access)}, first.Codes...), " "); !strings.HasPrefix(got, c.first) {
			t.Errorf("%s: begins with %s, want %s", c.query, got, c.first)
		}
		counts(t, c.query, page.Plan, want)
		for _, value := range []string{"p00000", "loinc", "8862", "final", "assess", "2999"} {
			if strings.Contains(fmt.Sprintf("%+v", page.Plan), value) {
				t.Errorf("%s: the plan tells %s: %+v", c.query, value, page.Plan)
			}
		}
	}
}

// counts compares what a plan counts with the page of the same search.
func counts(t *testing.T, query string, plan *fhir.Plan, page fhir.Page) {
	t.Helper()
	for _, o := range plan.Operators {
		want := -1
		switch o.Kind {
		case fhir.OperatorPage:
			want = len(page.Matches)
		case fhir.OperatorInclude:
			want = len(page.Included)
		case fhir.OperatorCount:
			want = page.Total
		}
		if want >= 0 && o.Out != want {
			t.Errorf("%s: %s counts %d, the page has %d", query, o.Kind, o.Out, want)
		}
		if o.Kind == fhir.OperatorConsent && o.Out != o.In {
			t.Errorf("%s: a view of everything withholds: %+v", query, o)
		}
	}
}

// Chains are told link by link, the last one first, as they are followed.
func TestExplainChain(t *testing.T) {
	reg := registry(t)
	s := open(t, memory.Open(), reg)
	populate(t, s, 30)
	q := parse(t, reg, "CarePlan?goal.subject:Patient.identifier=urn:ins|000002")
	q.Explain, q.Within = true, storetest.Everything
	page, err := s.Search(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	var links []string
	for _, o := range page.Plan.Operators {
		if o.Kind == fhir.OperatorLink {
			links = append(links, fmt.Sprintf("%d %s %s %d", o.Depth, o.Type, o.Codes, o.Out))
		}
	}
	if want := []string{"2 Patient [identifier] 1", "1 Goal [subject:Patient.identifier] 2"}; !slices.Equal(links, want) {
		t.Errorf("links %q of %+v", links, page.Plan.Operators)
	}
}

// The counts are those of the view that the plan was made under.
func TestExplainCountsWhatIsSeen(t *testing.T) {
	reg := registry(t)
	s := open(t, memory.Open(), reg)
	for i := range 4 {
		label := ""
		if i > 0 {
			label = `"meta":{"security":[{"system":"urn:x","code":"secret"}]},`
		}
		key := fhir.Key{Type: "Basic", ID: fmt.Sprint("b", i)}
		if _, err := s.Commit(t.Context(), []fhir.Change{{Method: fhir.Update, Key: key, Body: fmt.Appendf(nil, `{"resourceType":"Basic","id":"b%d",%s"code":{"text":"x"}}`, i, label)}}); err != nil {
			t.Fatal(err)
		}
	}
	q := parse(t, reg, "Basic")
	q.Explain, q.Within = true, storetest.Hiding("secret")
	page, err := s.Search(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range page.Plan.Operators {
		if o.Kind == fhir.OperatorSource && o.Out != 4 || o.Kind == fhir.OperatorConsent && (o.In != 4 || o.Out != 1) {
			t.Errorf("%+v", o)
		}
	}
}
