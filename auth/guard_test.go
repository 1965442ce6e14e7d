package auth_test

import (
	"context"
	"errors"
	"testing"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/google/go-cmp/cmp"
)

// interactions are all ways through the guard, on one type and id.
var interactions = map[string]func(fhir.Repository, context.Context, fhir.Key) error{
	"read": func(r fhir.Repository, ctx context.Context, k fhir.Key) error { _, err := r.Read(ctx, k); return err },
	"vread": func(r fhir.Repository, ctx context.Context, k fhir.Key) error {
		k.Version = "1"
		_, err := r.Read(ctx, k)
		return err
	},
	"search": func(r fhir.Repository, ctx context.Context, k fhir.Key) error {
		_, err := r.Search(ctx, fhir.Query{Type: k.Type})
		return err
	},
	"system": func(r fhir.Repository, ctx context.Context, k fhir.Key) error {
		_, err := r.Search(ctx, fhir.Query{})
		return err
	},
	"history": func(r fhir.Repository, ctx context.Context, k fhir.Key) error {
		_, err := r.History(ctx, fhir.HistoryQuery{Type: k.Type, ID: k.ID})
		return err
	},
	"changes": func(r fhir.Repository, ctx context.Context, k fhir.Key) error {
		_, err := r.History(ctx, fhir.HistoryQuery{Type: k.Type})
		return err
	},
	"create": commit(fhir.Create),
	"update": commit(fhir.Update),
	"delete": commit(fhir.Delete),
}

func commit(m fhir.Method) func(fhir.Repository, context.Context, fhir.Key) error {
	return func(r fhir.Repository, ctx context.Context, k fhir.Key) error {
		_, err := r.Commit(ctx, []fhir.Change{{Method: m, Key: k, Body: []byte("p1")}})
		return err
	}
}

var patient = fhir.Key{Type: "Patient", ID: "p1"}

func TestNilGuardRefuses(t *testing.T) {
	for name, change := range map[string]func(*auth.Guard){
		"repository":     func(g *auth.Guard) { g.Repo = nil },
		"snapshot":       func(g *auth.Guard) { g.Snapshot = nil },
		"decision point": func(g *auth.Guard) { g.Decide = nil },
		"trail":          func(g *auth.Guard) { g.Trail = nil },
		"everything":     func(g *auth.Guard) { *g = auth.Guard{} },
	} {
		g := newGate()
		g.repo.put("Patient", "p1", fhir.Created, []string{"p1"})
		change(g.Guard)
		for interaction, do := range interactions {
			if err := do(g, as(t, "system/*.cruds"), patient); fhir.KindOf(err) != fhir.Internal {
				t.Errorf("%s without %s: %v", interaction, name, err)
			}
		}
		if len(g.repo.calls) > 0 {
			t.Errorf("without %s: %v", name, g.repo.calls)
		}
	}
}

// A01, A25: nobody, and somebody without organisation or purpose of use, pass
// nowhere.
func TestA25NobodyAndNoPurpose(t *testing.T) {
	for name, tt := range map[string]struct {
		ctx  context.Context
		kind fhir.Kind
	}{
		"nobody":          {context.Background(), fhir.Unauthenticated},
		"zero principal":  {auth.WithPrincipal(context.Background(), auth.Principal{}), fhir.Forbidden},
		"no purpose":      {as(t, "system/*.cruds", func(p *auth.Principal) { p.Purpose = "" }), fhir.Forbidden},
		"no organisation": {as(t, "system/*.cruds", func(p *auth.Principal) { p.Organization = "" }), fhir.Forbidden},
		"no client":       {as(t, "system/*.cruds", func(p *auth.Principal) { p.Client = "" }), fhir.Forbidden},
		"no scopes":       {as(t, ""), fhir.Forbidden},
		"officer":         {as(t, "system/*.cruds", func(p *auth.Principal) { p.Roles = []string{auth.RoleOfficer} }), fhir.Forbidden},
	} {
		g := newGate()
		for interaction, do := range interactions {
			if err := do(g, tt.ctx, patient); fhir.KindOf(err) != tt.kind {
				t.Errorf("%s: %s: %v", name, interaction, err)
			}
		}
		if len(g.repo.calls) > 0 {
			t.Errorf("%s: the repository was asked: %v", name, g.repo.calls)
		}
		if n := len(g.trail.take()); n != len(interactions) {
			t.Errorf("%s: %d records of %d refusals", name, n, len(interactions))
		}
	}
}

