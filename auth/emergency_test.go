package auth_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
)

// inEmergency is a principal that breaks the glass of Patient/p1.
func inEmergency(p *auth.Principal) {
	p.Purpose, p.Patient, p.Practitioner = auth.PurposeBreakTheGlass, "p1", "Practitioner/d1"
	p.Emergency = auth.Emergency{ID: "session-1", Start: p.Expires.Add(-auth.EmergencyLife)}
}

// breaking is a gate with the records of two patients, and how often patients
// were told.
func breaking(*testing.T) (*gate, *int) {
	g, told := newGate(), new(int)
	g.repo.put("Patient", "p1", fhir.Created, []string{"p1"})
	g.repo.put("Patient", "p2", fhir.Created, []string{"p2"})
	g.repo.put("Observation", "both", fhir.Created, []string{"p1", "p2"})
	g.repo.put("Observation", "objected", fhir.Created, []string{"p1"}, secret)
	g.Notify = func(context.Context, auth.Principal) error { *told++; return nil }
	return g, told
}

// C09: one patient, read only, whatever the scopes say; nothing is told of what
// is withheld and of whom there is not.
func TestC09BreakGlassOnePatient(t *testing.T) {
	g, told := breaking(t)
	ctx := as(t, "system/*.cruds", inEmergency)
	for _, key := range []fhir.Key{{Type: "Patient", ID: "p2"}, {Type: "Patient", ID: "nobody"}, {Type: "Observation", ID: "both"},
		{Type: "Observation", ID: "objected"}, {Type: "Patient", ID: "p2", Version: "1"}} {
		if _, err := g.Read(ctx, key); fhir.KindOf(err) != fhir.NotFound {
			t.Errorf("%v: %v", key, err)
		}
		if _, err := g.History(ctx, fhir.HistoryQuery{Type: key.Type, ID: key.ID}); fhir.KindOf(err) != fhir.NotFound {
			t.Errorf("history of %v: %v", key, err)
		}
	}
	if *told != 0 {
		t.Error("a patient was told of what was not given")
	}
	for _, method := range []fhir.Method{fhir.Create, fhir.Update, fhir.Delete} {
		key := fhir.Key{Type: "Patient", ID: "p1"}
		_, err := g.Commit(ctx, []fhir.Change{{Method: method, Key: key, Body: []byte(`{"resourceType":"Patient"}`)}})
		if fhir.KindOf(err) != fhir.Forbidden {
			t.Errorf("method %v: %v", method, err)
		}
	}
	page, err := g.Search(ctx, fhir.Query{})
	if err != nil || len(page.Matches) != 1 || page.Matches[0].String() != "Patient/p1/_history/1" {
		t.Errorf("a search over all finds %v (%v)", page.Matches, err)
	}
	if *told != 1 {
		t.Errorf("told %d times", *told)
	}
}

// Without a session, a patient or a way to tell them, the glass stays whole.
func TestC09BreakGlassIncomplete(t *testing.T) {
	patient := fhir.Key{Type: "Patient", ID: "p1"}
	for name, change := range map[string]func(*auth.Principal){
		"no session": func(p *auth.Principal) { p.Emergency = auth.Emergency{} },
		"no patient": func(p *auth.Principal) { p.Patient = "" },
	} {
		g, _ := breaking(t)
		if _, err := g.Read(as(t, "system/*.cruds", inEmergency, change), patient); fhir.KindOf(err) != fhir.Forbidden {
			t.Errorf("%s: %v", name, err)
		}
	}
	g, _ := breaking(t)
	g.Notify = nil
	if r, err := g.Read(as(t, "system/*.rs", inEmergency), patient); err == nil || r.Body != nil {
		t.Errorf("nobody to tell the patient: %v", err)
	}
	g.Notify = func(context.Context, auth.Principal) error { return errors.New("disk full") }
	if r, err := g.Read(as(t, "system/*.rs", inEmergency), patient); fhir.KindOf(err) != fhir.Unavailable || r.Body != nil {
		t.Errorf("the notice fails: %v", err)
	}
}

// Each event of the session is flagged by its purpose.
func TestBreakGlassIsFlagged(t *testing.T) {
	g, _ := breaking(t)
	ctx := as(t, "system/*.rs", inEmergency)
	g.Read(ctx, fhir.Key{Type: "Patient", ID: "p1"})
	g.Read(ctx, fhir.Key{Type: "Patient", ID: "p2"})
	g.Search(ctx, fhir.Query{Type: "Observation"})
	for _, r := range g.trail.take() {
		if r.Purpose != auth.PurposeBreakTheGlass || !slices.Contains([]string{"Practitioner/d1"}, r.Agent) {
			t.Errorf("%+v", r)
		}
	}
}
