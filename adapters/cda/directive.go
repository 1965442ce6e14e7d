package cda

import "github.com/cordee-sante/cordee/adapters/draft"

// directiveOf maps FR-Directive-anticipee to a Consent of scope adr: what the
// patient wants or refuses, for a time when he cannot say so. It says nothing
// of who may read his record.
func directiveOf(c *conversion, n *node) []*draft.Resource {
	r := c.newEntry("Consent", n)
	identifiers(&r.Object, n)
	state := n.Element("statusCode")
	r.Set("status", c.attributed(toConsentState, "ActStatus", state.Attr("code")), mark(state))
	if !r.Has("status") {
		r.Set("status", "active")
	}
	r.Put("scope", concept("http://terminology.hl7.org/CodeSystem/consentscope", "adr"))
	category := c.coded(n.Element("code"))
	if category == nil {
		category = c.wording(n)
	}
	r.Add("category", category)
	c.subject(&r.Object, "patient")
	r.Put("policyRule", c.absentConcept(nil)) // R4 invariant ppc-1; no document names the law
	provision := new(object)
	value := n.Element("value")
	switch wanted := boolean(value); {
	case wanted != "":
		provision.Set("type", map[bool]string{true: "permit", false: "deny"}[(wanted == "true") != isNegated(n)], mark(value), mark(n))
	case isNegated(n):
		provision.Set("type", "deny", mark(n))
	}
	if value.Attr("code") != "" {
		provision.Add("code", c.coded(value))
	}
	provision.Put("period", c.period(n.Element("effectiveTime")))
	r.Put("provision", provision)
	c.entryText(r, n, "category")
	c.externalDocuments(r, n)
	return c.withRelated(r, n)
}
