package store_test

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
	"github.com/cordee-sante/cordee/fhir/store"
	"github.com/cordee-sante/cordee/fhir/storetest"
)

// Each limit is one of the configuration. What goes beyond it is refused, in both
// languages with the number, or cut with a warning that says so.
func TestLimits(t *testing.T) {
	reg, e := registry(t), memory.Open()
	populate(t, open(t, e, reg), 4)
	for _, c := range []struct {
		query  string
		limits store.Limits
		id     string
	}{
		{"Observation?subject:Patient.birthdate=gt1800", store.Limits{Chain: 1}, "search.chain-costly"},
		{"Patient?_has:Observation:patient:status=final", store.Limits{Chain: 5}, "search.chain-costly"},
		{"Observation?_content=mmHg", store.Limits{Bodies: 5}, "search.content-costly"},
		{"Patient?_revinclude=*", store.Limits{Breadth: 100}, "search.include-costly"},
		{"Patient?_revinclude=Observation:*", store.Limits{Breadth: 5}, "search.include-costly"},
		{"Patient?_revinclude=Observation:patient", store.Limits{Included: 5}, "search.include-cut"},
	} {
		s, err := store.Open(store.Config{Engine: e, Registry: reg, Validate: valid, Witness: &witness{}, Limits: c.limits})
		if err != nil {
			t.Fatal(err)
		}
		most := max(c.limits.Chain, c.limits.Sorted, c.limits.Bodies, c.limits.Breadth, c.limits.Included)
		page, err := s.Search(t.Context(), parse(t, reg, c.query))
		var refused *fhir.Error
		issues := page.Issues
		if errors.As(err, &refused) && refused.Kind == fhir.Forbidden {
			issues = refused.Issues
		}
		if len(issues) != 1 || issues[0].ID != c.id || issues[0].Code != fhir.CodeTooCostly {
			t.Errorf("%s: %v %v, want %s", c.query, err, issues, c.id)
			continue
		}
		for _, text := range []string{issues[0].Text.EN, issues[0].Text.FR} {
			if !strings.Contains(text, strconv.Itoa(most)) {
				t.Errorf("%s: %q does not tell that it is %d", c.query, text, most)
			}
		}
	}
}

