package auth_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
)

func TestCommitIsContributedAndJudged(t *testing.T) {
	g := newGate()
	g.repo.put("Patient", "p1", fhir.Created, []string{"p1"})
	changes := []fhir.Change{
		{Method: fhir.Create, Key: fhir.Key{Type: "Observation", ID: "o1"}, Body: []byte("p1"), Contributor: "Organization/forged"},
		{Method: fhir.Update, Key: patient, Body: []byte("p1")},
	}
	results, err := g.Commit(as(t, "system/*.cruds"), changes)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if r.Facts.Contributor != "Organization/msp" {
			t.Errorf("%s is contributed by %s", r.Key, r.Facts.Contributor)
		}
	}
	if !slices.Equal(g.point.writes, []string{"false updated", "true updated"}) {
		t.Errorf("judged: %v", g.point.writes)
	}
	if changes[0].Contributor != "Organization/forged" || changes[0].Permit != nil {
		t.Error("the caller's changes were altered")
	}
}

// The judgement is of what the transaction replaces, not of what was there
// before it.
func TestCommitCannotBeRaced(t *testing.T) {
	g := newGate()
	g.repo.between = func(r *repo) { r.put("Patient", "p1", fhir.Created, []string{"p1"}, secret) }
	_, err := g.Commit(as(t, "system/*.cruds"), []fhir.Change{{Method: fhir.Update, Key: patient, Body: []byte("p1")}})
	if fhir.KindOf(err) != fhir.Forbidden || len(g.repo.versions[patient]) != 1 {
		t.Errorf("%v, %d versions", err, len(g.repo.versions[patient]))
	}
}

// A repository that does not ask is found out.
func TestUnjudgedWriteIsABug(t *testing.T) {
	g := newGate()
	g.repo.unjudged = true
	results, err := g.Commit(as(t, "system/*.cruds"), []fhir.Change{{Method: fhir.Update, Key: patient, Body: []byte("p1")}})
	if fhir.KindOf(err) != fhir.Internal || results != nil {
		t.Errorf("%v %v", results, err)
	}
}

// A06: scopes of patient/ write about the patient in context alone.
func TestA06PatientScopesWrite(t *testing.T) {
	own := func(p *auth.Principal) { p.Patient = "p1" }
	for name, tt := range map[string]struct {
		key  fhir.Key
		body string
		ok   bool
	}{
		"about the patient":           {fhir.Key{Type: "Observation", ID: "new"}, "p1", true},
		"about another":               {fhir.Key{Type: "Observation", ID: "new"}, "p2", false},
		"about both":                  {fhir.Key{Type: "Observation", ID: "new"}, "p1 p2", false},
		"about nobody":                {fhir.Key{Type: "Organization", ID: "new"}, "", false},
		"moved to another":            {fhir.Key{Type: "Observation", ID: "own"}, "p2", false},
		"moved from another":          {fhir.Key{Type: "Observation", ID: "other"}, "p1", false},
		"own record, own patient":     {fhir.Key{Type: "Observation", ID: "own"}, "p1", true},
		"another's record, no change": {fhir.Key{Type: "Observation", ID: "other"}, "p2", false},
	} {
		g := newGate()
		g.repo.put("Observation", "own", fhir.Created, []string{"p1"})
		g.repo.put("Observation", "other", fhir.Created, []string{"p2"})
		before := len(g.repo.versions[tt.key])
		_, err := g.Commit(as(t, "patient/*.cruds", own), []fhir.Change{{Method: fhir.Update, Key: tt.key, Body: []byte(tt.body)}})
		if tt.ok != (err == nil) || !tt.ok && fhir.KindOf(err) != fhir.Forbidden {
			t.Errorf("%s: %v", name, err)
		}
		if !tt.ok && len(g.repo.versions[tt.key]) != before {
			t.Errorf("%s: a version was written", name)
		}
	}
}

// A06: what lies in another compartment is absent to a delete.
func TestA06PatientScopesDelete(t *testing.T) {
	g := newGate()
	g.repo.put("Observation", "other", fhir.Created, []string{"p2"})
	ctx := as(t, "patient/*.cruds", func(p *auth.Principal) { p.Patient = "p1" })
	for _, id := range []string{"other", "none"} {
		results, err := g.Commit(ctx, []fhir.Change{{Method: fhir.Delete, Key: fhir.Key{Type: "Observation", ID: id}}})
		if err != nil || results[0].Effect != fhir.Unchanged {
			t.Errorf("%s: %+v %v", id, results, err)
		}
	}
	if len(g.repo.versions[fhir.Key{Type: "Observation", ID: "other"}]) != 1 {
		t.Error("another's record was deleted")
	}
}

// A decision point that says something senseless lets nothing be looked at.
func TestSenselessViewHidesFromWriters(t *testing.T) {
	g := newGate()
	g.repo.put("Patient", "p1", fhir.Created, []string{"p1"})
	g.point.wrong = true
	if _, err := g.Commit(as(t, "system/*.cruds"), []fhir.Change{{Method: fhir.Update, Key: patient, IfMatch: "1"}}); fhir.KindOf(err) != fhir.NotFound {
		t.Error(err)
	}
}