// A03, A04: each interaction needs its own permission; without it the answer is
// the same whatever exists, and nothing is looked up.
func TestA03ScopeBeforeLookup(t *testing.T) {
	needs := map[string]string{"read": "r", "vread": "r", "search": "s", "history": "r", "changes": "s", "create": "c", "update": "u", "delete": "d"}
	for interaction, letter := range needs {
		do := interactions[interaction]
		for _, scope := range []string{"system/Patient." + without(letter), "system/Observation.cruds", "patient/*.cruds", ""} {
			if scope == "system/Patient." {
				continue
			}
			g := newGate()
			g.repo.put("Patient", "p1", fhir.Created, []string{"p1"})
			existing, missing := do(g, as(t, scope), patient), do(g, as(t, scope), fhir.Key{Type: "Patient", ID: "none"})
			if fhir.KindOf(existing) != fhir.Forbidden || existing.Error() != missing.Error() {
				t.Errorf("%s with %q: %v and %v", interaction, scope, existing, missing)
			}
			if len(g.repo.calls) > 0 {
				t.Errorf("%s with %q asked the repository: %v", interaction, scope, g.repo.calls)
			}
			if n := len(g.trail.take()); n != 2 {
				t.Errorf("%s with %q: %d records", interaction, scope, n)
			}
		}
		g := newGate()
		g.repo.put("Patient", "p1", fhir.Created, []string{"p1"})
		if err := do(g, as(t, "system/Patient."+letter), patient); err != nil {
			t.Errorf("%s with %s: %v", interaction, letter, err)
		}
	}
}

func without(letter string) (s string) {
	for _, l := range "cruds" {
		if string(l) != letter {
			s += string(l)
		}
	}
	return s
}

func TestA04SystemSearch(t *testing.T) {
	for _, tt := range []struct {
		scope string
		types []string
		ok    bool
	}{
		{"system/*.s", nil, true}, {"system/*.s", []string{"Patient"}, true}, {"system/Patient.s", []string{"Patient"}, true},
		{"system/Patient.s", nil, false}, {"system/Patient.s", []string{"Patient", "Consent"}, false}, {"system/*.r", nil, false},
	} {
		g := newGate()
		if _, err := g.Search(as(t, tt.scope), fhir.Query{Types: tt.types}); (err == nil) != tt.ok {
			t.Errorf("%s over %v: %v", tt.scope, tt.types, err)
		}
	}
}

// A04: who may write and not read gets no body back.
func TestA04WriteIsNotRead(t *testing.T) {
	for scope, want := range map[string]bool{"system/Patient.c": false, "system/Patient.cs": false, "system/Patient.cr": true} {
		g := newGate()
		results, err := g.Commit(as(t, scope), []fhir.Change{{Method: fhir.Create, Key: patient, Body: []byte("p1")}})
		if err != nil || (results[0].Body != nil) != want {
			t.Errorf("%s: body %q, %v", scope, results[0].Body, err)
		}
	}
}

// A05, A12, A13: withheld is absent, in every particular of the answer.
func TestA05WithheldIsAbsent(t *testing.T) {
	g := newGate()
	g.repo.put("Patient", "hidden", fhir.Created, []string{"hidden"}, secret)
	g.repo.put("Patient", "buried", fhir.Created, []string{"buried"}, secret)
	g.repo.put("Patient", "buried", fhir.Deleted, []string{"buried"}, secret)
	g.repo.put("Patient", "masked-now", fhir.Created, []string{"masked-now"})
	g.repo.put("Patient", "masked-now", fhir.Updated, []string{"masked-now"}, secret)
	g.repo.put("Patient", "masked-then", fhir.Created, []string{"masked-then"}, secret)
	g.repo.put("Patient", "masked-then", fhir.Updated, []string{"masked-then"})
	ctx := as(t, "system/*.cruds")
	same := func(what string, got, want error) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" || fhir.KindOf(got) != fhir.NotFound {
			t.Errorf("%s differs from absent: %s", what, diff)
		}
	}
	_, absent := g.Read(ctx, fhir.Key{Type: "Patient", ID: "none"})
	_, absentVersion := g.Read(ctx, fhir.Key{Type: "Patient", ID: "none", Version: "1"})
	_, absentHistory := g.History(ctx, fhir.HistoryQuery{Type: "Patient", ID: "none"})
	for _, key := range []fhir.Key{{ID: "hidden"}, {ID: "hidden", Version: "1"}, {ID: "buried"}, {ID: "buried", Version: "1"}, {ID: "buried", Version: "2"},
		{ID: "masked-now"}, {ID: "masked-now", Version: "1"}, {ID: "masked-now", Version: "2"}, {ID: "masked-then", Version: "1"}, {ID: "hidden", Version: "7"}} {
		key.Type = "Patient"
		r, err := g.Read(ctx, key)
		want := absent
		if key.Version != "" {
			want = absentVersion
		}
		same(key.String(), err, want)
		if diff := cmp.Diff(fhir.Resource{}, r); diff != "" {
			t.Errorf("%s comes with %s", key, diff)
		}
	}
	for _, id := range []string{"hidden", "buried", "masked-now"} {
		page, err := g.History(ctx, fhir.HistoryQuery{Type: "Patient", ID: id})
		same("history of "+id, err, absentHistory)
		if diff := cmp.Diff(fhir.Page{}, page); diff != "" {
			t.Errorf("history of %s: %s", id, diff)
		}
	}
	if _, err := g.Read(ctx, fhir.Key{Type: "Patient", ID: "masked-then"}); err != nil {
		t.Errorf("what may be seen now: %v", err)
	}
	page, err := g.Search(ctx, fhir.Query{Type: "Patient"})
	if err != nil || len(page.Matches) != 1 {
		t.Errorf("a search finds %d, %v", len(page.Matches), err)
	}
}

