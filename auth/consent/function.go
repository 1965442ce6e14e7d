package consent

import (
	"slices"

	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// DelegatedBy is the extension of a PractitionerRole that names, as a Reference
// to a PractitionerRole, whom the person stands in for: the supervisor of an
// intern, the replaced of a locum, the physician of a medical assistant.
const DelegatedBy = "https://cordee-sante.github.io/fhir/StructureDefinition/delegated-by"

// DelegationSystem is the system of PractitionerRole.code that says in which way.
const DelegationSystem = "https://cordee-sante.github.io/fhir/CodeSystem/delegation"

// The codes of DelegationSystem.
const (
	assistantMedical = "assistant-medical"
	intern           = "interne"
	locum            = "remplacant"
)

// The systems of TRE_G15-ProfessionSante and of the specialties, TRE_R38.
var (
	professionSystems = []string{"https://mos.esante.gouv.fr/NOS/TRE_G15-ProfessionSante/FHIR/TRE-G15-ProfessionSante", "urn:oid:1.2.250.1.71.1.2.7"}
	specialtySystems  = []string{"https://mos.esante.gouv.fr/NOS/TRE_R38-SpecialiteOrdinale/FHIR/TRE-R38-SpecialiteOrdinale", "urn:oid:1.2.250.1.71.4.2.5"}
)

// function is a PractitionerRole: a person at work in an organisation.
type function struct {
	active       bool
	valid        span
	practitioner string
	organization string
	professions  []string
	specialties  []string
	delegation   string // code of DelegationSystem; empty for who acts in their own right
	delegator    string // "PractitionerRole/id"
}

// compileFunction reads a PractitionerRole; nil for one that cannot be read.
func (r reader) compileFunction(root fhirjson.Node) *function {
	f := &function{active: root.Get("active").Text() != "false", practitioner: r.target(root.Get("practitioner")), organization: r.target(root.Get("organization"))}
	var ok bool
	if f.valid, ok = parseSpan(root.Get("period"), r.Zone); !ok || modified(root) {
		return nil
	}
	f.professions = slices.DeleteFunc(codesOf(root.Get("code"), professionSystems...), func(code string) bool { return !isProfession(code) })
	f.specialties = codesOf(root.Get("specialty"), specialtySystems...)
	for _, code := range codesOf(root.Get("code"), DelegationSystem) {
		switch {
		case f.delegation != "" && f.delegation != code, code != assistantMedical && code != intern && code != locum:
			return nil
		}
		f.delegation = code
	}
	for e := range root.Get("extension").Items() {
		if e.Get("url").Text() == DelegatedBy {
			target := r.target(e.Get("valueReference"))
			if f.delegator != "" || typeOf(target) != "PractitionerRole" || f.delegation == "" {
				return nil
			}
			f.delegator = target
		}
	}
	return f
}

// stands reports whether the function is held now, in the identity's own
// organisation.
func (f *function) stands(id *identity) bool {
	return f.active && f.organization == id.organization && id.within(f.valid)
}

// sameHolder reports whether two versions say the same of who acts where, and
// for whom.
func (f *function) sameHolder(g *function) bool {
	return f != nil && g != nil && f.practitioner == g.practitioner && f.organization == g.organization && f.delegator == g.delegator
}
