package cda

import (
	"strings"

	"github.com/cordee-sante/cordee/adapters/draft"
)

const (
	coreProfile = "https://hl7.fr/ig/fhir/core/StructureDefinition/"
	ipsProfile  = "http://hl7.org/fhir/uv/ips/StructureDefinition/"
)

// profiles names in meta.profile the profiles of FR Core and of the
// International Patient Summary whose rules a resource meets: what they require
// is there. Those of the ANS (document core) bind elements to value sets that
// are not at hand, so that nothing is claimed of them.
func (c *conversion) profiles() {
	person := c.patient.Has("birthDate") && named(c.patient)
	if person && officiallyNamed(c.patient) {
		claim(c.patient, coreProfile+"fr-core-patient")
		if insPatient(c.patient) {
			claim(c.patient, coreProfile+"fr-core-patient-ins")
		}
	}
	if person {
		claim(c.patient, ipsProfile+"Patient-uv-ips")
	}
	for _, r := range c.made {
		if r.Object.Object("meta").Has("profile") {
			continue // made of several statements
		}
		subject := r.Object.Object("subject")
		if subject == nil {
			subject = r.Object.Object("patient")
		}
		for _, url := range c.clinicalProfiles(r, person && subject.Text("reference") == c.Reference(c.patient).Text("reference")) {
			claim(r, url)
		}
	}
}

// insPatient reports whether a patient has what fr-core-patient-ins asks for beside
// the INS: a status of reliability, the strict traits.
func insPatient(r *draft.Resource) bool {
	for _, e := range r.Objects("extension") {
		if e.Text("url") == reliabilityExtension {
			return true
		}
	}
	return false
}

func claim(r *draft.Resource, url string) {
	if meta := r.Object.Object("meta"); meta != nil {
		meta.AddText("profile", url)
	}
}

// clinicalProfiles are those that a resource meets. The summary asks for a
// patient with name and date of birth, too.
func (c *conversion) clinicalProfiles(r *draft.Resource, person bool) []string {
	var list []string
	switch r.Type {
	case "Condition":
		if r.Has("clinicalStatus") && r.Has("onset|dateTime") && coded10(r.Object.Object("code")) {
			list = append(list, coreProfile+"fr-core-condition")
		}
		if person && said(r.Object.Object("code")) {
			list = append(list, ipsProfile+"Condition-uv-ips")
		}
	case "AllergyIntolerance":
		if person && said(r.Object.Object("code")) {
			list = append(list, ipsProfile+"AllergyIntolerance-uv-ips")
		}
	case "MedicationStatement":
		if person && (r.Has("effective|Period") || r.Has("effective|dateTime")) {
			list = append(list, ipsProfile+"MedicationStatement-uv-ips")
		}
	case "MedicationRequest":
		if person && c.prescribes(r) {
			list = append(list, ipsProfile+"MedicationRequest-uv-ips")
		}
	case "Procedure": // who performs it has rules of his own
		if person && said(r.Object.Object("code")) && (r.Has("performed|dateTime") || r.Has("performed|Period")) && !r.Has("performer") {
			list = append(list, ipsProfile+"Procedure-uv-ips")
		}
	case "Immunization":
		if person && r.Has("occurrence|dateTime") && said(r.Object.Object("vaccineCode")) {
			list = append(list, ipsProfile+"Immunization-uv-ips")
		}
	}
	return list
}

// prescribes reports whether a request says what it is of.
func (c *conversion) prescribes(r *draft.Resource) bool {
	if code := r.Object.Object("medication|CodeableConcept"); code != nil {
		return said(code)
	}
	code := c.medications[r.Object.Object("medication|Reference").Text("reference")]
	return code != nil && said(code)
}

// said reports whether a concept has a code or words.
func said(o *object) bool { return o.Has("coding") || o.Has("text") }

// coded10 reports whether a concept has a code of ICD-10.
func coded10(o *object) bool {
	for _, coding := range o.Objects("coding") {
		if strings.HasSuffix(coding.Text("system"), "/icd-10") {
			return true
		}
	}
	return false
}

// named reports whether there is a name, and each says something (ips-pat-1).
func named(r *draft.Resource) bool {
	names := r.Objects("name")
	for _, name := range names {
		if !name.Has("family") && !name.Has("given") && !name.Has("text") {
			return false
		}
	}
	return len(names) > 0
}

// officiallyNamed reports whether every name is the official one, with family
// and given name, or the one in use.
func officiallyNamed(r *draft.Resource) bool {
	official := false
	for _, name := range r.Objects("name") {
		switch name.Text("use") {
		case "official":
			official = name.Has("family") && name.Has("given")
			if !official {
				return false
			}
		case "usual":
		default:
			return false
		}
	}
	return official
}
