package consent

import (
	"fmt"
	"slices"
	"testing"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
)

// delegating are the code and extension of a PractitionerRole that stands in.
func delegating(code, to string) string {
	return fmt.Sprintf(`"code":[{"coding":[{"system":%q,"code":%q}]}],"extension":[{"url":%q,"valueReference":{"reference":%q}}]`, DelegationSystem, code, DelegatedBy, to)
}

// acting is a principal of the organisation in the function.
func acting(organization, role string) auth.Principal {
	who := care(organization)
	who.Role = role
	return who
}

// A function that the directory does not have, or not now, or not here, opens
// nothing, not even what the organisation wrote; the directory stays readable.
func TestFunctionRefused(t *testing.T) {
	for name, members := range map[string]string{
		"over":              `"period":{"end":"2026-01-14"}`,
		"not begun":         `"period":{"start":"2026-01-16"}`,
		"unreadable period": `"period":{"end":"soon"}`,
		"modified":          `"modifierExtension":[{"url":"http://x"}]`,
	} {
		m := territory()
		m.put(functionOf("f", "Practitioner/x", msp, members))
		own := record("p")
		own.Contributor = msp
		for _, f := range []fhir.Facts{record("p"), own, record()} {
			if got, why := sees(t, at(now), acting(msp, "PractitionerRole/f"), m, f); got || why.Rule != NoFunction {
				t.Errorf("%s: %v by %s", name, got, why.Rule)
			}
		}
		if got, _ := sees(t, at(now), acting(msp, "PractitionerRole/f"), m, fhir.Facts{Key: fhir.Key{Type: "Organization", ID: "o"}}); !got {
			t.Errorf("%s: the directory is closed", name)
		}
		if rule, ok := write(t, m, acting(msp, "PractitionerRole/f"), nil, observation(msp, "p")); ok || rule != NoFunction {
			t.Errorf("%s: writes, %s", name, rule)
		}
	}
	m := territory()
	m.put(functionOf("f", "Practitioner/x", msp, ""))
	inactive := functionOf("g", "Practitioner/x", msp, "")
	inactive.Body = fmt.Appendf(nil, `{"resourceType":"PractitionerRole","id":"g","active":false,"organization":{"reference":%q}}`, msp)
	m.put(inactive)
	another := acting(msp, "PractitionerRole/f")
	another.Practitioner = "Practitioner/y"
	for name, who := range map[string]auth.Principal{
		"unknown": acting(msp, "PractitionerRole/none"), "inactive": acting(msp, "PractitionerRole/g"),
		"of another organisation": acting(pharmacy, "PractitionerRole/f"), "of another person": another,
	} {
		if got, why := sees(t, at(now), who, m, record("p")); got || why.Rule != NoFunction {
			t.Errorf("%s: %v by %s", name, got, why.Rule)
		}
	}
	if got, why := sees(t, at(now), acting(msp, "PractitionerRole/f"), m, fhir.Facts{Key: fhir.Key{Type: "Patient", ID: "p"}, Patients: []string{"p"}, Contributor: "Organization/labo"}); !got {
		t.Errorf("one that stands: %s", why.Rule)
	}
}

// C05: the end of a function holds on the next request.
func TestC05FunctionEndsAtOnce(t *testing.T) {
	m := territory()
	m.put(functionOf("f", "Practitioner/x", msp, profession("10")))
	p := at(now)
	v, err := p.View(t.Context(), acting(msp, "PractitionerRole/f"), "Observation")
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		members string
		want    bool
	}{{profession("10"), true}, {profession("10") + `,"period":{"end":"2026-01-14"}`, false}, {profession("21"), false}, {profession("10"), true}} {
		m.put(functionOf("f", "Practitioner/x", msp, step.members))
		got, err := v.Sees(t.Context(), m, []fhir.Facts{record("p")})
		if err != nil || got[0] != step.want {
			t.Errorf("%s: %v, %v", step.members, got, err)
		}
	}
}

// The professions of token and directory must both open a class.
func TestProfessionOfTheDirectory(t *testing.T) {
	m := territory()
	m.put(functionOf("f", "Practitioner/x", msp, profession("21")))
	m.put(functionOf("g", "Practitioner/x", msp, ""))
	m.put(functionOf("h", "Practitioner/x", msp, `"code":[{"coding":[{"system":"`+professionSystems[0]+`","code":"software"}]}]`))
	m.put(functionOf("s", "Practitioner/x", msp, profession("10")+`,"specialty":[{"coding":[{"system":"`+specialtySystems[0]+`","code":"SM04"}]}]`))
	m.put(functionOf("gp", "Practitioner/x", msp, profession("10")+`,"specialty":[{"coding":[{"system":"`+specialtySystems[0]+`","code":"SM26"}]}]`))
	for _, tt := range []struct {
		role, profession string
		want             bool
	}{{"f", "", false}, {"f", "10", false}, {"g", "10", true}, {"g", "", false}, {"h", "", false}, {"s", "", false}, {"s", "10", false}, {"gp", "10", true}, {"gp", "", true}} {
		who := acting(msp, "PractitionerRole/"+tt.role)
		who.Profession = tt.profession
		f := record("p")
		f.Key.Type, f.Labels = "Observation", []string{fhir.ClassLabel + "laboratory"}
		if got, why := sees(t, at(now), who, m, f); got != tt.want || !got && why.Rule != Matrix {
			t.Errorf("function %s with profession %q of the token: %v by %s", tt.role, tt.profession, got, why.Rule)
		}
	}
}

