package cda

import "github.com/cordee-sante/cordee/adapters/draft"

// absent are the codes of data-absent-reason for the null flavors that have
// one (C-CDA on FHIR, R4 valueset-data-absent-reason).
var absent = map[string]string{
	"UNK": "unknown", "NI": "unknown", "INV": "error", "OTH": "unsupported", "NINF": "negative-infinity", "PINF": "positive-infinity",
	"UNC": "as-text", "DER": "unknown", "NA": "not-applicable", "NP": "not-applicable", "NASK": "not-asked", "ASKU": "asked-unknown",
	"NAV": "temp-unknown", "TRC": "unknown", "QS": "unknown", "MSK": "masked",
}

// absentReason returns why a node has no value, or nil when it does not say.
func absentReason(n *node) *object {
	code := absent[n.Attr("nullFlavor")]
	if code == "" {
		return nil
	}
	return concept("http://terminology.hl7.org/CodeSystem/data-absent-reason", code)
}

// absentConcept stands in for an element that FHIR requires and the document
// leaves open: it says so and claims nothing.
func absentConcept(n *node) *object {
	code := absent[n.Attr("nullFlavor")]
	if code == "" {
		code = "unknown"
	}
	return new(object).Add("extension", extension("http://hl7.org/fhir/StructureDefinition/data-absent-reason").Set("value|Code", code))
}

// extension starts an Extension.
func extension(url string) *object { return new(object).Set("url", url) }

// concept is a CodeableConcept of one coding.
func concept(system, code string, from ...draft.Origin) *object {
	return new(object).Add("coding", new(object).Set("system", system).Set("code", code, from...))
}
