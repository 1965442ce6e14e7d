package cda

import (
	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/draft"
)

// procedureOf maps FR-Acte: an act that took place is a Procedure, one that is
// intended, proposed or ordered a ServiceRequest.
func procedureOf(c *conversion, n *node) []*draft.Resource {
	if n.Attr("moodCode") != "EVN" {
		return requestOf(c, n)
	}
	r := c.newEntry("Procedure", n)
	identifiers(&r.Object, n)
	state := n.Element("statusCode")
	status := c.known(state, toEventStatus)
	switch {
	case isNegated(n):
		status = "not-done"
		r.Mark(mark(n))
	case status == "":
		status = "unknown"
	}
	r.Set("status", status, mark(state))
	r.Put("code", c.coded(n.Element("code")))
	c.subject(&r.Object, "subject")
	c.when(&r.Object, "performed", n.Element("effectiveTime"))
	c.performers(r, n)
	for _, name := range []string{"targetSiteCode", "approachSiteCode"} {
		for site := range n.Elements(name) {
			r.Add("bodySite", c.coded(site))
		}
	}
	if priority := c.coded(n.Element("priorityCode")); priority != nil {
		r.Add("extension", extension(adapters.Canonical+"/StructureDefinition/procedure-priority").Put("value|CodeableConcept", priority))
	}
	for p := range n.Elements("participant") {
		c.takesPart(r, p)
	}
	c.devices(r, n)
	if method := c.coded(n.Element("methodCode")); method != nil {
		r.Add("extension", extension(baseExtension+"procedure-method").Put("value|CodeableConcept", method))
	}
	c.entryText(r, n, "code")
	c.externalDocuments(r, n)
	return c.withRelated(r, n)
}

// takesPart adds where an act took place or led to, and who else did it.
func (c *conversion) takesPart(r *draft.Resource, n *node) {
	role := n.Element("participantRole")
	switch n.Attr("typeCode") {
	case "LOC", "DST":
		if place := c.participantLocation(role); place != nil && !r.Has("location") {
			r.Put("location", place.Object("location"))
		}
	case "PRF", "SPRF", "PPRF":
		if party := c.party(role); party != nil {
			r.Add("performer", new(object).Put("actor", party))
		}
	}
}

// performers adds who did an act. CI-SIS documents name him as performer or as
// author.
func (c *conversion) performers(r *draft.Resource, n *node) {
	for p := range n.Elements("performer") {
		if party := c.party(p.Element("assignedEntity")); party != nil {
			performer := new(object)
			performer.Put("function", c.coded(p.Element("functionCode")))
			r.Add("performer", performer.Put("actor", party))
		}
	}
	for a := range n.Elements("author") {
		party := c.party(a.Element("assignedAuthor"))
		if party == nil {
			continue
		}
		at := a.Element("time")
		if t := c.dateTime(at); t != "" {
			party.Add("extension", extension(authorTime).Set("value|dateTime", t, mark(at)))
		}
		if r.Has("performer") {
			if c.isOneOf(party, "Patient", "RelatedPerson", "Practitioner", "PractitionerRole") {
				r.Put("recorder", party)
			}
			continue
		}
		r.Add("performer", new(object).Put("actor", party))
	}
}
