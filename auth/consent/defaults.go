package consent

import (
	_ "embed"
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
)

//go:embed defaults.yaml
var shipped []byte

// Defaults are the default rules that hold where the patient said nothing
// narrower: which class of data each profession sees, which labels close a
// record and to whom they leave it open, and who represents a patient. They are
// a data file (ReadDefaults) and immutable.
type Defaults struct {
	version string
	classes []dataClass
	rows    []row
	labels  []label
	minor   []string // relationship codes
	always  []string
}

// Shipped returns the default rules that are built in.
func Shipped() *Defaults {
	d, err := ReadDefaults("defaults.yaml", shipped)
	if err != nil {
		panic("consent: the built-in default rules: " + err.Error())
	}
	return d
}

// Version names this state of the file, as the decision, the fingerprint of
// views and the trail have it.
func (d *Defaults) Version() string { return d.version }

// policy is how the trail names the file among the policies of a decision.
func (d *Defaults) policy() string { return "urn:cordee:matrix:" + d.version }

// dataClass is one line of the classes: a class may have several.
type dataClass struct {
	name  string
	title fhir.Text
	types []string
	codes []string // as labels of Facts; empty for whatever code
}

// otherClass is the class of what is of no other.
const otherClass = "other"

// row is what one profession sees.
type row struct {
	profession  string
	specialties []string
	title       fhir.Text
	all         bool
	classes     []string
}

// opens reports whether the row opens the class.
func (r *row) opens(class string) bool {
	return r != nil && (r.all || slices.Contains(r.classes, class))
}

// The professions of rows that are none of TRE_G15.
const (
	rowSoftware       = "software"
	rowPatient        = "patient"
	rowRepresentative = "representative"
	rowPerson         = "person"
)

// label is a class of security labels.
type label struct {
	name  string
	title fhir.Text
	mask  bool
	codes []string
	see   grounds
}

// grounds are why a principal may see records of a patient, as a set.
type grounds uint8

// The grounds, by their names in the data file.
const (
	byNamed grounds = 1 << iota
	byConsent
	byTreating
	byTeam
	byEmergency
	byPatient
	byRepresentative
	bySeveral // open by grounds that differ: enough for what bears no label
)

// meet is what is left of two grounds when both must open.
func meet(a, b grounds) grounds {
	switch {
	case a == 0 || b == 0:
		return 0
	case a&b == 0:
		return bySeveral
	}
	return a & b
}

var groundNames = map[string]grounds{
	"named": byNamed, "consent": byConsent, "treating": byTreating, "team": byTeam,
	"emergency": byEmergency, "patient": byPatient, "representative": byRepresentative,
}

// class returns the class of a record.
func (d *Defaults) class(f *fhir.Facts) string {
	for i := range d.classes {
		c := &d.classes[i]
		if slices.Contains(c.types, f.Key.Type) && (len(c.codes) == 0 || shares(c.codes, f.Labels)) {
			return c.name
		}
	}
	return otherClass
}

func shares(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

// closing returns the first label that keeps the record from who has these
// grounds, or nil.
func (d *Defaults) closing(labels []string, g grounds) *label {
	if len(labels) == 0 {
		return nil
	}
	for i := range d.labels {
		if l := &d.labels[i]; l.see&g == 0 && shares(l.codes, labels) {
			return l
		}
	}
	return nil
}

// row returns what the identity sees by profession; nil, which opens nothing,
// when no row is about it.
func (d *Defaults) row(profession string, specialties []string) *row {
	for i := range d.rows {
		r := &d.rows[i]
		if r.profession != profession {
			continue
		}
		if len(r.specialties) == 0 || len(specialties) > 0 && (slices.Contains(r.specialties, "*") || shares(r.specialties, specialties)) {
			return r
		}
	}
	return nil
}

// rowOf names the row of a principal by itself.
func rowOf(who *auth.Principal) string {
	switch kind := who.Kind(); {
	case kind == auth.KindPatient:
		return rowPatient
	case kind == auth.KindRepresentative:
		return rowRepresentative
	case isProfession(who.Profession):
		return who.Profession
	case who.Profession != "" || who.Practitioner != "" || who.Role != "" || who.Identifier != "":
		return rowPerson
	}
	return rowSoftware
}

// isProfession tells codes of TRE_G15 from the names of the other rows, which a
// directory must not be able to claim.
func isProfession(code string) bool {
	return code != "" && strings.Trim(code, "0123456789") == ""
}
