package consent

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
)

// verdicts asks who of the team (msp) and of outside sees the patient.
func verdicts(t *testing.T, consents ...fhir.Resource) (team, outside string) {
	t.Helper()
	m := &memory{}
	m.put(patient("p", "Organization/hopital"))
	m.put(careTeam("t", "p", "Organization/hopital", admitting(msp)))
	for _, c := range consents {
		m.put(c)
	}
	_, a := sees(t, at(now), care(msp), m, record("p"))
	_, b := sees(t, at(now), care(outsider), m, record("p"))
	return a.Rule, b.Rule
}

func TestConsent(t *testing.T) {
	const purpose = `"purpose":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"%s"}]`
	treat, research := fmt.Sprintf(purpose, "TREAT"), fmt.Sprintf(purpose, "HRESCH")
	for _, tt := range []struct{ name, provision, team, outside string }{
		{"permit", provision("permit", "", outsider), CareTeam, Permitted},
		{"permit for the purpose", provision("permit", treat, outsider), CareTeam, Permitted},
		{"permit for another purpose", provision("permit", research, outsider), CareTeam, OutsideCareTeam},
		{"permit for a purpose of another system", provision("permit", `"purpose":[{"system":"urn:x","code":"TREAT"}]`, outsider), CareTeam, OutsideCareTeam},
		{"permit over", provision("permit", `"period":{"end":"2026-01-14"}`, outsider), CareTeam, OutsideCareTeam},
		{"permit on its last day", provision("permit", `"period":{"start":"2026-01-15","end":"2026-01-15"}`, outsider), CareTeam, Permitted},
		{"permit without actor", provision("permit", ""), CareTeam, OutsideCareTeam},
		{"permit to the team", provision("permit", "", "CareTeam/t"), Permitted, OutsideCareTeam},
		{"permit to a group", provision("permit", "", "Group/g"), CareTeam, OutsideCareTeam},
		{"permit to who sends it", `{"type":"permit","actor":[{"role":{"coding":[{"code":"CST"}]},"reference":{"reference":"Organization/dehors"}}]}`, CareTeam, OutsideCareTeam},
		{"permit narrowed by date of the data", provision("permit", `"dataPeriod":{"start":"2025"}`, outsider), CareTeam, Denied},
		{"permit narrowed without actor", provision("permit", `"data":[{"meaning":"related","reference":{"reference":"CarePlan/c"}}]`), CareTeam, OutsideCareTeam},
		{"deny", provision("deny", "", msp), Denied, OutsideCareTeam},
		{"deny without actor", provision("deny", ""), Opposition, Opposition},
		{"deny for another purpose", provision("deny", research), CareTeam, OutsideCareTeam},
		{"deny for the purpose", provision("deny", treat), Opposition, Opposition},
		{"deny for a purpose of another system", provision("deny", `"purpose":[{"system":"urn:x","code":"HRESCH"}]`), Opposition, Opposition},
		{"deny over", provision("deny", `"period":{"end":"2026-01-14"}`), CareTeam, OutsideCareTeam},
		{"deny narrowed by label", provision("deny", `"securityLabel":[{"code":"R"}]`, msp), Denied, OutsideCareTeam},
		{"deny to a relative", provision("deny", "", "RelatedPerson/r"), CareTeam, OutsideCareTeam},
		{"deny with a permit inside", provision("deny", `"provision":[`+provision("permit", "", outsider)+`]`), Opposition, Permitted},
		{"deny with a permit for the purpose inside", provision("deny", `"provision":[`+provision("permit", treat)+`]`), CareTeam, OutsideCareTeam},
		{"deny with a narrowed permit inside", provision("deny", `"provision":[`+provision("permit", `"dataPeriod":{"start":"2025"}`)+`]`), Opposition, Opposition},
		{"permit with a deny inside", provision("permit", `"provision":[`+provision("deny", "", "Practitioner/x")+`]`, outsider), CareTeam, Permitted},
		{"permit with a deny of the purpose inside", provision("permit", `"provision":[`+provision("deny", treat)+`]`, outsider), CareTeam, Opposition},
		{"permit with a deny to another inside", provision("permit", `"provision":[`+provision("deny", "", msp)+`]`, outsider), Denied, Permitted},
		{"permit to nobody with a permit inside", provision("permit", `"provision":[`+provision("permit", "", outsider)+`]`), CareTeam, Permitted},
	} {
		team, outside := verdicts(t, privacy("c", "p", "Organization/hopital", tt.provision))
		if team != tt.team || outside != tt.outside {
			t.Errorf("%s: the team %s, outside %s; want %s and %s", tt.name, team, outside, tt.team, tt.outside)
		}
	}
}