// A tombstone that may be seen is told of, with its facts.
func TestTombstoneIsGone(t *testing.T) {
	g := newGate()
	g.repo.put("Patient", "p1", fhir.Created, []string{"p1"})
	g.repo.put("Patient", "p1", fhir.Deleted, []string{"p1"})
	r, err := g.Read(as(t, "system/*.r"), patient)
	if fhir.KindOf(err) != fhir.Gone || r.Version != "2" {
		t.Errorf("%+v %v", r, err)
	}
}

// A05, A07: the scopes of patient/ reach one compartment, and what belongs to
// no patient.
func TestA05PatientScopes(t *testing.T) {
	g := newGate()
	g.repo.put("Observation", "own", fhir.Created, []string{"p1"})
	g.repo.put("Observation", "other", fhir.Created, []string{"p2"})
	g.repo.put("Observation", "both", fhir.Created, []string{"p1", "p2"})
	g.repo.put("Organization", "msp", fhir.Created, nil)
	ctx := as(t, "patient/*.rs", func(p *auth.Principal) { p.Patient = "p1" })
	for id, want := range map[string]fhir.Kind{"own": 0, "other": fhir.NotFound, "both": fhir.NotFound, "none": fhir.NotFound} {
		if _, err := g.Read(ctx, fhir.Key{Type: "Observation", ID: id}); fhir.KindOf(err) != want {
			t.Errorf("%s: %v", id, err)
		}
	}
	page, err := g.Search(ctx, fhir.Query{Type: "Observation"})
	if err != nil || len(page.Matches) != 2 {
		t.Errorf("%d matches, %v", len(page.Matches), err)
	}
}

// A08, A09: types that the token does not reach are absent from what a search
// includes and passes through.
func TestA09IncludesNeedScope(t *testing.T) {
	g := newGate()
	g.repo.put("Patient", "p1", fhir.Created, []string{"p1"})
	g.repo.put("Consent", "c1", fhir.Created, []string{"p1"})
	ctx := as(t, "system/Patient.s system/Consent.u")
	page, err := g.Search(ctx, fhir.Query{Type: "Patient"})
	if err != nil || len(page.Matches) != 1 || page.Matches[0].Type != "Patient" {
		t.Errorf("%v %v", page.Matches, err)
	}
	for _, hits := range [][]string{{"Patient/p1", "Consent/c1"}, {"Consent/c1", "Patient/p1"}} { // whatever stands first
		var page fhir.Page
		for _, hit := range hits {
			key, _ := fhir.ParseReference(hit)
			page.Included = append(page.Included, g.repo.versions[key]...)
		}
		g.Repo = fixed{g.repo, page}
		if _, err := g.Search(ctx, fhir.Query{Type: "Patient"}); fhir.KindOf(err) != fhir.Internal {
			t.Errorf("%v: %v", hits, err)
		}
	}
}

// A repository that answers beyond its view is found out, and nothing of the
// answer is given.
func TestLeakFailsClosed(t *testing.T) {
	for name, do := range map[string]func(*gate, context.Context) (fhir.Page, error){
		"search": func(g *gate, ctx context.Context) (fhir.Page, error) {
			return g.Search(ctx, fhir.Query{Type: "Patient"})
		},
		"history": func(g *gate, ctx context.Context) (fhir.Page, error) {
			return g.History(ctx, fhir.HistoryQuery{Type: "Patient"})
		},
	} {
		g := newGate()
		g.repo.put("Patient", "p1", fhir.Created, []string{"p1"})
		g.repo.put("Patient", "hidden", fhir.Created, []string{"hidden"}, secret)
		g.repo.leaks = 2
		page, err := do(g, as(t, "system/*.cruds"))
		if fhir.KindOf(err) != fhir.Internal || len(page.Matches) != 0 {
			t.Errorf("%s: %v %v", name, page.Matches, err)
		}
		if len(g.trail.take()) != 1 {
			t.Errorf("%s: not recorded", name)
		}
		// C05: what was withdrawn while the store answered is asked for again.
		g.repo.leaks = 1
		if page, err = do(g, as(t, "system/*.cruds")); err != nil || len(page.Matches) != 1 {
			t.Errorf("%s: %v %v", name, page.Matches, err)
		}
	}
}

