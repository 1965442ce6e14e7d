package gateway

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/auth/oauth"
)

const explained = "Patient/jeanne-durand/$consent-decision?actor=Organization/"

// A04, A05: who does not answer for the record of a patient learns of a decision
// no more than of a patient who does not exist.
func TestConsentDecisionIsNotForEverybody(t *testing.T) {
	s := demonstration(t)
	breaks := emergencies(t, s)
	for name, c := range map[string]caller{
		"outside":      as(t, s, "outsider", "system/*.rs", oauth.Declaration{}),
		"care team":    as(t, s, "physio", "system/Patient.rs", oauth.Declaration{}),
		"in emergency": breaks("jeanne-durand"),
	} {
		status, body := c.send("GET", explained+"pharmacie-vieux-pont", "")
		absentStatus, absent := c.send("GET", strings.Replace(explained, "jeanne-durand", "nobody", 1)+"pharmacie-vieux-pont", "")
		if status != 404 || absentStatus != 404 || body != absent {
			t.Errorf("%s: %d %.200s; of nobody: %d %.200s", name, status, body, absentStatus, absent)
		}
	}
	unscoped := as(t, s, "practice", "system/Observation.rs", oauth.Declaration{})
	if status, _ := unscoped.send("GET", explained+"x", ""); status != 403 {
		t.Errorf("without the scope: %d", status)
	}
}

// The custodian, the officer and the patient learn what an actor may see, by
// class, and by which rule; the question is on record.
func TestConsentDecision(t *testing.T) {
	s := demonstration(t)
	practice := as(t, s, "practice", "system/Patient.rs", oauth.Declaration{})
	officer := as(t, s, "officer", "system/AuditEvent.rs", oauth.Declaration{})
	for name, c := range map[string]caller{"custodian": practice, "officer": officer, "patient": patientsPortal(t, s, "jeanne-durand")} {
		status, body := c.send("GET", explained+"cabinet-gare", "")
		if status != 200 || !strings.Contains(body, `"consent.outside-care-team"`) || !strings.Contains(body, `"class"`) || strings.Contains(body, `"valueBoolean":true`) {
			t.Errorf("%s, of an outsider: %d %.400s", name, status, body)
		}
	}
	status, body := practice.send("GET", explained+"pharmacie-vieux-pont&purpose=TREAT&profession=21", "")
	if status != 200 || !strings.Contains(body, `"consent.care-team"`) || !strings.Contains(body, "/_history/") || !strings.Contains(body, `"valueBoolean":true`) {
		t.Errorf("of the care team: %d %.600s", status, body)
	}
	for _, wrong := range []string{"", "?actor=Group/x", "?actor=Organization/x&actor=Organization/y", "?actor=Organization/x&purpose=FUN", "?actor=Organization/x&when=now"} {
		if status, body := practice.send("GET", "Patient/jeanne-durand/$consent-decision"+wrong, ""); status != 400 {
			t.Errorf("%q: %d %.200s", wrong, status, body)
		}
	}
	if _, body := officer.send("GET", "AuditEvent?date=ge2026-01-01&patient=jeanne-durand&subtype=operation", ""); entries(t, body) < 4 {
		t.Errorf("the questions are not on record: %.400s", body)
	}
	if status, body := as(t, s, "practice", "system/OperationDefinition.rs", oauth.Declaration{}).send("GET", "OperationDefinition/consent-decision", ""); status != 200 {
		t.Errorf("the definition: %d %.200s", status, body)
	}
}

// patientsPortal is the portal through which a patient asks.
func patientsPortal(t *testing.T, s *Server, patient string) caller {
	t.Helper()
	scopes, err := auth.ParseScopes("system/*.rs")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "portal.json")
	client := oauth.Client{ID: "portal", Name: "Portail", Organization: "Organization/portail", Roles: []string{auth.RolePatient},
		Purposes: []string{auth.PurposePatientRequest}, Subjects: []string{"*"}, Scopes: scopes}
	if err := Register(t.Context(), s.Gateway().Clients(), client, ClientFile{Path: file, Base: s.Base()}); err != nil {
		t.Fatal(err)
	}
	return as(t, s, file, "system/*.rs", oauth.Declaration{Organization: "Organization/portail", Purpose: auth.PurposePatientRequest, Subject: "Patient/" + patient})
}
