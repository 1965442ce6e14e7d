package cda

import (
	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/draft"
)

// goalOf maps an observation of mood GOL to a Goal: what is aimed at, by when,
// and by which measure.
func goalOf(c *conversion, n *node) []*draft.Resource {
	r := c.newEntry("Goal", n)
	identifiers(&r.Object, n)
	state := n.Element("statusCode")
	status := c.known(state, toGoalStatus)
	if status == "" || status == "completed" { // of writing it down; the aim is still to be reached
		status = "active"
	}
	r.Set("lifecycleStatus", status, mark(state))
	if priority := c.coded(n.Element("priorityCode")); priority != nil {
		r.Put("priority", priority)
	}
	code := c.coded(n.Element("code"))
	description := code
	if text, from := c.text(n.Element("text")); text != "" {
		description = new(object).Set("text", text, from...)
	}
	if description == nil {
		description = c.absentConcept(n.Element("code"))
	}
	r.Put("description", description)
	c.subject(&r.Object, "subject")
	at := n.Element("effectiveTime")
	start := c.moment(at, "low")
	r.Set("start|date", dayOf(start.text), start.from...)
	c.target(r, n, code, c.moment(at, "high"))
	author := n.Element("author")
	written := author.Element("time")
	r.Set("statusDate", dayOf(c.dateTime(written)), mark(written))
	if party := c.party(author.Element("assignedAuthor")); c.isOneOf(party, "Patient", "Practitioner", "PractitionerRole", "RelatedPerson") {
		r.Put("expressedBy", party)
	}
	for p := range n.Elements("participant") {
		c.inCharge(r, p, p.Element("participantRole"))
	}
	for p := range n.Elements("performer") {
		c.inCharge(r, p, p.Element("assignedEntity"))
	}
	return c.withRelated(r, n)
}

// target sets what is to be measured, the value to reach and the day.
func (c *conversion) target(r *draft.Resource, n *node, code *object, due moment) {
	value := new(object)
	c.value(value, n.Element("value"))
	target := new(object)
	if r.Object.Object("description") != code {
		target.Put("measure", code)
	}
	detailed := false
	for _, typ := range []string{"Quantity", "Range", "CodeableConcept", "string", "boolean", "integer", "Ratio"} {
		if value.Has("value|" + typ) {
			target.Move(value, "value|"+typ, "detail|"+typ)
			detailed = true
		}
	}
	if detailed && !target.Has("measure") { // R4 invariant gol-1: a detail is of a measure
		measure := c.absentConcept(nil)
		if code != nil {
			measure = new(object)
			measure.Merge(code)
		}
		target.Put("measure", measure)
	}
	target.Set("due|date", dayOf(due.text), due.from...)
	r.Add("target", target)
}

// inCharge notes who is to see to a goal, which R4 has no element for.
func (c *conversion) inCharge(r *draft.Resource, participation, n *node) {
	party := c.party(n)
	if party == nil {
		return
	}
	if at := participation.Element("time"); c.dateTime(at) != "" {
		party.Add("extension", extension(authorTime).Set("value|dateTime", c.dateTime(at), mark(at)))
	}
	r.Add("extension", extension(adapters.Canonical+"/StructureDefinition/goal-performer").Put("value|Reference", party))
}

// dayOf returns the date of a dateTime.
func dayOf(t string) string { return t[:min(len(t), 10)] }