// Who stands in for another has their rights while both functions stand, in one
// organisation.
func TestDelegation(t *testing.T) {
	physician := profession("10")
	for _, tt := range []struct {
		name, delegate, delegator string
		rule                      string
		patient, laboratory       bool
	}{
		{"intern", delegating(intern, "PractitionerRole/dr"), physician, Delegated, true, true},
		{"locum", delegating(locum, "PractitionerRole/dr"), physician, Delegated, true, true},
		{"medical assistant", delegating(assistantMedical, "PractitionerRole/dr"), physician, Delegated, true, false},
		{"intern of a pharmacist", delegating(intern, "PractitionerRole/dr"), profession("21"), Delegated, true, false},
		{"supervisor gone", delegating(intern, "PractitionerRole/dr"), physician + `,"period":{"end":"2026-01-14"}`, NoDelegation, false, false},
		{"locum from tomorrow", delegating(locum, "PractitionerRole/dr") + `,"period":{"start":"2026-01-16"}`, physician, NoFunction, false, false},
		{"supervisor unknown", delegating(intern, "PractitionerRole/none"), physician, NoDelegation, false, false},
		{"supervisor elsewhere", delegating(intern, "PractitionerRole/elsewhere"), physician, NoDelegation, false, false},
		{"own supervisor", delegating(intern, "PractitionerRole/d"), physician, NoDelegation, false, false},
		{"supervised by an intern", delegating(intern, "PractitionerRole/dr"), delegating(intern, "PractitionerRole/elsewhere"), NoDelegation, false, false},
		{"no supervisor", `"code":[{"coding":[{"system":"` + DelegationSystem + `","code":"interne"}]}]`, physician, NoDelegation, false, false},
		{"unknown delegation", delegating("stagiaire", "PractitionerRole/dr"), physician, NoFunction, false, false},
		{"delegated by a person", delegating(intern, "Practitioner/dr"), physician, NoFunction, false, false},
	} {
		m := &memory{}
		m.put(patient("p", "Organization/hopital"))
		m.put(privacy("c", "p", "Organization/hopital", provision("permit", "", "Practitioner/dr")))
		m.put(functionOf("dr", "Practitioner/dr", msp, tt.delegator))
		m.put(functionOf("elsewhere", "Practitioner/dr", pharmacy, physician))
		m.put(functionOf("d", "Practitioner/d", msp, tt.delegate))
		who := acting(msp, "PractitionerRole/d")
		identity := fhir.Facts{Key: fhir.Key{Type: "Patient", ID: "p"}, Patients: []string{"p"}, Contributor: "Organization/hopital"}
		got, why := sees(t, at(now), who, m, identity)
		if got != tt.patient || why.Rule != tt.rule {
			t.Errorf("%s: %v by %s, want %s", tt.name, got, why.Rule, tt.rule)
		}
		if got && !slices.Contains(why.Policies, "PractitionerRole/dr/_history/1") {
			t.Errorf("%s: the reason does not name whose rights: %q", tt.name, why.Policies)
		}
		lab := record("p")
		lab.Labels = []string{fhir.ClassLabel + "laboratory"}
		if got, why := sees(t, at(now), who, m, lab); got != tt.laboratory {
			t.Errorf("%s sees laboratory: %v by %s", tt.name, got, why.Rule)
		}
	}
}

// C03: a deny to the supervisor is one to who stands in for them, and a deny to
// a person holds in whatever way they come.
func TestC03DenyFollowsThePerson(t *testing.T) {
	for _, deny := range []string{"Practitioner/dr", "PractitionerRole/dr", "Practitioner/d", "PractitionerRole/d", msp} {
		m := &memory{}
		m.put(patient("p", "Organization/hopital"))
		m.put(careTeam("t", "p", "Organization/hopital", admitting(msp)))
		m.put(functionOf("dr", "Practitioner/dr", msp, profession("10")))
		m.put(functionOf("d", "Practitioner/d", msp, delegating(intern, "PractitionerRole/dr")))
		m.put(privacy("c", "p", "Organization/hopital", provision("deny", "", deny)))
		if got, why := sees(t, at(now), acting(msp, "PractitionerRole/d"), m, record("p")); got || why.Rule != Denied {
			t.Errorf("deny to %s: %v by %s", deny, got, why.Rule)
		}
		person := care(msp)
		person.Practitioner, person.Profession = "Practitioner/d", "10"
		want := deny != "Practitioner/dr" && deny != "PractitionerRole/dr"
		if got, why := sees(t, at(now), person, m, record("p")); got == want {
			t.Errorf("deny to %s, asked by the person: %v by %s", deny, got, why.Rule)
		}
	}
}

// A member by function is the person who holds it now, in that organisation.
func TestMemberByFunction(t *testing.T) {
	for name, tt := range map[string]struct {
		function fhir.Resource
		want     bool
	}{
		"held":              {functionOf("f", "Practitioner/x", msp, profession("10")), true},
		"by another":        {functionOf("f", "Practitioner/y", msp, profession("10")), false},
		"elsewhere":         {functionOf("f", "Practitioner/x", pharmacy, profession("10")), false},
		"over":              {functionOf("f", "Practitioner/x", msp, `"period":{"end":"2026-01-14"}`), false},
		"deleted":           {*tombstone(functionOf("f", "Practitioner/x", msp, "")), false},
		"of somebody's own": {functionOf("f", "Practitioner/x", msp, delegating(intern, "PractitionerRole/dr")), false},
	} {
		m := &memory{}
		m.put(patient("p", "Organization/hopital"))
		m.put(careTeam("t", "p", "Organization/hopital", admitting("PractitionerRole/f")))
		m.put(tt.function)
		who := care(msp)
		who.Practitioner, who.Profession = "Practitioner/x", "10"
		if got, why := sees(t, at(now), who, m, record("p")); got != tt.want {
			t.Errorf("%s: %v by %s", name, got, why.Rule)
		}
	}
}