// C03: a deny holds for the organisation, person, function, team or group that
// it names, care team or not.
func TestC03DenyNamesActor(t *testing.T) {
	who := care(msp)
	who.Practitioner, who.Role = "Practitioner/x", "PractitionerRole/x-msp"
	for actor, want := range map[string]bool{
		msp: true, "Practitioner/x": true, "PractitionerRole/x-msp": true, "CareTeam/t": true, "CareTeam/unknown": true,
		"Group/g": true, "Device/d": true, "#contained": true, "https://other.example/Organization/msp": true,
		"https://gw.example/fhir/Organization/msp": true, pharmacy: false, "Practitioner/y": false, "Patient/p": false,
	} {
		m := &memory{}
		m.put(functionOf("x-msp", "Practitioner/x", msp, profession("10")))
		m.put(careTeam("t", "p", msp, admitting(msp)))
		m.put(privacy("c", "p", pharmacy, provision("deny", "", actor)))
		if got, why := sees(t, at(now), who, m, record("p")); got == want {
			t.Errorf("deny to %s: visible %v by %s", actor, got, why.Rule)
		}
	}
}

// C06: of contradictory Consents the strictest holds, whichever is newer, and
// the reason names them all with their versions.
func TestC06Contradiction(t *testing.T) {
	for _, order := range [][]string{{"deny", "permit"}, {"permit", "deny"}} {
		m := &memory{}
		for i, kind := range order {
			m.put(privacy(kind, "p", msp, provision(kind, fmt.Sprintf(`"period":{"start":"2025-0%d-01"}`, i+1), outsider)))
		}
		m.put(privacy("permit", "p", msp, provision("permit", "", outsider)))
		got, why := sees(t, at(now), care(outsider), m, record("p"))
		slices.Sort(why.Policies)
		if got || why.Rule != Denied || !slices.Equal(why.Policies, []string{"Consent/deny/_history/1", "Consent/permit/_history/2"}) {
			t.Errorf("%v: %v by %s of %q", order, got, why.Rule, why.Policies)
		}
	}
}

// C07: a Consent that is not active has no say.
func TestC07ConsentStatus(t *testing.T) {
	for _, status := range []string{"draft", "proposed", "rejected", "inactive", "entered-in-error"} {
		for _, kind := range []string{"deny", "permit"} {
			team, outside := verdicts(t, consent("c", "p", msp, status, `"provision":`+provision(kind, "", msp, outsider)))
			if team != CareTeam || outside != OutsideCareTeam {
				t.Errorf("%s %s: the team %s, outside %s", status, kind, team, outside)
			}
		}
	}
}

// C08: an active Consent that is malformed, or holds what PCF forbids, is an
// opposition.
func TestC08UnreadableIsOpposition(t *testing.T) {
	permit := provision("permit", "", outsider)
	with := func(members string) fhir.Resource {
		return privacy("c", "p", msp, provision("permit", members, outsider))
	}
	swap := func(old, new string) fhir.Resource {
		c := privacy("c", "p", msp, permit)
		if !strings.Contains(string(c.Body), old) {
			t.Fatalf("%s is not in the Consent", old)
		}
		c.Body = []byte(strings.Replace(string(c.Body), old, new, 1))
		return c
	}
	for name, c := range map[string]fhir.Resource{
		"action":              with(`"action":[{"text":"access"}]`),
		"class":               with(`"class":[{"code":"Observation"}]`),
		"code":                with(`"code":[{"text":"x"}]`),
		"depth 3":             with(`"provision":[` + provision("deny", `"provision":[`+permit+`]`, msp) + `]`),
		"verification":        consent("c", "p", msp, "active", `"verification":[{"verified":true}],"provision":`+permit),
		"modifier":            consent("c", "p", msp, "active", `"modifierExtension":[{"url":"http://x"}],"provision":`+permit),
		"modifier of a rule":  with(`"modifierExtension":[{"url":"http://x"}]`),
		"unknown element":     with(`"except":[]`),
		"period":              with(`"period":{"end":"soon"}`),
		"purpose":             with(`"purpose":[{"display":"care"}]`),
		"no purpose in list":  with(`"purpose":[]`),
		"no actor in list":    with(`"provision":[{"type":"deny","actor":[]}]`),
		"actor without role":  privacy("c", "p", msp, `{"type":"permit","actor":[{"reference":{"reference":"Organization/dehors"}}]}`),
		"no type":             privacy("c", "p", msp, `{"period":{"start":"2025"}}`),
		"nested without type": with(`"provision":[{"period":{"start":"2025"}}]`),
		"type":                swap(`"type":"permit"`, `"type":"allow"`),
		"status":              swap(`"active"`, `"Active"`),
		"no status":           swap(`"status":"active",`, ``),
		"scope":               swap(`patient-privacy`, `privacy`),
		"system of scope":     swap(scopeSystem, `urn:x`),
		"patient":             swap(`Patient/p`, `Patient/homonym`),
		"logical patient":     swap(`"patient":{"reference":"Patient/p"}`, `"patient":{"identifier":{"value":"1"}}`),
		"no provision":        consent("c", "p", msp, "active", `"policy":[{"uri":"http://x"}]`),
		"not JSON":            swap(`}`, ``),
		"provision of a kind": privacy("c", "p", msp, `[`+permit+`]`),
	} {
		team, outside := verdicts(t, c)
		if team != Opposition || outside != Opposition {
			t.Errorf("%s: the team %s, outside %s", name, team, outside)
		}
	}
}