// A14: conditions see what the principal sees; a version that is expected of
// something withheld is expected of something absent; deleting what is withheld
// is deleting nothing.
func TestA14ConditionsAndWithheld(t *testing.T) {
	ctx := as(t, "system/*.cruds")
	g := newGate()
	g.repo.put("Patient", "hidden", fhir.Created, []string{"hidden"}, secret)
	hidden, none := fhir.Key{Type: "Patient", ID: "hidden"}, fhir.Key{Type: "Patient", ID: "none"}
	for _, m := range []fhir.Method{fhir.Update, fhir.Delete} {
		_, withheld := g.Commit(ctx, []fhir.Change{{Method: m, Key: hidden, Body: []byte("p1"), IfMatch: "1"}})
		_, absent := g.Commit(ctx, []fhir.Change{{Method: m, Key: none, Body: []byte("p1"), IfMatch: "1"}})
		if fhir.KindOf(withheld) != fhir.NotFound || withheld.Error() != absent.Error() {
			t.Errorf("%v with If-Match: %v and %v", m, withheld, absent)
		}
	}
	for _, key := range []fhir.Key{hidden, none} {
		results, err := g.Commit(ctx, []fhir.Change{{Method: fhir.Delete, Key: key}})
		if err != nil || results[0].Key != key || results[0].Effect != fhir.Unchanged || results[0].Facts.Key != key || results[0].Facts.Patients != nil {
			t.Errorf("delete of %s: %+v, %v", key, results, err)
		}
	}
	if r, _ := g.repo.Read(ctx, hidden); r.Deleted() {
		t.Error("the withheld resource was deleted")
	}
	if _, err := g.Commit(ctx, []fhir.Change{{Method: fhir.Update, Key: hidden, Body: []byte("p1")}}); fhir.KindOf(err) != fhir.Forbidden {
		t.Errorf("overwriting what is withheld: %v", err)
	}
	ifNone, where := &fhir.Query{Type: "Patient"}, &fhir.Query{Type: "Patient"}
	seen := 0
	g.Repo = watch{g.repo, func(c fhir.Change) {
		for _, q := range []*fhir.Query{c.IfNoneExist, c.Where} {
			if q != nil && q.Within != nil {
				seen++
			}
		}
		if c.Within == nil {
			t.Error("conditional references are looked up without a view")
		}
	}}
	_, err := g.Commit(ctx, []fhir.Change{{Method: fhir.Create, Key: none, Body: []byte("p1"), IfNoneExist: ifNone}, {Method: fhir.Update, Key: none, Body: []byte("p1"), Where: where}})
	if err != nil || seen != 2 || ifNone.Within != nil {
		t.Errorf("%d conditions with a view, %v", seen, err)
	}
}

// A condition searches, so it needs the permission to.
func TestA14ConditionNeedsSearch(t *testing.T) {
	for _, change := range []fhir.Change{
		{Method: fhir.Create, Key: patient, IfNoneExist: &fhir.Query{}},
		{Method: fhir.Update, Key: fhir.Key{Type: "Patient"}, Where: &fhir.Query{}},
	} {
		g := newGate()
		if _, err := g.Commit(as(t, "system/Patient.crud"), []fhir.Change{change}); fhir.KindOf(err) != fhir.Forbidden || len(g.repo.calls) != 0 {
			t.Errorf("%v: %v, %v", change.Method, err, g.repo.calls)
		}
	}
}

// A20: one refusal refuses the whole, before anything is looked up for scopes,
// before anything is written for the rest.
func TestA20TransactionIsRefusedWhole(t *testing.T) {
	g := newGate()
	g.repo.put("Observation", "o1", fhir.Created, []string{"p1"}, secret)
	good := fhir.Change{Method: fhir.Create, Key: patient, Body: []byte("p1")}
	bad := fhir.Change{Method: fhir.Update, Key: fhir.Key{Type: "Observation", ID: "o1"}, Body: []byte("p1")}
	if _, err := g.Commit(as(t, "system/Patient.c"), []fhir.Change{good, bad}); fhir.KindOf(err) != fhir.Forbidden || len(g.repo.calls) != 0 {
		t.Errorf("%v, %v", err, g.repo.calls)
	}
	if _, err := g.Commit(as(t, "system/*.cruds"), []fhir.Change{good, bad}); fhir.KindOf(err) != fhir.Forbidden || len(g.repo.versions[patient]) != 0 {
		t.Errorf("%v, %v", err, g.repo.versions)
	}
	if n := len(g.trail.take()); n != 2 {
		t.Errorf("%d records of 2 refusals", n)
	}
	if _, err := g.Commit(as(t, "system/*.cruds"), []fhir.Change{{Key: patient}}); fhir.KindOf(err) != fhir.Internal {
		t.Errorf("the zero method: %v", err)
	}
}

func TestCommitRecordsFailure(t *testing.T) {
	g := newGate()
	g.repo.fail = errors.New("disk")
	if _, err := g.Commit(as(t, "system/*.cruds"), []fhir.Change{{Method: fhir.Create, Key: patient}}); err == nil {
		t.Error("no error")
	}
	if n := len(g.trail.take()); n != 1 {
		t.Errorf("%d records", n)
	}
}
