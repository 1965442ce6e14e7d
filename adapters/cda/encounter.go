package cda

import (
	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/draft"
)

// componentOf makes the Encounter within which the document was written.
func (c *conversion) componentOf(o *object) {
	n := c.root.Element("componentOf", "encompassingEncounter")
	if n == nil {
		return
	}
	e := new(object)
	identifiers(e, n)
	at := n.Element("effectiveTime")
	period := c.period(at)
	c.classify(e, n.Element("code"))
	c.subject(e, "subject")
	c.attendants(e, n)
	e.Put("period", period)
	if to := c.coded(n.Element("dischargeDispositionCode")); to != nil {
		e.Put("hospitalization", new(object).Put("dischargeDisposition", to))
	}
	c.place(e, n.Element("location", "healthCareFacility"))
	if !saysMore(e) { // only who and how: nothing was said of an encounter
		return
	}
	c.encounter = c.New("Encounter", n.Path())
	status := "finished"
	if !period.Has("end") && period.Has("start") {
		status = "in-progress"
	}
	if period.Empty() {
		status = "unknown"
	}
	c.encounter.Set("status", status)
	c.encounter.Merge(e)
	o.Put("encounter", c.Reference(c.encounter))
}

func saysMore(e *object) bool {
	for _, name := range []string{"identifier", "participant", "period", "hospitalization", "location", "serviceProvider", "type"} {
		if e.Has(name) {
			return true
		}
	}
	return e.Object("class").Text("system") != adapters.System(oidNullFlavor)
}

const (
	oidActCode    = "2.16.840.1.113883.5.4"
	oidNullFlavor = "2.16.840.1.113883.5.1008"
)

// classify sets class, which R4 requires, and type: a code of HL7 is the class,
// the French ones are the type, and then the class is not known unless a ConceptMap
// of an operator has one for them.
func (c *conversion) classify(e *object, code *node) {
	class, known := c.in.Maps.Exact(toEncounterClass, c.system(code.Attr("codeSystem")), code.Attr("code"))
	if known && class == code.Attr("code") && code.Attr("codeSystem") == oidActCode {
		e.Put("class", coding(code))
		for t := range code.Elements("translation") {
			e.Add("type", new(object).Add("coding", coding(t)))
		}
		return
	}
	if class != "" {
		e.Put("class", new(object).Set("system", adapters.System(oidActCode)).Set("code", class))
	} else {
		e.Put("class", new(object).Set("system", adapters.System(oidNullFlavor)).Set("code", "UNK"))
	}
	e.Add("type", c.coded(code))
}

// attendants adds who was responsible for the encounter and who took part.
func (c *conversion) attendants(e *object, n *node) {
	if responsible := n.Element("responsibleParty"); responsible != nil {
		a := c.attendant(responsible, "RESP")
		c.joins(a.Object("individual"), participationRole("RESP"))
		e.Add("participant", a)
	}
	for p := range n.Elements("encounterParticipant") {
		e.Add("participant", c.attendant(p, p.Attr("typeCode")))
	}
}

// attendant makes Encounter.participant; an individual is a person.
func (c *conversion) attendant(n *node, typeCode string) *object {
	party := c.party(n.Element("assignedEntity"))
	if !c.isOneOf(party, "Practitioner", "PractitionerRole", "RelatedPerson") {
		return nil
	}
	p := new(object)
	if typeCode != "" {
		p.Add("type", concept(adapters.System(oidParticipationType), token(typeCode)))
	}
	if t := n.Element("time"); t != nil {
		p.Put("period", c.period(t))
	}
	return p.Put("individual", party)
}

// place adds the place of the encounter and the organisation behind it.
func (c *conversion) place(e *object, n *node) {
	if n == nil {
		return
	}
	o := new(object)
	for id := range n.Elements("id") {
		o.Add("identifier", identifier(id))
	}
	text, from := words(n.Element("location", "name"))
	o.Set("name", text, from...)
	o.Add("type", c.coded(n.Element("code")))
	o.Put("address", c.address(n.Element("location", "addr")))
	if provider := c.organizationResource(n.Element("serviceProviderOrganization")); provider != nil {
		e.Put("serviceProvider", c.Reference(provider))
	}
	if o.Empty() {
		return
	}
	location := c.New("Location", n.Path())
	location.Merge(o)
	e.Add("location", new(object).Put("location", c.Reference(location)))
}

// encounterEntry makes the Encounter of an entry: one that took place, or with
// another mood one that is planned (FR-Rencontre).
func encounterEntry(c *conversion, n *node) []*draft.Resource {
	r := c.newEntry("Encounter", n)
	identifiers(&r.Object, n)
	status := n.Element("statusCode")
	switch {
	case isNegated(n):
		r.Set("status", "cancelled", mark(status), mark(n))
	case n.Attr("moodCode") != "EVN":
		r.Set("status", "planned", mark(status))
	default:
		r.Set("status", "finished", mark(status))
	}
	c.classify(&r.Object, n.Element("code"))
	if priority := c.coded(n.Element("priorityCode")); priority != nil {
		r.Put("priority", priority)
	}
	c.subject(&r.Object, "subject")
	for performer := range n.Elements("performer") {
		r.Add("participant", c.attendant(performer, "PRF"))
	}
	for p := range n.Elements("participant") {
		role := p.Element("participantRole")
		if p.Attr("typeCode") == "LOC" {
			r.Add("location", c.participantLocation(role))
			continue
		}
		if party := c.party(role); c.isOneOf(party, "Practitioner", "PractitionerRole", "RelatedPerson") {
			r.Add("participant", new(object).Add("type", concept(adapters.System(oidParticipationType), token(p.Attr("typeCode")))).Put("individual", party))
		}
	}
	r.Put("period", c.period(n.Element("effectiveTime")))
	c.entryText(r, n, "reasonCode")
	return c.withRelated(r, n)
}

// participantLocation makes the place that a participant names.
func (c *conversion) participantLocation(n *node) *object {
	o := new(object)
	for id := range n.Elements("id") {
		o.Add("identifier", identifier(id))
	}
	text, from := words(n.Element("playingEntity", "name"))
	o.Set("name", text, from...)
	o.Add("type", c.coded(n.Element("code")))
	c.telecoms(o, n)
	o.Put("address", c.address(n.Element("addr")))
	if o.Empty() {
		return nil
	}
	location := c.New("Location", n.Path())
	location.Merge(o)
	return new(object).Put("location", c.Reference(location))
}