func TestPolicyRule(t *testing.T) {
	rule := func(code, provision string) fhir.Resource {
		members := fmt.Sprintf(`"policyRule":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":%q}]}`, code)
		if provision != "" {
			members += `,"provision":` + provision
		}
		return consent("c", "p", msp, "active", members)
	}
	for _, tt := range []struct{ name, code, provision, team, outside string }{
		{"opt-out", "OPTOUT", "", Opposition, Opposition},
		{"opt-in", "OPTIN", "", CareTeam, OutsideCareTeam},
		{"opt-in with a period and no actor", "OPTIN", provision("permit", `"period":{"start":"2023-01-01"}`), CareTeam, OutsideCareTeam},
		{"opt-out except one", "OPTOUT", provision("permit", "", outsider), Opposition, Permitted},
		{"opt-in except one", "OPTIN", provision("deny", "", msp), Denied, OutsideCareTeam},
		{"base rule of R4", "OPTOUT", `{"period":{"start":"2025"}}`, Opposition, Opposition},
		{"base rule of R4 with an exception", "OPTOUT", `{"provision":[` + provision("permit", "", outsider) + `]}`, Opposition, Permitted},
		{"unknown", "EMRGONLY", "", Opposition, Opposition},
	} {
		team, outside := verdicts(t, rule(tt.code, tt.provision))
		if team != tt.team || outside != tt.outside {
			t.Errorf("%s: the team %s, outside %s; want %s and %s", tt.name, team, outside, tt.team, tt.outside)
		}
	}
}

// Consents to treatment, to research or of advance care say nothing of access.
func TestConsentOfAnotherScope(t *testing.T) {
	for _, scope := range []string{"treatment", "research", "adr"} {
		c := privacy("c", "p", msp, provision("deny", ""))
		c.Body = []byte(strings.Replace(string(c.Body), "patient-privacy", scope, 1))
		if team, outside := verdicts(t, c); team != CareTeam || outside != OutsideCareTeam {
			t.Errorf("%s: the team %s, outside %s", scope, team, outside)
		}
	}
}

// A Consent about feeding the record says nothing of reading it.
func TestFeedingDoesNotRead(t *testing.T) {
	feeding := strings.NewReplacer(`"category":[{"coding":[{`, `"category":[{"coding":[{"system":"`+CategorySystem+`","code":"dmp-alimentation"},{`)
	for _, kind := range []string{"deny", "permit"} {
		c := privacy("c", "p", msp, provision(kind, "", msp, outsider))
		c.Body = []byte(feeding.Replace(string(c.Body)))
		if team, outside := verdicts(t, c); team != CareTeam || outside != OutsideCareTeam {
			t.Errorf("%s: the team %s, outside %s", kind, team, outside)
		}
		c.Body = []byte(strings.Replace(string(c.Body), `"category":[`, `"category":[{"coding":[{"system":"`+CategorySystem+`","code":"dmp-consultation"}]},`, 1))
		if team, _ := verdicts(t, c); (team == Denied) != (kind == "deny") {
			t.Errorf("%s of both categories: the team %s", kind, team)
		}
	}
}

func FuzzStatement(f *testing.F) {
	for _, seed := range []fhir.Resource{
		privacy("c", "p", msp, provision("permit", `"period":{"end":"2026-01-15"}`, outsider)),
		privacy("c", "p", msp, provision("deny", `"provision":[`+provision("permit", "", outsider)+`]`)),
		consent("c", "p", msp, "inactive", `"provision":{"type":"deny"}`),
		consent("c", "p", msp, "active", `"policyRule":{"coding":[{"code":"OPTOUT"}]}`),
	} {
		f.Add(seed.Body)
	}
	r := at(now).reader
	f.Fuzz(func(t *testing.T, body []byte) {
		s, ok := r.compileStatement(fhir.Resource{Key: fhir.Key{Type: "Consent", ID: "c"}, Body: body}, "p")
		q := &inquiry{identity: &identity{organization: outsider, purpose: auth.PurposeTreatment, now: now}, facts: &fhir.Facts{}}
		if !ok || s.verdict(q, nil) < permits || s.verdict(q, nil) > permitsLabel {
			return
		}
		if text := string(body); !strings.Contains(text, "permit") && !strings.Contains(text, `\u`) {
			t.Errorf("permits out of nothing: %s", text)
		}
	})
}