// limited opens the store anew with other limits.
func limited(t *testing.T, e kv.Engine, limits store.Limits) *store.Store {
	t.Helper()
	s, err := store.Open(store.Config{Engine: e, Registry: registry(t), Validate: valid, Witness: &witness{}, Limits: limits})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// What is included is counted as it comes into the answer: matches that refer to
// each other take no room, nor does what several parameters lead to, nor what is
// withheld (A10).
func TestIncludedLimitCountsWhatIsNew(t *testing.T) {
	reg, e := registry(t), memory.Open()
	observation := func(id, rest string) fhir.Change {
		return putting("Observation", id, `,"status":"final","code":{"text":"x"}`+rest)
	}
	member, derived, focus := `,"hasMember":[{"reference":"Observation/t"}]`, `,"derivedFrom":[{"reference":"Observation/t"}]`, `,"focus":[{"reference":"Observation/t"}]`
	const secret = `,"meta":{"security":[{"code":"secret"}]}`
	questionnaire := func(version string) fhir.Change {
		return putting("Questionnaire", "q"+version, `,"status":"active","url":"http://acme.org/q","version":"`+version+`"`)
	}
	if err := commit(open(t, e, reg), observation("t", ""), observation("a", member), observation("b", member), observation("c", member), observation("d", member),
		observation("y", member+derived+focus), observation("z", focus),
		observation("h1", member+secret), observation("h2", member+secret), observation("h3", member+secret),
		observation("u", ""), observation("v", strings.ReplaceAll(member+derived+focus, "/t", "/u")),
		putting("DiagnosticReport", "u", `,"status":"final","code":{"text":"x"},"result":[{"reference":"Observation/u"}]`),
		putting("DiagnosticReport", "z", `,"status":"final","code":{"text":"x"},"result":[{"reference":"Observation/t"}]`),
		questionnaire("1"), questionnaire("2"), questionnaire("3"), questionnaire("4"),
		putting("QuestionnaireResponse", "r", `,"status":"completed","questionnaire":"http://acme.org/q"`)); err != nil {
		t.Fatal(err)
	}
	s := limited(t, e, store.Limits{Included: 2})
	for _, c := range []struct{ query, want string }{
		{"Observation?_id=t,a,b,c,d&_revinclude=Observation:has-member", "Observation/y"},
		{"Observation?_id=t&_revinclude=Observation:derived-from&_revinclude=Observation:focus", "Observation/y Observation/z"},
		{"Observation?_id=t,a,b,c,d&_revinclude=Observation:derived-from&_revinclude=Observation:has-member&_revinclude=DiagnosticReport:result", "DiagnosticReport/z Observation/y"},
		{"Observation?_id=t,a,b,c,d&_revinclude=Observation:*", "Observation/y Observation/z"},
		{"Observation?_id=u&_revinclude=Observation:derived-from&_revinclude=Observation:has-member&_revinclude=Observation:focus&_revinclude=DiagnosticReport:result", "DiagnosticReport/u Observation/v"},
		{"Observation?_id=t,a&_revinclude=Observation:has-member", "Observation/b Observation/c search.include-cut"},
		{"?_type=Questionnaire,QuestionnaireResponse&_id=q1,q2,q3,r&_include=QuestionnaireResponse:questionnaire", "Questionnaire/q4"},
		{"QuestionnaireResponse?_include=QuestionnaireResponse:questionnaire", "Questionnaire/q1 Questionnaire/q2 search.include-cut"},
	} {
		q := parse(t, reg, c.query)
		q.Within = storetest.Hiding("secret")
		page, err := s.Search(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, res := range page.Included {
			got = append(got, res.Current().String())
		}
		slices.Sort(got)
		for _, i := range page.Issues {
			got = append(got, i.ID)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %q, want %q", c.query, got, c.want)
		}
	}
}

// The bodies that chains into contained resources read through count together,
// up to the limit and no further.
func TestBodiesLimitCountsTogether(t *testing.T) {
	reg, e := registry(t), memory.Open()
	s := open(t, e, reg)
	for _, id := range []string{"a", "b", "c"} {
		if err := commit(s, putting("Observation", id, `,"contained":[{"resourceType":"Patient","id":"p","gender":"male"}],"status":"final","code":{"text":"x"},"subject":{"reference":"#p"},"performer":[{"reference":"#p"}]`)); err != nil {
			t.Fatal(err)
		}
	}
	const one, both = "Observation?subject:Patient.gender=male", "Observation?subject:Patient.gender=male&performer:Patient.gender=male"
	for _, c := range []struct {
		query string
		most  int
		ok    bool
	}{{one, 2, false}, {one, 3, true}, {both, 5, false}, {both, 6, true}} {
		page, err := limited(t, e, store.Limits{Bodies: c.most}).Search(t.Context(), parse(t, reg, c.query))
		if c.ok && (err != nil || len(page.Matches) != 3) || !c.ok && fhir.KindOf(err) != fhir.Forbidden {
			t.Errorf("%s with at most %d: %d matches, %v", c.query, c.most, len(page.Matches), err)
		}
	}
}

// A search for more patients than are read one after the other is answered from
// postings: the same, and no refusal.
func TestPatientsLimit(t *testing.T) {
	reg, e := registry(t), memory.Open()
	populate(t, open(t, e, reg), 4)
	found := map[int]int{}
	for _, most := range []int{1, 3} {
		s, err := store.Open(store.Config{Engine: e, Registry: reg, Validate: valid, Witness: &witness{}, Limits: store.Limits{Patients: most}})
		if err != nil {
			t.Fatal(err)
		}
		page, err := s.Search(t.Context(), parse(t, reg, "Observation?patient=p000001,p000002&_summary=count"))
		if err != nil {
			t.Fatal(err)
		}
		found[most] = page.Total
	}
	if found[1] == 0 || found[1] != found[3] {
		t.Errorf("found %v", found)
	}
}