// Facts that are not those of the hit say nothing of it.
func TestFactsOfAnotherResource(t *testing.T) {
	g := newGate()
	r := g.repo.put("Patient", "p1", fhir.Created, []string{"p1"})
	r.Facts = fhir.Facts{Key: fhir.Key{Type: "Patient", ID: "p2"}}
	g.Repo = fixed{g.repo, fhir.Page{Matches: []fhir.Resource{r}}}
	if page, err := g.Search(as(t, "system/*.s"), fhir.Query{Type: "Patient"}); fhir.KindOf(err) != fhir.Internal || page.Matches != nil {
		t.Errorf("%v %v", page, err)
	}
	g = newGate()
	g.repo.versions[patient] = []fhir.Resource{{Key: fhir.Key{Type: "Patient", ID: "p1", Version: "1"}, Body: []byte("{}")}}
	if r, err := g.Read(as(t, "system/*.r"), patient); fhir.KindOf(err) != fhir.Internal || r.Body != nil {
		t.Errorf("%v %v", r, err)
	}
}

// A decision point that fails, or says something senseless, never permits.
func TestDecisionFaultsRefuse(t *testing.T) {
	down := fhir.Errorf(fhir.Unavailable, "point", "test.down", fhir.CodeTransient, "", fhir.T("down", "en panne"), fhir.T("", ""))
	for name, tt := range map[string]struct {
		change func(*point)
		kind   fhir.Kind
	}{
		"view fails":     {func(p *point) { p.fail = down }, fhir.Unavailable},
		"view refuses":   {func(p *point) { p.refuse = down }, fhir.Unavailable},
		"unknown error":  {func(p *point) { p.fail = errors.New("x") }, fhir.Internal},
		"short answer":   {func(p *point) { p.wrong = true }, fhir.Internal},
		"says no at all": {func(p *point) { p.flicker = 1000 }, fhir.NotFound},
	} {
		g := newGate()
		g.repo.put("Patient", "p1", fhir.Created, []string{"p1"})
		tt.change(g.point)
		r, err := g.Read(as(t, "system/*.cruds"), patient)
		if fhir.KindOf(err) != tt.kind || r.Body != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Promise 6: without a record nothing is disclosed, refusals included.
func TestR04UnrecordedDisclosesNothing(t *testing.T) {
	g := newGate()
	g.repo.put("Patient", "p1", fhir.Created, []string{"p1"})
	g.trail.fail = errors.New("read-only file system")
	for _, scopes := range []string{"system/*.cruds", ""} {
		for _, name := range []string{"read", "vread", "search", "system", "history", "changes"} {
			if err := interactions[name](g, as(t, scopes), patient); fhir.KindOf(err) != fhir.Unavailable {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if r, err := g.Read(as(t, "system/*.cruds"), patient); r.Body != nil || err == nil {
		t.Error("the resource is given beside the error")
	}
}

func TestOfficers(t *testing.T) {
	g := newGate()
	g.Decide = auth.Officers
	g.repo.put("AuditEvent", "e1", fhir.Created, []string{"p1"})
	event := fhir.Key{Type: "AuditEvent", ID: "e1"}
	officer := as(t, "system/*.cruds", func(p *auth.Principal) { p.Roles = []string{auth.RoleOfficer}; p.Purpose = auth.PurposeAdministration })
	for _, name := range []string{"read", "search", "history", "changes"} {
		if err := interactions[name](g, officer, event); err != nil {
			t.Errorf("officer: %s: %v", name, err)
		}
		if err := interactions[name](g, as(t, "system/*.cruds"), event); fhir.KindOf(err) != fhir.Forbidden { // A24, R20
			t.Errorf("somebody else: %s: %v", name, err)
		}
		if err := interactions[name](g, officer, patient); fhir.KindOf(err) != fhir.Forbidden { // A25
			t.Errorf("officer and patients: %s: %v", name, err)
		}
	}
	for _, name := range []string{"create", "update", "delete"} {
		if err := interactions[name](g, officer, event); err == nil {
			t.Errorf("an officer may %s", name)
		}
	}
}
