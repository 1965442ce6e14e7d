package cda

import (
	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/conceptmap"
	"github.com/cordee-sante/cordee/adapters/draft"
)

const (
	systemAllergyClinical     = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
	systemAllergyVerification = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"
)

// isPropensity reports whether a code is one of a type of allergy.
func isPropensity(n *node) bool {
	var shipped *conceptmap.Maps
	_, known := shipped.Required(toAllergyType, adapters.System(n.Attr("codeSystem")), n.Attr("code"))
	return known
}

// allergyOf maps FR-Allergie-ou-hypersensibilite to an AllergyIntolerance.
// concern is the act of FR-Liste-des-allergies around it.
func allergyOf(c *conversion, n, concern *node) []*draft.Resource {
	r := c.newEntry("AllergyIntolerance", n)
	identifiers(&r.Object, n)
	for id := range concern.Elements("id") {
		addIdentifier(&r.Object, identifier(id))
	}
	onset, end := c.course(n, concern)
	status, code := c.clinicalStatus(r, n, concern, end.text != "", systemAllergyClinical)
	verification := c.verification(n, systemAllergyVerification)
	if verification.Object("coding").Text("code") != "entered-in-error" { // invariants ait-1, ait-2
		if status == nil {
			status = c.absentConcept(nil)
		}
		r.Put("clinicalStatus", status)
	}
	r.Put("verificationStatus", verification)
	c.propensity(r, n)
	c.criticality(r, n)
	c.allergen(r, n)
	c.subject(&r.Object, "patient")
	switch {
	case end.text != "" && code != "active":
		r.Put("onset|Period", new(object).Set("start", onset.text, onset.from...).Set("end", end.text, end.from...))
	default:
		r.Set("onset|dateTime", onset.text, onset.from...)
	}
	c.asserted(r, "allergyintolerance-assertedDate", concern, onset, end)
	c.recorded(r, n)
	c.reactions(r, n)
	c.entryText(r, n, "code")
	r.Mark(mark(n.Element("statusCode")))
	return c.withRelated(r, n)
}

// propensity sets type and category. Of a type that FHIR cannot tell the code is
// there alone.
func (c *conversion) propensity(r *draft.Resource, n *node) {
	code := n.Element("code")
	from := []origin{mark(code)}
	if c.assertsType(n) {
		code = n.Element("value")
		from = append(from, origins(code)...)
	}
	typ, category := c.known(code, toAllergyType), c.known(code, toAllergyCategory)
	if _, known := c.required(code, toAllergyType); !known {
		if code.Attr("code") != "ASSERTION" {
			c.besides(&r.Object, "type", "", code)
		}
		return
	}
	if typ == "" && category == "" { // a propensity, of which kind is left open: what every AllergyIntolerance says
		r.Mark(from...)
	}
	r.Set("type", typ, from...)
	r.AddText("category", category, from...)
	c.besides(&r.Object, "type", typ, code)
}

// assertsType reports whether the value of an allergy says no more than of what
// type it is (C-CDA, IPS): the code is that of an assertion, the agent takes part.
func (c *conversion) assertsType(n *node) bool {
	_, known := c.required(n.Element("value"), toAllergyType)
	return known && n.Element("code").Attr("code") == "ASSERTION" && n.Element("participant", "participantRole", "playingEntity", "code") != nil
}

// criticality sets how much harm may come of an exposure.
func (c *conversion) criticality(r *draft.Resource, n *node) {
	if s, code := c.takeKnown(n, criticality, toCriticality); code != "" {
		c.asCode(&r.Object, "criticality", code, s)
	}
}

// allergen sets the code: the agent of the participant or, without one, what
// the value says, which is also where "no known allergy" stands.
func (c *conversion) allergen(r *draft.Resource, n *node) {
	agent := n.Element("participant", "participantRole", "playingEntity")
	code := c.coded(agent.Element("code"))
	name, from := words(agent.Element("name"))
	if code == nil && name != "" {
		code = new(object)
	}
	switch {
	case name == "":
	case code.Text("text") == "":
		code.Set("text", name, from...)
	case nameInWords(name, code):
		code.Note("text", from...)
	default:
		r.Add("note", new(object).Set("text", name, from...))
	}
	value := c.coded(n.Element("value"))
	if c.assertsType(n) {
		value = nil
	}
	switch {
	case code == nil && value == nil:
		code = c.wording(n)
	case code == nil:
		code = value
	case value != nil && value.Object("coding").Equal(code.Object("coding")):
		code.Merge(value)
	case value != nil:
		r.Add("note", new(object).Set("text", describe(value), origins(n.Element("value"))...))
	}
	r.Put("code", code)
}

// describe is a concept in words.
func describe(o *object) string {
	if text := o.Text("text"); text != "" {
		return text
	}
	if display := o.Object("coding").Text("display"); display != "" {
		return display
	}
	return o.Object("coding").Text("code")
}

// origins returns those of a node and of everything below it.
func origins(n *node) []origin {
	var from []origin
	for child := range n.All() {
		if child.Mark != 0 {
			from = append(from, child.Mark)
		}
	}
	return from
}

// reactions adds what happened on exposure: FR-Probleme with its severity.
func (c *conversion) reactions(r *draft.Resource, n *node) {
	for link := range n.Elements("entryRelationship") {
		s := link.Element("observation")
		if s == nil || kindOf(s) != problem || c.taken[s] || isNegated(s) { // what did not happen becomes a refuted Condition
			continue
		}
		manifestation := c.coded(s.Element("value"))
		if manifestation == nil {
			manifestation = c.wording(s)
		}
		c.taken[s] = true
		reaction := new(object)
		text, from := c.text(s.Element("text"))
		if manifestation.Text("text") == text {
			manifestation.Note("text", from...)
			text = ""
		}
		reaction.Add("manifestation", manifestation)
		reaction.Set("description", text, from...)
		onset, _ := c.course(s, nil)
		reaction.Set("onset", onset.text, onset.from...)
		c.reactionSeverity(reaction, s)
		r.Add("reaction", reaction.Mark(head(s)...))
	}
}

// reactionSeverity sets mild, moderate or severe.
func (c *conversion) reactionSeverity(reaction *object, n *node) {
	if s, code := c.takeKnown(n, severity, toReactionSeverity); code != "" {
		c.asCode(reaction, "severity", code, s)
	}
}
