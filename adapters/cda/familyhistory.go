package cda

import (
	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/draft"
)

// familyHistoryOf maps FR-Antecedents-familiaux: an organizer whose subject is
// a relative, and an observation for every problem that he has or had.
func familyHistoryOf(c *conversion, n *node) []*draft.Resource {
	r := c.newEntry("FamilyMemberHistory", n)
	identifiers(&r.Object, n)
	state := n.Element("statusCode")
	r.Set("status", c.attributed(toHistoryStatus, "ActStatus", state.Attr("code")), mark(state))
	if !r.Has("status") {
		r.Set("status", "completed")
	}
	c.subject(&r.Object, "patient")
	c.relative(r, n.Element("subject", "relatedSubject"))
	text, from := c.text(n.Element("text"))
	if text != "" {
		r.Add("note", new(object).Set("text", text, from...))
	}
	for _, name := range links {
		for link := range n.Elements(name) {
			if s := link.Element("observation"); s != nil && !c.taken[s] {
				c.familyProblem(r, s)
			}
		}
	}
	return c.withRelated(r, n)
}

// relative says who it is: kinship, name, sex, birth, death.
func (c *conversion) relative(r *draft.Resource, n *node) {
	person := n.Element("subject")
	name, from := words(person.Element("name"))
	r.Set("name", name, from...)
	r.Put("relationship", c.coded(n.Element("code")))
	if !r.Has("relationship") {
		r.Put("relationship", c.absentConcept(n.Element("code")))
	}
	gender := person.Element("administrativeGenderCode")
	if code := c.known(gender, toGender); code != "" {
		r.Put("sex", concept("http://hl7.org/fhir/administrative-gender", code, mark(gender)))
	}
	birth := person.Element("birthTime")
	r.Set("born|date", c.date(birth), mark(birth))
	death, dead := person.Element("sdtc:deceasedTime"), person.Element("sdtc:deceasedInd")
	if t := c.date(death); t != "" {
		r.Set("deceased|date", t, mark(death), mark(dead))
	} else {
		r.Literal("deceased|boolean", boolean(dead), mark(dead))
	}
}

// familyProblem adds one problem. One that is negated is not one that the
// relative has.
func (c *conversion) familyProblem(r *draft.Resource, n *node) {
	c.taken[n] = true
	c.made[n] = r
	if isNegated(n) {
		c.notHad(r, n)
		return
	}
	o := new(object)
	code := c.coded(n.Element("value"))
	if code == nil {
		code = c.wording(n)
	}
	text, from := c.text(n.Element("text"))
	if code.Text("text") == text {
		code.Note("text", from...)
		text = ""
	}
	if severe := c.attribute(n, severity); severe != nil {
		o.Add("extension", extension(baseExtension+"familymemberhistory-severity").Put("value|CodeableConcept", severe))
	}
	for _, k := range []kind{problemStatus, certainty, healthStatus} {
		if state := c.attribute(n, k); state != nil {
			o.Add("extension", extension(adapters.Canonical+"/StructureDefinition/family-condition-status").Put("value|CodeableConcept", state))
		}
	}
	o.Put("code", code.Mark(head(n)...))
	c.familyOnset(o, n)
	if text != "" {
		o.Add("note", new(object).Set("text", text, from...))
	}
	for s := c.take(n, comment); s != nil; s = c.take(n, comment) {
		if text, from := c.text(s.Element("text")); text != "" {
			o.Add("note", new(object).Set("text", text, from...).Mark(head(s)...))
		}
	}
	for id := range n.Elements("id") {
		addIdentifier(&r.Object, identifier(id))
	}
	r.Add("condition", o)
}

// familyOnset sets when a problem began: a date, which FHIR takes as a text, or
// a period.
func (c *conversion) familyOnset(o *object, n *node) {
	at := n.Element("effectiveTime")
	onset, end := c.moment(at, "low"), c.moment(at, "high")
	switch {
	case onset.text != "" && end.text != "":
		o.Put("onset|Period", new(object).Set("start", onset.text, onset.from...).Set("end", end.text, end.from...))
	default:
		o.Set("onset|string", onset.text, onset.from...)
	}
}
