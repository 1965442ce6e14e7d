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
	for _, r := range c.made {
		if r.Object.Object("meta").Has("profile") {
			continue // made of several statements
		}
		subject := r.Object.Object("subject")
		if subject == nil {
			subject = r.Object.Object("patient")
		}
		for _, url := range clinicalProfiles(r, person && subject.Text("reference") == c.Reference(c.patient).Text("reference")) {
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
func clinicalProfiles(r *draft.Resource, person bool) []string {
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
	case "Immunization":
		if person && r.Has("occurrence|dateTime") && said(r.Object.Object("vaccineCode")) {
			list = append(list, ipsProfile+"Immunization-uv-ips")
		}
	}
	return list
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

func named(r *draft.Resource) bool {
	name := r.Object.Object("name")
	return name.Has("family") || name.Has("given") || name.Has("text")
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
