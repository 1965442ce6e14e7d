package consent

import (
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/auth"
)

func TestCareTeam(t *testing.T) {
	doctor := care(msp)
	doctor.Practitioner, doctor.Role = "Practitioner/lemoine", "PractitionerRole/lemoine-msp"
	for _, tt := range []struct {
		name, members string
		want          bool
	}{
		{"nobody", `"participant":[]`, false},
		{"organisation", admitting(msp), true},
		{"practitioner", admitting("Practitioner/lemoine"), true},
		{"function", admitting("PractitionerRole/lemoine-msp"), true},
		{"other function of the person", admitting("PractitionerRole/lemoine-hopital"), false},
		{"other organisation", admitting(pharmacy), false},
		{"versioned reference", admitting(msp + "/_history/2"), true},
		{"absolute reference", admitting("https://gw.example/fhir/" + msp), true},
		{"foreign reference", admitting("https://other.example/fhir/" + msp), false},
		{"type of the reference only", `"participant":[{"member":{"type":"Organization","identifier":{"value":"1"},"display":"msp"}}]`, false},
		{"contained", admitting("#msp"), false},
		{"team within the team", admitting("CareTeam/other"), false},
		{"managing organisation", `"managingOrganization":[{"reference":"Organization/msp"}]`, true},
		{"other managing organisation", `"managingOrganization":[{"reference":"Organization/dehors"}]`, false},
		{"on behalf of the organisation", `"participant":[{"member":{"reference":"Practitioner/lemoine"},"onBehalfOf":{"reference":"Organization/msp"}}]`, true},
		{"on behalf of another", `"participant":[{"member":{"reference":"Practitioner/lemoine"},"onBehalfOf":{"reference":"Organization/dehors"}}]`, false},
		{"behalf not readable", `"participant":[{"member":{"reference":"Practitioner/lemoine"},"onBehalfOf":{"display":"msp"}}]`, false},
		{"not begun", `"period":{"start":"2026-01-16"},` + admitting(msp), false},
		{"last day", `"period":{"start":"2025-01-01","end":"2026-01-15"},` + admitting(msp), true},
		{"over", `"period":{"end":"2026-01-14"},` + admitting(msp), false},
		{"period malformed", `"period":{"end":"soon"},` + admitting(msp), false},
		{"participant over", `"participant":[{"member":{"reference":"Organization/msp"},"period":{"end":"2026-01-14"}}]`, false},
		{"participant malformed", `"participant":[{"member":{"reference":"Organization/msp"},"period":{"stop":"2027"}}]`, false},
		{"participant modified", `"participant":[{"modifierExtension":[{"url":"http://x"}],"member":{"reference":"Organization/msp"}}]`, false},
		{"team modified", `"modifierExtension":[{"url":"http://x"}],` + admitting(msp), false},
	} {
		m := &memory{}
		m.put(functionOf("lemoine-msp", "Practitioner/lemoine", msp, profession("10")))
		m.put(patient("p", "Organization/hopital"))
		m.put(careTeam("t", "p", "Organization/hopital", tt.members))
		got, why := sees(t, at(now), doctor, m, record("p"))
		if got != tt.want || got != (why.Rule == CareTeam) {
			t.Errorf("%s: %v by %s", tt.name, got, why.Rule)
		}
		if got && (len(why.Policies) != 3 || why.Policies[0] != "CareTeam/t/_history/1" || why.Policies[1] != "PractitionerRole/lemoine-msp/_history/1" || why.Policies[2] != "urn:cordee:matrix:fr-2026.2") {
			t.Errorf("%s rests on %q", tt.name, why.Policies)
		}
	}
}

// C07: only an active CareTeam counts.
func TestC07CareTeamStatus(t *testing.T) {
	for _, status := range []string{"proposed", "suspended", "inactive", "entered-in-error", "Active", ""} {
		m := &memory{}
		team := careTeam("t", "p", msp, admitting(msp))
		team.Body = []byte(strings.Replace(string(team.Body), `"status":"active"`, `"status":"`+status+`"`, 1))
		m.put(team)
		if got, _ := sees(t, at(now), care(msp), m, record("p")); got {
			t.Errorf("a CareTeam of status %q admits", status)
		}
	}
}

// C01: outside the care team and without consent nothing is seen.
func TestC01OutsideCareTeam(t *testing.T) {
	m := &memory{}
	m.put(patient("p", msp))
	m.put(careTeam("t", "p", msp, admitting(msp)))
	got, why := sees(t, at(now), care(outsider), m, record("p"))
	if got || why.Rule != OutsideCareTeam || why.Policies != nil {
		t.Errorf("%v by %+v", got, why)
	}
	if got, why = sees(t, at(now), care(msp), m, record("nobody")); got || why.Rule != OutsideCareTeam {
		t.Errorf("a patient who is not there: %v by %s", got, why.Rule)
	}
}

// A team in which the patient takes part as somebody's carer is not theirs.
func TestCareTeamOfAnother(t *testing.T) {
	m := &memory{}
	team := careTeam("t", "other", msp, admitting(msp, "Patient/p"))
	team.Facts.Patients = []string{"other", "p"}
	m.put(team)
	if got, _ := sees(t, at(now), care(msp), m, record("p")); got {
		t.Error("the team of another patient opens this one")
	}
	if got, _ := sees(t, at(now), care(msp), m, record("other")); !got {
		t.Error("the patient of the team is not open")
	}
	if got, _ := sees(t, at(now), care(pharmacy), m, team.Facts); got {
		t.Error("the CareTeam itself is open")
	}
}

// L1110-4: a care team shares for care, not for other purposes (C15).
func TestC15PurposeOfTheToken(t *testing.T) {
	m := &memory{}
	m.put(careTeam("t", "p", msp, admitting(msp)))
	for purpose, want := range map[string]bool{
		auth.PurposeTreatment: true, auth.PurposeEmergencyTreatment: true, auth.PurposeCareManagement: true,
		auth.PurposeResearch: false, auth.PurposeOperations: false, auth.PurposePayment: false, auth.PurposeBreakTheGlass: false, "treat": false,
	} {
		who := care(msp)
		who.Purpose = purpose
		if got, _ := sees(t, at(now), who, m, record("p")); got != want {
			t.Errorf("purpose %s: %v", purpose, got)
		}
	}
}
