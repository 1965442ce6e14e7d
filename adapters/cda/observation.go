package cda

import (
	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/draft"
)

// observationOf maps FR-Simple-Observation, and every observation that no
// template tells more of. category is a code of observation-category, empty for
// none.
func observationOf(c *conversion, n *node, category string) []*draft.Resource {
	r := c.newEntry("Observation", n)
	identifiers(&r.Object, n)
	state := n.Element("statusCode")
	status := c.known(state, toObservationStatus)
	if status == "" {
		status = "unknown"
	}
	r.Set("status", status, mark(state))
	if category != "" {
		r.Add("category", concept("http://terminology.hl7.org/CodeSystem/observation-category", category))
	}
	r.Put("code", c.coded(n.Element("code")))
	if !r.Has("code") {
		r.Put("code", c.wording(n))
	}
	defer c.focus(n)()
	c.subject(&r.Object, "subject")
	if c.focused != nil {
		r.Add("focus", c.focused)
	}
	c.occurring(&r.Object, "effective", n)
	c.observers(r, n)
	c.devices(r, n)
	switch {
	case isNegated(n):
		c.negatedValue(r, n)
	default:
		c.value(&r.Object, n.Element("value"))
		c.furtherValues(r, n)
	}
	c.valueFiles(r, n)
	for i := range n.Elements("interpretationCode") {
		r.Add("interpretation", c.coded(i))
	}
	c.entryText(r, n, "code")
	c.several(r, n, "targetSiteCode", "bodySite")
	c.several(r, n, "methodCode", "method")
	c.examined(r, n)
	for reference := range n.Elements("referenceRange") {
		r.Add("referenceRange", c.referenceRange(reference.Element("observationRange")))
	}
	for p := range n.Elements("precondition") {
		if criterion := c.condition(p.Element("criterion")); criterion != nil {
			r.Add("extension", extension(adapters.Canonical+"/StructureDefinition/precondition").Put("value|CodeableConcept", criterion))
		}
	}
	c.externalDocuments(r, n)
	return c.withRelated(r, n)
}

// several sets an element that R4 has one of to the first of the codes, and keeps
// the others in an extension of that name.
func (c *conversion) several(r *draft.Resource, n *node, from, to string) {
	for code := range n.Elements(from) {
		switch o := c.coded(code); {
		case o == nil:
		case !r.Has(to):
			r.Put(to, o)
		default:
			r.Add("extension", extension(adapters.Canonical+"/StructureDefinition/observation-"+to).Put("value|CodeableConcept", o))
		}
	}
}

// furtherValues adds a second value and those after it as components: the same
// was seen in several ways.
func (c *conversion) furtherValues(r *draft.Resource, n *node) {
	first := true
	for value := range n.Elements("value") {
		if first {
			first = false
			continue
		}
		component := new(object)
		if c.value(component, value) {
			component.Put("code", r.Object.Object("code"))
			r.Add("component", component)
		}
	}
}

// categoryOf tells a result of a laboratory, as all others are told by their
// template.
func categoryOf(n *node) string {
	for t := range n.Elements("templateId") {
		switch t.Attr("root") {
		case cisisEntry + ".80", iheLaboratory + ".4", iheLaboratory + ".5", iheLaboratory + ".6", ccda + ".1", ccda + ".2":
			return "laboratory"
		}
	}
	return ""
}

// observers adds who observed.
func (c *conversion) observers(r *draft.Resource, n *node) {
	for p := range n.Elements("performer") {
		c.observer(r, p, p.Element("assignedEntity"))
	}
	for a := range n.Elements("author") {
		c.observer(r, a, a.Element("assignedAuthor"))
	}
	for p := range n.Elements("participant") {
		role := p.Element("participantRole")
		switch p.Attr("typeCode") {
		case "PRF", "AUTHEN", "RESP":
			c.observer(r, p, role)
		}
	}
}

// observer adds one, with the time that his participation names.
func (c *conversion) observer(r *draft.Resource, participation, n *node) {
	party := c.party(n)
	if !c.isOneOf(party, "Practitioner", "PractitionerRole", "Organization", "Patient", "RelatedPerson") {
		return
	}
	if function := c.coded(participation.Element("functionCode")); function != nil {
		party.Add("extension", extension(baseExtension+"event-performerFunction").Put("value|CodeableConcept", function))
	}
	at := participation.Element("time")
	if at.Attr("value") == "" && at.Element("high") != nil {
		at = at.Element("high")
	}
	if t := c.dateTime(at); t != "" {
		party.Add("extension", extension(authorTime).Set("value|dateTime", t, mark(at)))
	}
	r.Add("performer", party)
}

// normalValue is the element of R5 for a result that is normal and no number, as
// extension in R4.
const normalValue = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Observation.referenceRange.normalValue"

// referenceRange returns what is normal.
func (c *conversion) referenceRange(n *node) *object {
	o := new(object)
	value := n.Element("value")
	o.Put("low", quantity(value.Element("low"))).Put("high", quantity(value.Element("high")))
	o.Put("type", c.coded(n.Element("interpretationCode")))
	text, from := c.text(n.Element("text"))
	if value.Attr("code") != "" {
		normal := c.coded(value)
		o.Add("extension", extension(normalValue).Put("value|CodeableConcept", normal))
		if text == "" {
			text = describe(normal)
		}
	}
	if text == "" && !o.Has("low") && !o.Has("high") {
		text, from = c.text(value)
	}
	o.Set("text", text, from...)
	if !o.Has("low") && !o.Has("high") && !o.Has("text") { // R4 invariant obs-3
		return nil
	}
	return o
}
