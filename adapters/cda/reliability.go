package cda

import (
	"strings"

	"github.com/cordee-sante/cordee/adapters/draft"
)

// What FR Core says of how far an identity may be relied on: the extension, and
// the systems of its codes. VALI means qualified in the older one of a patient who has
// an INS, and no more than validated in the one of the RNIV v2, whose word is QUAL:
// whoever reads knows one of them (adapters/identity).
const (
	reliabilityExtension = coreExtension + "fr-core-identity-reliability"
	olderStatuses        = "https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0445"
	newerStatuses        = "https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-identity-status"
)

// reliability says that the identity of the patient is qualified: a document of the
// CI-SIS may name the INS of nobody else (Référentiel INS; Volet Structuration
// minimale). It does so only with all strict traits beside the INS, and when nothing
// is wrong with that; otherwise nothing is said.
func (c *conversion) reliability(wrongKey bool) {
	if c.unidentified != nil || wrongKey || !c.strictTraits() {
		return
	}
	for _, status := range [][2]string{{olderStatuses, "VALI"}, {newerStatuses, "QUAL"}} {
		c.patient.Add("extension", extension(reliabilityExtension).
			Add("extension", extension("identityStatus").Put("value|Coding", new(object).Set("system", status[0]).Set("code", status[1]))))
	}
}

// strictTraits reports whether the patient has what goes with an INS: the name and
// given names of birth, sex, day of birth, and the INSEE code of the place.
func (c *conversion) strictTraits() bool {
	p := &c.patient.Object
	if sex := p.Text("gender"); sex != "male" && sex != "female" {
		return false
	}
	return len(p.Text("birthDate")) == len("2006-01-02") && bornName(c.patient) && bornAt(c.patient)
}

// bornName reports whether there is one official name, with one given name and the
// list of the civil register.
func bornName(r *draft.Resource) bool {
	n := 0
	for _, name := range r.Objects("name") {
		if name.Text("use") != "official" {
			continue
		}
		if n++; !name.Has("family") || len(name.Texts("given")) != 1 || !strings.HasSuffix(name.Object("extension").Text("url"), "birth-list-given-name") {
			return false
		}
	}
	return n == 1
}

// bornAt reports whether the place of birth has its INSEE code.
func bornAt(r *draft.Resource) bool {
	for _, e := range r.Objects("extension") {
		if e.Text("url") == baseExtension+"patient-birthPlace" {
			return strings.HasSuffix(e.Object("value|Address").Object("extension").Text("url"), "fr-core-address-insee-code")
		}
	}
	return false
}
