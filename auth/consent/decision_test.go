package consent

import (
	"slices"
	"testing"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
)

// classOf finds the decision about a class or label.
func classOf(t *testing.T, list []ClassDecision, class string) ClassDecision {
	t.Helper()
	i := slices.IndexFunc(list, func(d ClassDecision) bool { return d.Class == class })
	if i < 0 {
		t.Fatalf("no decision about %s", class)
	}
	return list[i]
}

// A decision says for each class what the view would.
func TestDecide(t *testing.T) {
	m := &memory{}
	m.put(patient("p", msp))
	m.put(careTeam("t", "p", msp, admitting(pharmacy)))
	m.put(privacy("c", "p", msp, provision("permit", `"securityLabel":[{"code":"PSY"}]`, pharmacy)))
	pharmacist := care(pharmacy)
	pharmacist.Practitioner, pharmacist.Profession = "Practitioner/x", "21"
	p := at(now)
	d, err := p.Decide(t.Context(), m, pharmacist, "p")
	if err != nil || !d.Permit || d.Reason.Rule != CareTeam || d.Matrix != rules.Version() || d.Rules != Version {
		t.Fatalf("%+v, %v", d, err)
	}
	if lab := classOf(t, d.ByClass, "laboratory"); lab.Permit || lab.Rule != Matrix || lab.Title.FR == "" || !slices.Contains(lab.Policies, "urn:cordee:matrix:"+rules.Version()) {
		t.Errorf("laboratory: %+v", lab)
	}
	if med := classOf(t, d.ByClass, "medication"); !med.Permit || med.Rule != CareTeam || med.Policies[0] != "CareTeam/t/_history/1" {
		t.Errorf("medication: %+v", med)
	}
	if psy := classOf(t, d.ByLabel, "psychiatry"); !psy.Permit || psy.Rule != Permitted {
		t.Errorf("psychiatry: %+v", psy)
	}
	if hiv := classOf(t, d.ByLabel, "hiv"); hiv.Permit || hiv.Rule != Sensitive {
		t.Errorf("hiv: %+v", hiv)
	}
	for _, c := range append(rules.probes(), rules.labelProbes(fhir.Facts{Key: fhir.Key{Type: "MedicationRequest"}})...) {
		f := c.facts
		f.Patients, f.Contributor = []string{"p"}, "Organization/labo"
		got, why := sees(t, p, pharmacist, m, f)
		if told := classOf(t, append(d.ByClass, d.ByLabel...), c.name); told.Permit != got || told.Rule != why.Rule {
			t.Errorf("%s: told %v by %s, seen %v by %s", c.name, told.Permit, told.Rule, got, why.Rule)
		}
	}
}

// A patient who is withheld is decided upon like one who is not there.
func TestDecideAbsent(t *testing.T) {
	m := territory()
	for _, who := range []auth.Principal{care(outsider), {}, {Client: "o", Organization: msp, Purpose: "TREAT", Roles: []string{auth.RoleOfficer}}} {
		withheld, err := at(now).Decide(t.Context(), m, who, "q")
		if err != nil {
			t.Fatal(err)
		}
		nobody, err := at(now).Decide(t.Context(), m, who, "nobody")
		if err != nil || withheld.Permit || nobody.Permit || withheld.Reason.Rule != nobody.Reason.Rule {
			t.Errorf("%v by %s, %v by %s, %v", withheld.Permit, withheld.Reason.Rule, nobody.Permit, nobody.Reason.Rule, err)
		}
		for i := range withheld.ByClass {
			if withheld.ByClass[i].Permit || withheld.ByClass[i].Rule != nobody.ByClass[i].Rule {
				t.Errorf("%s: %+v", withheld.ByClass[i].Class, withheld.ByClass[i])
			}
		}
	}
	if _, err := at(now).Decide(t.Context(), &memory{broken: true}, care(msp), "p"); err == nil {
		t.Error("a broken snapshot decides")
	}
}

// C06: a decision names the Consents that contradict each other.
func TestC06DecisionNamesContradictions(t *testing.T) {
	m := territory()
	m.put(privacy("yes", "p", msp, provision("permit", "", pharmacy)))
	m.put(privacy("other", "p", msp, provision("deny", "", outsider)))
	d, err := at(now).Decide(t.Context(), m, care(pharmacy), "p")
	if err != nil || !d.Permit || d.Contradictions != nil {
		t.Fatalf("%+v, %v", d, err)
	}
	m.put(privacy("no", "p", msp, provision("deny", "", pharmacy)))
	d, err = at(now).Decide(t.Context(), m, care(pharmacy), "p")
	slices.Sort(d.Contradictions)
	if err != nil || d.Permit || d.Reason.Rule != Denied || !slices.Equal(d.Contradictions, []string{"Consent/no/_history/1", "Consent/yes/_history/1"}) {
		t.Errorf("%v by %s: %q, %v", d.Permit, d.Reason.Rule, d.Contradictions, err)
	}
}
