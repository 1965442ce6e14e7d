package auth_test

import (
	"context"
	"testing"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/auth/audit"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/google/go-cmp/cmp"
)

// physician is a principal with everything that a token can say.
func physician(p *auth.Principal) {
	p.Practitioner, p.Role, p.Identifier, p.Name = "Practitioner/dr", "PractitionerRole/r", "https://rpps.esante.gouv.fr|89990000001", "Dr Test"
}

// who is how the trail names the physician.
func who(r audit.Record) audit.Record {
	r.Client, r.ClientName, r.Organization, r.Purpose, r.Token = "app", "Logiciel", "Organization/msp", "TREAT", "t1"
	r.Agent, r.Role, r.AgentID, r.AgentName = "Practitioner/dr", "PractitionerRole/r", "https://rpps.esante.gouv.fr|89990000001", "Dr Test"
	return r
}

// The trail says who asked for what, why it was permitted or refused, and which
// versions about whom were given; of what was withheld too.
func TestWhatTheTrailSays(t *testing.T) {
	key := func(typ, id, version string) fhir.Key { return fhir.Key{Type: typ, ID: id, Version: version} }
	careTeam := []string{"CareTeam/ct/_history/2"}
	all := as(t, "system/*.cruds", physician)
	for name, tt := range map[string]struct {
		ctx  context.Context
		do   func(*gate, context.Context)
		want audit.Record
	}{
		"read": {all, func(g *gate, ctx context.Context) { g.Read(ctx, patient) }, audit.Record{
			Interaction: "read", Type: "Patient", Rule: "test.care-team", Policies: careTeam,
			Entries: []audit.Entry{{Key: key("Patient", "p1", "2"), Patients: []string{"p1"}}}}},
		"vread": {all, func(g *gate, ctx context.Context) { g.Read(ctx, key("Patient", "p1", "1")) }, audit.Record{
			Interaction: "vread", Type: "Patient", Rule: "test.care-team", Policies: careTeam,
			Entries: []audit.Entry{{Key: key("Patient", "p1", "1"), Patients: []string{"p1"}}}}},
		"absent": {all, func(g *gate, ctx context.Context) { g.Read(ctx, key("Patient", "none", "")) }, audit.Record{
			Interaction: "read", Type: "Patient", Outcome: audit.MinorFailure, Reason: "resource.not-found", Entries: []audit.Entry{{Key: key("Patient", "none", "")}}}},
		"withheld": {all, func(g *gate, ctx context.Context) { g.Read(ctx, key("Patient", "hidden", "")) }, audit.Record{
			Interaction: "read", Type: "Patient", Outcome: audit.MinorFailure, Reason: "auth.withheld", Rule: "test.care-team", Policies: careTeam,
			Entries: []audit.Entry{{Key: key("Patient", "hidden", "1"), Patients: []string{"hidden"}}}}},
		"out of scope": {as(t, "system/Observation.rs", physician), func(g *gate, ctx context.Context) { g.Read(ctx, patient) }, audit.Record{
			Interaction: "read", Type: "Patient", Outcome: audit.MinorFailure, Reason: "auth.scope-missing", Entries: []audit.Entry{{Key: patient}}}},
		"search": {all, func(g *gate, ctx context.Context) {
			g.Search(ctx, fhir.Query{Type: "Patient", Params: []fhir.Param{{Code: "name", Modifier: "exact", Values: []string{"A", "B"}}},
				Includes: []fhir.Include{{Type: "Observation", Code: "subject", Reverse: true}}})
		}, audit.Record{Interaction: "search-type", Type: "Patient", Rule: "test.care-team", Policies: careTeam,
			Query:   audit.Query{Clean: "Patient?name:exact=A,B&_revinclude=Observation:subject"},
			Entries: []audit.Entry{{Key: key("Patient", "p1", "2"), Patients: []string{"p1"}}}}},
		"search that is broken": {all, func(g *gate, ctx context.Context) { g.repo.leaks = 2; g.Search(ctx, fhir.Query{Type: "Patient"}) }, audit.Record{
			Interaction: "search-type", Type: "Patient", Outcome: audit.SeriousFailure, Reason: "auth.internal", Query: audit.Query{Clean: "Patient"}}},
		"history of the system": {all, func(g *gate, ctx context.Context) { g.History(ctx, fhir.HistoryQuery{}) }, audit.Record{
			Interaction: "history-system", Rule: "", Entries: []audit.Entry{}}},
		"withheld history": {all, func(g *gate, ctx context.Context) { g.History(ctx, fhir.HistoryQuery{Type: "Patient", ID: "hidden"}) }, audit.Record{
			Interaction: "history-instance", Type: "Patient", Outcome: audit.MinorFailure, Reason: "auth.withheld", Rule: "test.care-team", Policies: careTeam,
			Entries: []audit.Entry{{Key: key("Patient", "hidden", "1"), Patients: []string{"hidden"}}}}},
		"R14 withheld delete": {all, func(g *gate, ctx context.Context) {
			g.Commit(ctx, []fhir.Change{{Method: fhir.Delete, Key: key("Patient", "hidden", "")}})
		}, audit.Record{
			Interaction: "delete", Type: "Patient", Outcome: audit.MinorFailure, Reason: "auth.withheld", Rule: "test.care-team", Policies: careTeam,
			Entries: []audit.Entry{{Key: key("Patient", "hidden", "1"), Patients: []string{"hidden"}}}}},
		"R14 search about a named patient": {all, func(g *gate, ctx context.Context) {
			g.Search(ctx, fhir.Query{Type: "Patient", Params: []fhir.Param{{Code: "_id", Values: []string{"hidden"}}}})
		}, audit.Record{Interaction: "search-type", Type: "Patient", Query: audit.Query{Clean: "Patient?_id=hidden"}, Patients: []string{"hidden"},
			Rule: "test.care-team", Policies: careTeam, Entries: []audit.Entry{{Key: key("Patient", "p1", "2"), Patients: []string{"p1"}}}}}, // the fake answers with all it may
		"refused transaction": {all, func(g *gate, ctx context.Context) {
			g.Commit(ctx, []fhir.Change{{Method: fhir.Create, Key: key("Observation", "", "")}, {Method: fhir.Update, Key: key("Patient", "hidden", "")}})
		}, audit.Record{Interaction: "transaction", Outcome: audit.MinorFailure, Reason: "test.refused", Rule: "test.own",
			Entries:  []audit.Entry{{Key: key("Observation", "", ""), Effect: fhir.Created}, {Key: key("Patient", "hidden", ""), Effect: fhir.Updated}},
			Patients: []string{"hidden"}}},
	} {
		g := newGate()
		g.repo.put("Patient", "p1", fhir.Created, []string{"p1"})
		g.repo.put("Patient", "p1", fhir.Updated, []string{"p1"})
		g.repo.put("Patient", "hidden", fhir.Created, []string{"hidden"}, secret)
		tt.do(g, tt.ctx)
		if diff := cmp.Diff([]audit.Record{who(tt.want)}, g.trail.take()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// The store's witness finds the record of a Commit in its context, with the
// reasons for which it was permitted; the guard makes no second one.
func TestWitnessFindsReasons(t *testing.T) {
	g := newGate()
	var found audit.Record
	g.Repo = witnessed{g.repo, func(ctx context.Context) { found, _ = audit.PendingFrom(ctx) }}
	_, err := g.Commit(as(t, "system/*.cruds", physician), []fhir.Change{{Method: fhir.Update, Key: patient, Body: []byte("p1")}})
	if err != nil {
		t.Fatal(err)
	}
	want := who(audit.Record{Interaction: "update", Type: "Patient", Rule: "test.own"})
	if diff := cmp.Diff(want, found); diff != "" {
		t.Error(diff)
	}
	if records := g.trail.take(); len(records) != 0 {
		t.Errorf("%+v", records)
	}
}

// witnessed shows the context as a witness sees it, after the judgement.
type witnessed struct {
	*repo
	attest func(context.Context)
}

func (w witnessed) Commit(ctx context.Context, changes []fhir.Change) ([]fhir.Resource, error) {
	results, err := w.repo.Commit(ctx, changes)
	w.attest(ctx)
	return results, err
}
