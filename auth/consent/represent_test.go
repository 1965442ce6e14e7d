package consent

import (
	"fmt"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
)

func relatedTo(id, of, code, members string) fhir.Resource {
	return resource("RelatedPerson", id, msp, []string{of}, fmt.Sprintf(`"patient":{"reference":"Patient/%s"},"relationship":[{"coding":[{"code":%q}]}]%s`, of, code, members))
}

// portal is a principal of one who asks for themselves, or represents.
func portal(role, patient, related string) auth.Principal {
	return auth.Principal{Client: "portal", Organization: msp, Purpose: auth.PurposePatientRequest, Roles: []string{role}, Patient: patient, Related: related}
}

// labelled is a record of another organisation with the label.
func labelled(of string, labels ...string) fhir.Facts {
	f := record(of)
	f.Labels = labels
	return f
}

// C11: patients see their own record and nobody else's, whatever they object to
// for others, but for what is not announced to them; the portal's organisation
// lends them nothing.
func TestC11Patient(t *testing.T) {
	m := territory()
	m.put(privacy("c", "p", msp, provision("deny", "")))
	own := record("q")
	own.Contributor = msp
	for _, tt := range []struct {
		name  string
		who   auth.Principal
		facts fhir.Facts
		rule  string
		want  bool
	}{
		{"own", portal(auth.RolePatient, "p", ""), record("p"), Subject, true},
		{"own, masked from professionals", portal(auth.RolePatient, "p", ""), labelled("p", "MASQUE_PS"), Subject, true},
		{"own, secret", portal(auth.RolePatient, "p", ""), labelled("p", "CONNEXION_SECRETE"), Subject, true},
		{"own, sensitive", portal(auth.RolePatient, "p", ""), labelled("p", "HIV"), Subject, true},
		{"own, not announced", portal(auth.RolePatient, "p", ""), labelled("p", "INVISIBLE_PATIENT"), Masked, false},
		{"of another", portal(auth.RolePatient, "p", ""), record("q"), NotSubject, false},
		{"of another, by the portal's organisation", portal(auth.RolePatient, "p", ""), own, NotSubject, false},
		{"of both", portal(auth.RolePatient, "p", ""), record("p", "q"), NotSubject, false},
		{"of nobody", portal(auth.RolePatient, "p", ""), record(), Unclassified, false},
		{"without context", portal(auth.RolePatient, "", ""), record("p"), NotSubject, false},
		{"of nobody known", portal(auth.RolePatient, "none", ""), record("none"), NotSubject, false},
	} {
		if got, why := sees(t, at(now), tt.who, m, tt.facts); got != tt.want || why.Rule != tt.rule {
			t.Errorf("%s: %v by %s, want %s", tt.name, got, why.Rule, tt.rule)
		}
	}
	if rule, ok := write(t, m, portal(auth.RolePatient, "p", ""), nil, observation(msp, "p")); ok || rule != ReadOnly {
		t.Errorf("a patient writes: %s", rule)
	}
	dead := resource("Patient", "d", msp, []string{"d"}, `"deceasedDateTime":"2026-01-01"`)
	m.put(dead)
	if got, why := sees(t, at(now), portal(auth.RolePatient, "d", ""), m, record("d")); got || why.Rule != Deceased {
		t.Errorf("in the name of the dead: %v by %s", got, why.Rule)
	}
}

