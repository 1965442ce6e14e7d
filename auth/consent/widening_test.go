package consent

import (
	"testing"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
)

// A24: nobody opens a patient to their own organisation.
func TestA24OwnMembership(t *testing.T) {
	m := territory()
	// r is the outsider's Patient, about whom the hospital has said something.
	m.put(patient("r", outsider))
	m.put(careTeam("tr", "r", "Organization/hopital", admitting("Organization/hopital")))
	m.put(functionOf("x", "Practitioner/x", outsider, ""))
	// s is the outsider's alone.
	m.put(patient("s", outsider))
	team := func(of, members string) *fhir.Resource { r := careTeam("new", of, outsider, members); return &r }
	permit := func(of, members string, actors ...string) *fhir.Resource {
		r := privacy("new", of, outsider, provision("permit", members, actors...))
		return &r
	}
	registrar := care(outsider)
	registrar.Roles = []string{auth.RoleRegistrar}
	for _, tt := range []struct {
		name  string
		who   auth.Principal
		after *fhir.Resource
		want  string
		ok    bool
	}{
		{"team of a stranger", care(outsider), team("p", admitting(outsider)), OutsideCareTeam, false},
		{"consent of a stranger", care(outsider), permit("p", "", outsider), OutsideCareTeam, false},
		{"team of the own Patient about whom others spoke", care(outsider), team("r", admitting(outsider)), Widening, false},
		{"the same for a function that may be its own", care(outsider), team("r", admitting("PractitionerRole/x")), Widening, false},
		{"the same from tomorrow", care(outsider), team("r", `"period":{"start":"2026-01-16"},`+admitting(outsider)), Widening, false},
		{"consent for the own Patient about whom others spoke", care(outsider), permit("r", "", outsider), Widening, false},
		{"the same for another purpose", care(outsider), permit("r", `"purpose":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"HRESCH"}]`, outsider), Widening, false},
		{"consent that opens nothing", care(outsider), permit("r", ""), OwnPatient, true},
		{"own Patient", care(outsider), team("s", admitting(outsider, msp)), OwnPatient, true},
		{"consent for the own Patient", care(outsider), permit("s", "", outsider), OwnPatient, true},
		{"a patient who does not exist", care(outsider), team("new", admitting(outsider)), OutsideCareTeam, false},
		{"a consent about nobody", care(outsider), permit("new", "", outsider), OutsideCareTeam, false},
		{"registrar", registrar, team("p", admitting(outsider)), Registrar, true},
		{"registrar, a consent", registrar, permit("p", "", outsider), Registrar, true},
		{"member names another", care(pharmacy), team("p", admitting(outsider)), CareTeam, true},
		{"member records a consent", care(pharmacy), permit("p", "", outsider), CareTeam, true},
	} {
		if rule, ok := write(t, m, tt.who, nil, tt.after); ok != tt.ok || rule != tt.want {
			t.Errorf("%s: %v by %s, want %s", tt.name, ok, rule, tt.want)
		}
	}
	o := observation(outsider, "p")
	if rule, ok := write(t, m, registrar, nil, o); ok {
		t.Errorf("a registrar writes clinical data by %s", rule)
	}
}

// A24: a former member cannot bring itself back through what it wrote while it
// was in the team.
func TestA24FormerMember(t *testing.T) {
	m := territory()
	m.put(patient("p", pharmacy)) // it updated the Patient
	old := m.put(careTeam("old", "p", pharmacy, `"period":{"end":"2026-01-14"},`+admitting(pharmacy)))
	m.put(careTeam("tp", "p", msp, admitting(msp))) // and was let go
	longer := careTeam("old", "p", pharmacy, admitting(pharmacy))
	if rule, ok := write(t, m, care(pharmacy), &old, &longer); ok || rule != Widening {
		t.Errorf("extends its own team: %v by %s", ok, rule)
	}
	shorter := careTeam("old", "p", pharmacy, `"participant":[]`)
	if rule, ok := write(t, m, care(pharmacy), &old, &shorter); !ok || rule != OwnCorrection {
		t.Errorf("empties its own team: %v by %s", ok, rule)
	}
}

// A24: lifting a deny opens as much as recording a permit does.
func TestA24LiftingDeny(t *testing.T) {
	m := territory()
	deny := m.put(privacy("c", "p", pharmacy, provision("deny", "", pharmacy)))
	foreign := m.put(privacy("f", "p", msp, provision("permit", "", outsider)))
	inactive := consent("c", "p", pharmacy, "inactive", `"provision":{"type":"deny"}`)
	elsewhere := privacy("c", "p", pharmacy, provision("deny", "", outsider))
	for name, after := range map[string]*fhir.Resource{"delete": tombstone(deny), "inactive": &inactive, "other actor": &elsewhere} {
		if rule, ok := write(t, m, care(pharmacy), &deny, after); ok || rule != Widening {
			t.Errorf("%s: %v by %s", name, ok, rule)
		}
	}
	wider := privacy("c", "p", pharmacy, provision("deny", ""))
	if rule, ok := write(t, m, care(pharmacy), &deny, &wider); !ok || rule != OwnCorrection {
		t.Errorf("a wider deny: %v by %s", ok, rule)
	}
	member := care("Organization/kine")
	m.put(careTeam("tk", "p", msp, admitting("Organization/kine")))
	for name, after := range map[string]*fhir.Resource{"delete": tombstone(foreign), "update": &foreign} {
		if rule, ok := write(t, m, member, &foreign, after); ok || rule != ForeignConsent {
			t.Errorf("%s of the consent of another: %v by %s", name, ok, rule)
		}
	}
}

// Who names a patient before the Patient exists does not get to keep them: the
// Patient can then not be created over it.
func TestA24SquattedPatient(t *testing.T) {
	m := &memory{}
	m.put(careTeam("t", "x", outsider, admitting(outsider)))
	created := patient("x", msp)
	if rule, ok := write(t, m, care(msp), nil, &created); ok || rule != OutsideCareTeam {
		t.Errorf("%v by %s", ok, rule)
	}
	created = patient("x", outsider)
	if rule, ok := write(t, m, care(outsider), nil, &created); !ok {
		t.Errorf("%v by %s", ok, rule)
	}
}

// C08: a Consent that could not be enforced is refused on write.
func TestC08UnreadableIsRefused(t *testing.T) {
	m := territory()
	for name, tt := range map[string]struct {
		after fhir.Resource
		ok    bool
	}{
		"action":            {privacy("c", "p", msp, provision("permit", `"action":[{"text":"x"}]`, outsider)), false},
		"class":             {privacy("c", "p", msp, provision("permit", `"class":[{"code":"Observation"}]`, outsider)), false},
		"verification":      {consent("c", "p", msp, "active", `"verification":[],"provision":`+provision("deny", "")), false},
		"another patient":   {privacy("c", "q", msp, provision("deny", "")), false},
		"draft":             {consent("c", "p", msp, "draft", `"verification":[],"provision":`+provision("deny", "")), true},
		"intermediate":      {privacy("c", "p", msp, provision("permit", `"dataPeriod":{"start":"2025"}`, outsider)), true},
		"without provision": {consent("c", "p", msp, "active", `"policyRule":{"coding":[{"code":"OPTIN"}]}`), true},
	} {
		tt.after.Facts.Patients = []string{"p"}
		_, err := at(now).Write(t.Context(), care(msp), m, nil, &tt.after)
		if (err == nil) != tt.ok || err != nil && fhir.KindOf(err) != fhir.Unprocessable {
			t.Errorf("%s: %v", name, err)
		}
	}
}
