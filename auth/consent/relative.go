package consent

import (
	"time"

	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// relative is a RelatedPerson: who may represent a patient.
type relative struct {
	active  bool
	valid   span
	patient string   // "Patient/id"
	codes   []string // of relationship, of any system
}

// compileRelative reads a RelatedPerson; nil for one that cannot be read.
func (r reader) compileRelative(root fhirjson.Node) *relative {
	s := &relative{active: root.Get("active").Text() != "false", patient: r.target(root.Get("patient")), codes: codesOf(root.Get("relationship"), "")}
	var ok bool
	if s.valid, ok = parseSpan(root.Get("period"), r.Zone); !ok || modified(root) {
		return nil
	}
	return s
}

// majority is the age at which parents lose access (article 414 of the French
// civil code).
const majority = 18

// person is what the Patient says of themselves.
type person struct {
	deceased bool
	adult    time.Time // the earliest moment at which they may be of age; zero when unknown
	treating []string  // Patient.generalPractitioner
	links    []string  // ids of Patients that are the same person
}

func (r reader) compilePerson(root fhirjson.Node) (s person) {
	s.deceased = root.Get("deceasedBoolean").Text() == "true" || root.Get("deceasedDateTime").Exists()
	if born, _, ok := moment(root.Get("birthDate"), r.Zone); ok {
		y, m, d := born.Date()
		s.adult = time.Date(y+majority, m, d, 0, 0, 0, 0, r.Zone)
	}
	for g := range root.Get("generalPractitioner").Items() {
		if target := r.target(g); target != "" {
			s.treating = append(s.treating, target)
		}
	}
	s.links = r.links(root)
	return s
}

// links returns the Patients that a Patient says to be the same person: every
// type of link does (R4 patient-definitions.html#Patient.link).
func (r reader) links(root fhirjson.Node) (list []string) {
	for l := range root.Get("link").Items() {
		if target := r.target(l.Get("other")); typeOf(target) == "Patient" {
			list = append(list, target[len("Patient/"):])
		}
	}
	return list
}

// minor reports whether the person is surely under age.
func (s *person) minor(id *identity) bool {
	return !s.adult.IsZero() && id.within(span{until: s.adult})
}

// asPatient says what patients see of themselves: everything that is not
// withheld until announced, whatever they object to for others.
func (p *policy) asPatient(id *identity, patient string) outcome {
	switch {
	case id.patient == "" || id.patient != patient || !p.exists:
		return outcome{rule: NotSubject}
	case p.person.deceased:
		return outcome{rule: Deceased}
	}
	return outcome{rule: Subject, grounds: byPatient}
}

// asRepresentative says what who represents the patient sees: parents of a
// minor until the day of the eighteenth birthday, guardians, and whom a Consent
// of the patient names. A deny that names them, or all, holds (L1111-5).
func (p *policy) asRepresentative(q *inquiry, d *Defaults, patient string) outcome {
	r := q.relative
	switch {
	case q.patient != "" && q.patient != patient, r == nil, !p.exists, !r.active, !q.within(r.valid), !isPatient(r.patient, patient):
		return outcome{rule: NotRepresentative}
	case p.person.deceased:
		return outcome{rule: Deceased}
	}
	switch v := p.strongest(q); {
	case v == opposes:
		return outcome{rule: Opposition}
	case v == denies:
		return outcome{rule: Denied}
	case v >= permits:
		return outcome{rule: Permitted, grounds: byRepresentative} // and not byConsent, which is for professionals: what is hidden from representatives stays so
	}
	if shares(d.always, r.codes) || p.person.minor(q.identity) && shares(d.minor, r.codes) {
		return outcome{rule: Representative, grounds: byRepresentative}
	}
	return outcome{rule: NotRepresentative}
}