// C11, L1111-5: who represents a patient sees what is not hidden from them.
func TestC11Representative(t *testing.T) {
	minor, adult := `"birthDate":"2012-05-01"`, `"birthDate":"1980"`
	for _, tt := range []struct {
		name, patient, relative string
		labels                  []string
		said                    string
		rule                    string
		want                    bool
	}{
		{"parent of a minor", minor, "MTH|", nil, "", Representative, true},
		{"parent of an adult", adult, "MTH|", nil, "", NotRepresentative, false},
		{"parent of who is of no age", "", "FTH|", nil, "", NotRepresentative, false},
		{"parent of who may be of age", `"birthDate":"2008"`, "FTH|", nil, "", NotRepresentative, false},
		{"guardian of an adult", adult, "TUTEUR|", nil, "", Representative, true},
		{"person of trust", adult, "K|", nil, "", NotRepresentative, false},
		{"person of trust by consent", adult, "K|", nil, provision("permit", "", "RelatedPerson/r"), Permitted, true},
		{"hidden from representatives, who are named in a consent", minor, "MTH|", []string{"INVISIBLE_REPRESENTANTS_LEGAUX"}, provision("permit", "", "RelatedPerson/r"), Masked, false},
		{"not announced, to who is named in a consent", adult, "K|", []string{"INVISIBLE_PATIENT"}, provision("permit", "", "RelatedPerson/r"), Masked, false},
		{"whose part is over", minor, `MTH|,"period":{"end":"2026-01-14"}`, nil, "", NotRepresentative, false},
		{"who is no longer known", minor, `MTH|,"active":false`, nil, "", NotRepresentative, false},
		{"whom the patient denies", minor, "MTH|", nil, provision("deny", "", "RelatedPerson/r"), Denied, false},
		{"when the patient objects to all", minor, "MTH|", nil, provision("deny", ""), Opposition, false},
		{"hidden from representatives", minor, "MTH|", []string{"INVISIBLE_REPRESENTANTS_LEGAUX"}, "", Masked, false},
		{"in the form of HL7 v2", minor, "MTH|", []string{"INVISIBLE_REP_LEGAUX"}, "", Masked, false},
		{"secret", minor, "MTH|", []string{"CONNEXION_SECRETE"}, "", Masked, false},
		{"not announced", minor, "MTH|", []string{"INVISIBLE_PATIENT"}, "", Masked, false},
		{"abortion", minor, "MTH|", []string{"IVG"}, "", Sensitive, false},
		{"masked from professionals", minor, "MTH|", []string{"MASQUE_PS"}, "", Representative, true},
		{"of the dead", minor + `,"deceasedBoolean":true`, "MTH|", nil, "", Deceased, false},
	} {
		m := &memory{}
		m.put(resource("Patient", "p", msp, []string{"p"}, tt.patient))
		var code, members string
		fmt.Sscanf(tt.relative, "%s", &code)
		for i, c := range tt.relative {
			if c == '|' {
				code, members = tt.relative[:i], tt.relative[i+1:]
				break
			}
		}
		m.put(relatedTo("r", "p", code, members))
		if tt.said != "" {
			m.put(privacy("c", "p", msp, tt.said))
		}
		if got, why := sees(t, at(now), portal(auth.RoleRepresentative, "", "RelatedPerson/r"), m, labelled("p", tt.labels...)); got != tt.want || why.Rule != tt.rule {
			t.Errorf("%s: %v by %s, want %s", tt.name, got, why.Rule, tt.rule)
		}
		if got, _ := sees(t, at(now), portal(auth.RoleRepresentative, "", "RelatedPerson/r"), m, record("other")); got {
			t.Errorf("%s sees another patient", tt.name)
		}
		if got, _ := sees(t, at(now), portal(auth.RoleRepresentative, "", ""), m, record("p")); got {
			t.Error("nobody represents the patient")
		}
	}
}

// C11: parents lose access as the day of the eighteenth birthday begins, in
// Paris, whatever the night before does to the clock.
func TestC11EighteenthBirthday(t *testing.T) {
	for born, ends := range map[string]string{
		"2008-01-16": "2026-01-16T00:00:00+01:00", "2008-03-29": "2026-03-29T00:00:00+01:00", "2008-10-25": "2026-10-25T00:00:00+02:00", "2008-02-29": "2026-03-01T00:00:00+01:00",
	} {
		m := &memory{}
		m.put(resource("Patient", "p", msp, []string{"p"}, `"birthDate":"`+born+`"`))
		m.put(relatedTo("r", "p", "MTH", ""))
		who := portal(auth.RoleRepresentative, "", "RelatedPerson/r")
		if got, _ := sees(t, at(when(t, ends).Add(-time.Millisecond)), who, m, record("p")); !got {
			t.Errorf("born %s: over before %s", born, ends)
		}
		if got, _ := sees(t, at(when(t, ends)), who, m, record("p")); got {
			t.Errorf("born %s: not over at %s", born, ends)
		}
	}
}

// C09: an emergency opens the one patient of the token, unless they objected,
// and writes nothing.
func TestC09BreakGlass(t *testing.T) {
	m := territory()
	m.put(patient("r", pharmacy))
	m.put(privacy("c", "r", pharmacy, provision("deny", "")))
	m.put(patient("s", pharmacy))
	m.put(privacy("d", "s", pharmacy, provision("deny", `"purpose":[{"system":"`+actReason+`","code":"ETREAT"}]`)))
	emergency := func(patient string) auth.Principal {
		who := care(outsider)
		who.Purpose, who.Patient, who.Practitioner, who.Profession = auth.PurposeBreakTheGlass, patient, "Practitioner/x", "60"
		return who
	}
	for _, tt := range []struct {
		name  string
		who   auth.Principal
		facts fhir.Facts
		rule  string
		want  bool
	}{
		{"the patient", emergency("p"), labelled("p", fhir.ClassLabel+"laboratory"), BreakGlass, true},
		{"a second patient", emergency("p"), record("q"), OutsideCareTeam, false},
		{"both", emergency("p"), record("p", "q"), OutsideCareTeam, false},
		{"no patient", emergency(""), record("p"), OutsideCareTeam, false},
		{"nobody known", emergency("none"), record("none"), OutsideCareTeam, false},
		{"prior objection", emergency("r"), record("r"), Opposition, false},
		{"prior objection to emergencies", emergency("s"), record("s"), Opposition, false},
		{"masked", emergency("p"), labelled("p", "MASQUE_PS"), Masked, false},
		{"sensitive", emergency("p"), labelled("p", "PSY"), Sensitive, false},
		{"sensitive and needed", emergency("p"), labelled("p", "HIV"), BreakGlass, true},
	} {
		if got, why := sees(t, at(now), tt.who, m, tt.facts); got != tt.want || why.Rule != tt.rule {
			t.Errorf("%s: %v by %s, want %s", tt.name, got, why.Rule, tt.rule)
		}
	}
	if rule, ok := write(t, m, emergency("p"), nil, observation(outsider, "p")); ok || rule != ReadOnly {
		t.Errorf("an emergency writes: %v by %s", ok, rule)
	}
}
