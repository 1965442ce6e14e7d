package auth_test

import (
	"context"
	"errors"
	"testing"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
)

// explaining is a repository that tells a plan, and the record beside it.
type explaining struct{ *repo }

func (r explaining) Search(ctx context.Context, q fhir.Query) (fhir.Page, error) {
	page, err := r.repo.Search(ctx, q)
	if q.Explain {
		page.Total, page.Next, page.Plan = len(page.Matches), "next", &fhir.Plan{RoundTrips: len(page.Matches)}
	}
	return page, err
}

func explainingGate() *gate {
	g := newGate()
	g.repo.put("Patient", "p1", fhir.Created, []string{"p1"}, secret)
	g.Guard.Repo = explaining{g.repo}
	return g
}

func role(names ...string) func(*auth.Principal) {
	return func(p *auth.Principal) { p.Roles = names }
}

// Nobody but an officer or an operator learns a plan, whatever exists and
// however far the token reaches; the repository is not asked.
func TestA04ExplainRefuses(t *testing.T) {
	for name, ctx := range map[string]context.Context{
		"no role":                   as(t, "system/*.cruds"),
		auth.RoleContributor:        as(t, "system/*.cruds", role(auth.RoleContributor)),
		auth.RolePractice:           as(t, "system/*.cruds", role(auth.RolePractice)),
		auth.RolePlatform:           as(t, "system/*.cruds", role(auth.RolePlatform)),
		auth.RoleRegistrar:          as(t, "system/*.cruds", role(auth.RoleRegistrar)),
		auth.RolePatient:            as(t, "system/*.cruds", role(auth.RolePatient)),
		auth.RoleRepresentative:     as(t, "system/*.cruds", role(auth.RoleRepresentative)),
		"operator and patient":      as(t, "system/*.cruds", role(auth.RoleOperator, auth.RolePatient)),
		"operator in emergency":     as(t, "system/*.cruds", role(auth.RoleOperator), func(p *auth.Principal) { p.Purpose = auth.PurposeBreakTheGlass }),
		"operator without scope":    as(t, "system/Patient.r", role(auth.RoleOperator)),
		"operator of another type":  as(t, "system/Observation.rs", role(auth.RoleOperator)),
		"operator of one patient":   as(t, "patient/*.rs", role(auth.RoleOperator), func(p *auth.Principal) { p.Patient = "p1" }),
		"officer without the trail": as(t, "system/Patient.rs", role(auth.RoleOfficer)),
	} {
		for _, typ := range []string{"Patient", "", "Basic"} {
			g := explainingGate()
			page, err := g.Search(ctx, fhir.Query{Type: typ, Explain: true})
			var e *fhir.Error
			if !errors.As(err, &e) || e.Kind != fhir.Forbidden || e.Issues[0].ID != "search.explain" || page.Plan != nil {
				t.Errorf("%s, %q: %v %v", name, typ, page, err)
			}
			if len(g.repo.calls) > 0 {
				t.Errorf("%s: asked %v", name, g.repo.calls)
			}
			if records := g.trail.take(); len(records) != 1 || records[0].Reason != "search.explain" {
				t.Errorf("%s: records %v", name, records)
			}
		}
	}
	g := explainingGate()
	if _, err := g.Search(context.Background(), fhir.Query{Type: "Patient", Explain: true}); fhir.KindOf(err) != fhir.Unauthenticated {
		t.Errorf("nobody: %v", err)
	}
}

// An operator and an officer get the plan of a search over all there is, and
// nothing else of it; the question is on record first.
func TestExplain(t *testing.T) {
	for name, ctx := range map[string]context.Context{
		"operator": as(t, "system/Patient.s", role(auth.RoleOperator)),
		"officer":  as(t, "system/AuditEvent.rs", role(auth.RoleOfficer)),
	} {
		g := explainingGate()
		q := fhir.Query{Type: "Patient", Params: []fhir.Param{{Code: "_id", Values: []string{"p1"}}}, Explain: true}
		page, err := g.Search(ctx, q)
		if err != nil || page.Plan == nil || page.Plan.RoundTrips != 1 {
			t.Fatalf("%s: %v %v", name, page, err)
		}
		if len(page.Matches)+len(page.Included) > 0 || page.Next != "" || page.Total != -1 {
			t.Errorf("%s: given beside the plan: %v", name, page)
		}
		records := g.trail.take()
		if len(records) != 1 || records[0].Query.Clean != "Patient?_id=p1&_explain=true" || len(records[0].Patients) != 1 || len(records[0].Entries) != 0 {
			t.Errorf("%s: records %v", name, records)
		}
		g.trail.fail = errors.New("full")
		if page, err := g.Search(ctx, q); fhir.KindOf(err) != fhir.Unavailable || page.Plan != nil {
			t.Errorf("%s, without the trail: %v %v", name, page, err)
		}
	}
	g := newGate() // whose repository knows no plans
	g.repo.put("Patient", "p1", fhir.Created, []string{"p1"})
	if page, err := g.Search(as(t, "system/Patient.s", role(auth.RoleOperator)), fhir.Query{Type: "Patient", Explain: true}); fhir.KindOf(err) != fhir.Malformed || len(page.Matches) > 0 {
		t.Errorf("no plan: %v %v", page, err)
	}
}

// An operator sees no record, whatever the scopes say.
func TestA03OperatorSeesNothing(t *testing.T) {
	for interaction, do := range interactions {
		g := newGate()
		g.repo.put("Patient", "p1", fhir.Created, []string{"p1"})
		if err := do(g, as(t, "system/*.cruds", role(auth.RoleOperator)), patient); fhir.KindOf(err) != fhir.Forbidden || len(g.repo.calls) > 0 {
			t.Errorf("%s: %v, asked %v", interaction, err, g.repo.calls)
		}
	}
}
