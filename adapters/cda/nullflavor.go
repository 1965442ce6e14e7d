package cda

import "github.com/cordee-sante/cordee/adapters/draft"

// absentReason returns why a node has no value, or nil when it does not say.
func (c *conversion) absentReason(n *node) *object {
	code := c.attributed(toAbsentReason, "NullFlavor", n.Attr("nullFlavor"))
	if code == "" {
		return nil
	}
	return concept(toAbsentReason, code)
}

// absentConcept stands in for an element that FHIR requires and the document
// leaves open: it says so and claims nothing.
func (c *conversion) absentConcept(n *node) *object {
	code := c.attributed(toAbsentReason, "NullFlavor", n.Attr("nullFlavor"))
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
