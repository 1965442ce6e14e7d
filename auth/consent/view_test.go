package consent

import (
	"bytes"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
)

// What is missing refuses: an organisation, a purpose (A25), a policy.
func TestViewRefuses(t *testing.T) {
	p := at(now)
	for name, who := range map[string]auth.Principal{
		"nobody":                       {},
		"no organisation":              {Client: "c", Purpose: auth.PurposeTreatment},
		"organisation of another type": {Client: "c", Organization: "Practitioner/x", Purpose: auth.PurposeTreatment},
		"no purpose":                   {Client: "c", Organization: msp},
	} {
		if v, err := p.View(t.Context(), who, "Patient"); fhir.KindOf(err) != fhir.Forbidden || v != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	v, err := p.View(t.Context(), care(msp), "Observation")
	if err != nil {
		t.Fatal(err)
	}
	if seen, err := v.Sees(t.Context(), &memory{broken: true}, []fhir.Facts{record("p")}); err == nil || seen != nil {
		t.Errorf("a broken snapshot answers %v", seen)
	}
	if why := v.(auth.Explainer).Explain(t.Context(), &memory{broken: true}, record("p")); why.Rule != Unavailable {
		t.Errorf("a broken snapshot is explained as %s", why.Rule)
	}
}

// An organisation sees what it contributed, whatever the patient says and
// whatever masks it; an objecting patient is hidden from everybody else, the
// care team included.
func TestOwnContribution(t *testing.T) {
	m := &memory{}
	m.put(patient("p", pharmacy))
	m.put(careTeam("t", "p", msp, admitting(msp, pharmacy)))
	m.put(privacy("c", "p", pharmacy, provision("deny", "")))
	p := at(now)
	own := record("p")
	own.Contributor, own.Labels = msp, []string{"MASQUE_PS"}
	for _, tt := range []struct {
		name  string
		who   auth.Principal
		facts fhir.Facts
		rule  string
	}{
		{"own record", care(msp), own, OwnContribution},
		{"own record asked for by another", care(pharmacy), own, Opposition},
		{"record of another", care(msp), record("p"), Opposition},
		{"the Patient", care(msp), patient("p", pharmacy).Facts, Opposition},
		{"the Patient, by its contributor", care(pharmacy), patient("p", pharmacy).Facts, OwnContribution},
		{"the CareTeam, by a member", care(pharmacy), m.resources[1].Facts, Opposition},
		{"the Consent, by a member", care(msp), m.resources[2].Facts, Opposition},
	} {
		got, why := sees(t, p, tt.who, m, tt.facts)
		if why.Rule != tt.rule || got != (tt.rule == OwnContribution) {
			t.Errorf("%s: %v by %s, want %s", tt.name, got, why.Rule, tt.rule)
		}
	}
	unknown := record("p")
	unknown.Contributor = ""
	if got, _ := sees(t, p, care(msp), m, unknown); got {
		t.Error("a record of unknown contributor is anybody's")
	}
}

// C11: each mask hides from whom it names, and never from the author. Labels
// without patient close the directory too.
func TestC11Masks(t *testing.T) {
	m := &memory{}
	m.put(patient("p", msp))
	m.put(careTeam("t", "p", msp, admitting(msp, pharmacy)))
	p := at(now)
	for label, team := range map[string]bool{"MASQUE_PS": false, "INVISIBLE_PATIENT": true, "INVISIBLE_REPRESENTANTS_LEGAUX": true, "INVISIBLE_REP_LEGAUX": true, "CONNEXION_SECRETE": false} {
		f := record("p")
		f.Labels = []string{"A", label}
		if got, why := sees(t, p, care(pharmacy), m, f); got != team || !got && why.Rule != Masked {
			t.Errorf("%s: the team %v by %s", label, got, why.Rule)
		}
		f.Contributor = pharmacy
		if got, _ := sees(t, p, care(pharmacy), m, f); !got {
			t.Errorf("%s hides a record from its contributor", label)
		}
		f = fhir.Facts{Key: fhir.Key{Type: "Practitioner", ID: "x"}, Contributor: msp, Labels: []string{label}}
		if got, _ := sees(t, p, care(pharmacy), m, f); got {
			t.Errorf("%s does not mask a Practitioner", label)
		}
	}
	f := record("p")
	f.Labels = []string{"N", "R", "masque_ps"}
	if got, _ := sees(t, p, care(pharmacy), m, f); !got {
		t.Error("another label masks")
	}
}

func TestWithoutPatient(t *testing.T) {
	m := &memory{}
	p := at(now)
	for typ, want := range map[string]string{
		"Practitioner": Directory, "PractitionerRole": Directory, "Organization": Directory, "Location": Directory, "HealthcareService": Directory,
		"Endpoint": Directory, "Medication": Directory, "Substance": Directory, "CodeSystem": Directory, "ValueSet": Directory, "StructureDefinition": Directory,
		"Observation": Unclassified, "Patient": Unclassified, "Consent": Unclassified, "Binary": Unclassified, "Device": Unclassified, "Task": Unclassified,
		"Basic": Unclassified, "List": Unclassified, "Group": Unclassified, "Provenance": Unclassified, "Subscription": Unclassified, "AuditEvent": Unclassified,
		"Whatever": Unclassified, "": Unclassified,
	} {
		f := fhir.Facts{Key: fhir.Key{Type: typ, ID: "x"}, Contributor: msp}
		if got, why := sees(t, p, care(outsider), m, f); why.Rule != want || got != (want == Directory) {
			t.Errorf("%s: %v by %s, want %s", typ, got, why.Rule, want)
		}
	}
	// A type of the directory that does name a patient is the patient's.
	f := fhir.Facts{Key: fhir.Key{Type: "Schedule", ID: "x"}, Contributor: msp, Patients: []string{"p"}}
	if got, why := sees(t, p, care(outsider), m, f); got || why.Rule != OutsideCareTeam {
		t.Errorf("Schedule of a patient: %v by %s", got, why.Rule)
	}
}

func TestOfficer(t *testing.T) {
	m := &memory{}
	m.put(careTeam("t", "p", msp, admitting(msp)))
	p := at(now)
	who := care(msp)
	who.Roles = []string{auth.RolePlatform, auth.RoleOfficer}
	own := record("p")
	own.Contributor = msp
	for _, f := range []fhir.Facts{own, record("p"), {Key: fhir.Key{Type: "Practitioner", ID: "x"}}, {Key: fhir.Key{Type: "Observation", ID: "x"}}} {
		if got, why := sees(t, p, who, m, f); got || why.Rule != Officer {
			t.Errorf("an officer sees %s by %s", f.Key.Type, why.Rule)
		}
	}
	event := fhir.Facts{Key: fhir.Key{Type: "AuditEvent", ID: "x"}, Patients: []string{"p"}}
	if got, _ := sees(t, p, who, m, event); !got {
		t.Error("an officer does not see AuditEvents")
	}
	if got, _ := sees(t, p, care(msp), m, event); got {
		t.Error("a member of the care team sees AuditEvents")
	}
}

// A record in several compartments needs every patient (A05).
func TestSeveralPatients(t *testing.T) {
	m := &memory{}
	m.put(careTeam("ta", "a", msp, admitting(msp)))
	m.put(careTeam("tb", "b", msp, admitting(msp)))
	m.put(careTeam("td", "d", msp, admitting(msp)))
	m.put(privacy("cd", "d", pharmacy, provision("deny", "")))
	p := at(now)
	for _, tt := range []struct {
		patients []string
		want     string
	}{
		{[]string{"a", "b"}, CareTeam}, {[]string{"a", "c"}, OutsideCareTeam}, {[]string{"c", "a"}, OutsideCareTeam}, {[]string{"a", "b", "d"}, Opposition}, {[]string{"d"}, Opposition},
	} {
		if got, why := sees(t, p, care(msp), m, record(tt.patients...)); why.Rule != tt.want || got != (tt.want == CareTeam) {
			t.Errorf("%v: %v by %s, want %s", tt.patients, got, why.Rule, tt.want)
		}
	}
	v, err := p.View(t.Context(), care(msp), "Observation")
	if err != nil {
		t.Fatal(err)
	}
	facts := []fhir.Facts{record("a"), record("c"), record("a", "b"), record("b", "d"), {Key: fhir.Key{Type: "Organization"}}, record("b"), record("d"), record()}
	got, err := v.Sees(t.Context(), m, facts)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{true, false, true, false, true, true, false, false} {
		if got[i] != want {
			t.Errorf("record %d of %v: %v", i, facts[i].Patients, got[i])
		}
	}
}

// C14: what a homonym consented to changes nothing: policies go by id.
func TestC14Homonym(t *testing.T) {
	m := &memory{}
	for _, id := range []string{"jeanne-durand", "jeanne-durand-2"} {
		m.put(resource("Patient", id, msp, []string{id}, `"name":[{"family":"Durand","given":["Jeanne"]}]`))
	}
	m.put(privacy("c", "jeanne-durand-2", msp, provision("permit", "", outsider)))
	if got, _ := sees(t, at(now), care(outsider), m, record("jeanne-durand")); got {
		t.Error("the consent of a homonym opens the patient")
	}
	if got, _ := sees(t, at(now), care(outsider), m, record("jeanne-durand-2")); !got {
		t.Error("the consent does not open its own patient")
	}
}

// C05: a revocation holds for the next question to a view that is already
// open, and what is compiled once is not compiled again.
func TestC05RevocationHoldsAtOnce(t *testing.T) {
	m := &memory{}
	m.put(privacy("c", "p", msp, provision("permit", "", outsider)))
	p := at(now)
	v, err := p.View(t.Context(), care(outsider), "Observation")
	if err != nil {
		t.Fatal(err)
	}
	ask := func() bool {
		got, err := v.Sees(t.Context(), m, []fhir.Facts{record("p")})
		if err != nil {
			t.Fatal(err)
		}
		return got[0]
	}
	if first, second := ask(), ask(); !first || !second || m.compiled != 1 {
		t.Fatalf("not visible, or compiled %d times", m.compiled)
	}
	m.put(consent("c", "p", msp, "inactive", `"provision":`+provision("permit", "", outsider)))
	if ask() {
		t.Error("a revoked consent holds")
	}
	m.put(privacy("c", "p", msp, provision("permit", "", outsider)))
	deleted := m.resources[0]
	deleted.Effect, deleted.Body = fhir.Deleted, nil
	m.put(deleted)
	if ask() {
		t.Error("a deleted consent holds")
	}
}

// An answer from an old snapshot neither uses nor replaces what is newer.
func TestOldSnapshot(t *testing.T) {
	old, young := &memory{}, &memory{}
	old.put(careTeam("t", "p", msp, admitting(msp)))
	young.put(careTeam("t", "p", msp, admitting(msp)))
	young.put(careTeam("t", "p", msp, admitting(pharmacy)))
	p := at(now)
	for range 3 {
		if got, _ := sees(t, p, care(msp), young, record("p")); got {
			t.Error("the young snapshot answers by the old policy")
		}
		if got, _ := sees(t, p, care(msp), old, record("p")); !got {
			t.Error("the old snapshot answers by the young policy")
		}
	}
	if young.compiled != 1 {
		t.Errorf("the old snapshot drove the newer policy out: compiled %d times", young.compiled)
	}
}

// Time passes for a view that stays open.
func TestPeriodEndsUnderOpenView(t *testing.T) {
	m := &memory{}
	m.put(careTeam("t", "p", msp, `"period":{"end":"2026-01-15"},`+admitting(msp)))
	clock := now
	p := New(Config{Clock: func() time.Time { return clock }})
	v, err := p.View(t.Context(), care(msp), "Observation")
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[time.Time]bool{now: true, now.Add(12*time.Hour - time.Second): true, now.Add(12 * time.Hour): false} {
		clock = at
		if got, err := v.Sees(t.Context(), m, []fhir.Facts{record("p")}); err != nil || got[0] != want {
			t.Errorf("at %s: %v, %v", at, got, err)
		}
	}
}

// What a view has said is kept under its fingerprint: a field of the principal
// that is neither in it nor listed here as one the view never looks at would let
// one caller count what another may see (A11).
func TestA11FingerprintHoldsEveryField(t *testing.T) {
	unseen := []string{"ClientName", "Name", "TokenID", "Expires", // for the trail and the door
		"Scopes",    // auth.Guard narrows by them, and has them in its own
		"Emergency", // the purpose and the patient are what it opens
	}
	fingerprint := func(who auth.Principal) string {
		return string((&view{point: at(now), who: who}).Fingerprint())
	}
	base := fingerprint(care(msp))
	for i := range reflect.TypeFor[auth.Principal]().NumField() {
		who := care(msp)
		field := reflect.ValueOf(&who).Elem().Field(i)
		name := reflect.TypeFor[auth.Principal]().Field(i).Name
		switch {
		case slices.Contains(unseen, name):
			continue
		case field.Kind() == reflect.String:
			field.SetString("another")
		case field.Type() == reflect.TypeFor[[]string]():
			field.Set(reflect.ValueOf([]string{"another"}))
		default:
			t.Fatalf("%s is new: a view that looks at it has it in its fingerprint", name)
		}
		if fingerprint(who) == base {
			t.Errorf("another %s gives the same fingerprint", name)
		}
	}
}

// The fingerprint tells callers apart, and nothing else.
func TestFingerprint(t *testing.T) {
	fingerprint := func(change func(*auth.Principal)) []byte {
		who := care(msp)
		who.Roles = []string{"b", "a"}
		if change != nil {
			change(&who)
		}
		v, err := at(now).View(t.Context(), who, "Patient")
		if err != nil {
			t.Fatal(err)
		}
		return v.Fingerprint()
	}
	base := fingerprint(nil)
	for name, change := range map[string]func(*auth.Principal){
		"token": func(p *auth.Principal) { p.TokenID = "x" }, "order of roles": func(p *auth.Principal) { p.Roles = []string{"a", "b"} },
	} {
		if !bytes.Equal(fingerprint(change), base) {
			t.Errorf("another %s gives another fingerprint", name)
		}
	}
	for name, change := range map[string]func(*auth.Principal){
		"client": func(p *auth.Principal) { p.Client = "x" }, "organisation": func(p *auth.Principal) { p.Organization = pharmacy },
		"practitioner": func(p *auth.Principal) { p.Practitioner = "x" }, "role": func(p *auth.Principal) { p.Role = "x" }, "profession": func(p *auth.Principal) { p.Profession = "10" }, "patient": func(p *auth.Principal) { p.Patient = "p" },
		"purpose": func(p *auth.Principal) { p.Purpose = "x" }, "roles": func(p *auth.Principal) { p.Roles = []string{"ab"} },
	} {
		if bytes.Equal(fingerprint(change), base) {
			t.Errorf("another %s gives the same fingerprint", name)
		}
	}
}
