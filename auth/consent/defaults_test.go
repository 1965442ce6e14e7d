package consent

import (
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
)

// every fault of a data file is told at once, each with its line.
func TestDefaultsFaults(t *testing.T) {
	const file = `version: "a b"
classes:
  - class: other
    title: {en: x, fr: x}
    types: [Observation]
  - class: lab
    title: {en: x}
    types: [Observatoin]
professions:
  - profession: "10"
    title: {en: x, fr: x}
    classes: [lab, laboratory]
  - profession: "10"
    title: {en: x, fr: x}
    classes: ["*"]
labels:
  - label: masked
    title: {en: x, fr: x}
    kind: masque
    codes: [MASQUE_PS]
    see: [everybody]
    saw: [team]
`
	_, err := ReadDefaults("rules.yaml", []byte(file))
	if err == nil {
		t.Fatal("read")
	}
	for _, want := range []string{
		`line 1: version:`, `line 3: classes[0].class:`, `line 6: classes[1].title:`, `line 8: classes[1].types[0]: "Observatoin"`,
		`line 12: professions[0].classes[1]: "laboratory"`, `line 13: professions[1].profession: "10" has a row above`, `line 19: labels[0].kind:`,
		`line 21: labels[0].see[0]: "everybody"`, `line 22: field saw not found`, `no label has the code CONNEXION_SECRETE`,
	} {
		if !strings.Contains(err.Error(), "rules.yaml: "+want) && !strings.Contains(err.Error(), want) {
			t.Errorf("not told: %s", want)
		}
	}
	if t.Failed() {
		t.Log(err)
	}
	for _, text := range []string{"", "[]", "version: [1]", "\tx", "version: 1\nversion: 2"} {
		if d, err := ReadDefaults("x", []byte(text)); err == nil || d != nil {
			t.Errorf("%q reads", text)
		}
	}
}

func FuzzReadDefaults(f *testing.F) {
	f.Add(string(shipped))
	f.Add("version: 1")
	f.Fuzz(func(t *testing.T, text string) {
		if d, err := ReadDefaults("x", []byte(text)); (d == nil) == (err == nil) {
			t.Error("neither rules nor an error, or both")
		} else if d != nil && d.closing([]string{"MASQUE_PS"}, 0) == nil {
			t.Error("rules that leave masked records open")
		}
	})
}

// The version is part of what binds a cursor: other rules, another view.
func TestDefaultsAreInTheFingerprint(t *testing.T) {
	other, err := ReadDefaults("x", []byte(strings.Replace(string(shipped), "version: fr-2026.2", "version: other", 1)))
	if err != nil {
		t.Fatal(err)
	}
	a, errA := New(Config{Defaults: rules}).View(t.Context(), care(msp), "Patient")
	b, errB := New(Config{Defaults: other}).View(t.Context(), care(msp), "Patient")
	if errA != nil || errB != nil || string(a.Fingerprint()) == string(b.Fingerprint()) {
		t.Error("a cursor outlives the rules it was made under")
	}
}

// C02: a member of the care team sees the classes of data of its profession
// (france.md 6.2), and those alone.
func TestC02Matrix(t *testing.T) {
	m := &memory{}
	m.put(patient("p", msp))
	m.put(careTeam("t", "p", msp, admitting(pharmacy)))
	of := func(typ string, codes ...string) fhir.Facts {
		f := fhir.Facts{Key: fhir.Key{Type: typ, ID: "x"}, Patients: []string{"p"}, Contributor: "Organization/labo"}
		for _, c := range codes {
			f.Labels = append(f.Labels, fhir.ClassLabel+c)
		}
		return f
	}
	for _, tt := range []struct {
		profession string
		facts      fhir.Facts
		want       bool
	}{
		{"10", of("Observation", "laboratory"), true}, {"10", of("Basic"), true},
		{"21", of("MedicationRequest"), true}, {"21", of("AllergyIntolerance"), true}, {"21", of("Observation", "laboratory"), false},
		{"21", of("Observation", "laboratory", "renal"), true}, {"21", of("DocumentReference", "OBS"), true}, {"21", of("DocumentReference", "11490-0"), false},
		{"21", of("CarePlan", "accompagnement-anticancereux-oral"), true}, {"21", of("CarePlan"), false}, {"21", of("Condition"), false},
		{"70", of("Procedure"), true}, {"70", of("CarePlan"), true}, {"70", of("Observation", "survey"), true}, {"70", of("MedicationRequest"), false},
		{"50", of("Observation", "perinatal"), true}, {"50", of("Observation", "vital-signs"), false}, {"91", of("ServiceRequest"), true}, {"91", of("MedicationStatement"), false},
		{"60", of("Observation", "vital-signs"), true}, {"60", of("Observation", "laboratory"), false}, {"41", of("Observation", "social-history"), true},
		{"41", of("Observation", "laboratory"), false},
		{"", of("Patient"), true}, {"", of("Condition"), false}, {"99", of("Patient"), false}, {"software", of("Condition"), false},
	} {
		who := care(pharmacy)
		who.Practitioner, who.Profession = "Practitioner/x", tt.profession
		if got, why := sees(t, at(now), who, m, tt.facts); got != tt.want || !got && why.Rule != Matrix {
			t.Errorf("%q sees %s %q: %v by %s", tt.profession, tt.facts.Key.Type, tt.facts.Labels, got, why.Rule)
		}
	}
}

// Software that names nobody must not see what no person of its organisation
// does: else who leaves the person out sees more than who names them (L1110-4
// speaks of identified professionals).
func TestC02SoftwareWithoutPerson(t *testing.T) {
	m := &memory{}
	m.put(patient("p", msp))
	m.put(careTeam("t", "p", msp, admitting(pharmacy)))
	of := func(typ string, codes ...string) fhir.Facts {
		f := fhir.Facts{Key: fhir.Key{Type: typ, ID: "x"}, Patients: []string{"p"}, Contributor: "Organization/labo"}
		for _, c := range codes {
			f.Labels = append(f.Labels, fhir.ClassLabel+c)
		}
		return f
	}
	own := of("Condition")
	own.Contributor = pharmacy
	for _, tt := range []struct {
		facts fhir.Facts
		want  bool
	}{
		{of("Patient"), true}, {of("CareTeam"), true}, {of("Appointment"), true}, {of("CarePlan"), true}, {of("Task"), true}, {of("DocumentReference", "OBS"), true},
		{of("Condition"), false}, {of("Observation", "laboratory"), false}, {of("MedicationRequest"), false}, {of("AllergyIntolerance"), false}, {of("DocumentReference"), false},
		{of("Binary"), false}, {of("CarePlan", "oncology"), false}, {own, true},
	} {
		if got, why := sees(t, at(now), care(pharmacy), m, tt.facts); got != tt.want || !got && why.Rule != Matrix {
			t.Errorf("software sees %s %q: %v by %s", tt.facts.Key.Type, tt.facts.Labels, got, why.Rule)
		}
	}
}

// A profession of the token is one of TRE_G15, never the name of another row.
func TestProfessionIsNoOtherRow(t *testing.T) {
	for _, name := range []string{rowSoftware, rowPatient, rowRepresentative} {
		who := auth.Principal{Practitioner: "Practitioner/x", Profession: name}
		if rowOf(&who) == name {
			t.Errorf("a token of profession %s has its row", name)
		}
	}
}
