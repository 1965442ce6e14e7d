package cda

import (
	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/draft"
)

// specimenOf maps FR-Prelevement (IHE Specimen Collection): what was taken,
// when, where and by whom, and when the laboratory received it.
func specimenOf(c *conversion, n *node) []*draft.Resource {
	r := c.newEntry("Specimen", n)
	var sample *node
	for p := range n.Elements("participant") {
		if role := p.Element("participantRole"); p.Attr("typeCode") == "PRD" || p.Attr("typeCode") == "SPC" {
			sample = role
			break
		}
	}
	for id := range sample.Elements("id") {
		addIdentifier(&r.Object, identifier(id))
		c.remember(id, r)
	}
	identifiers(&r.Object, n)
	r.Put("type", c.coded(sample.Element("playingEntity", "code")))
	act := c.coded(n.Element("code"))
	if !r.Has("type") {
		r.Put("type", act)
		act = nil
	}
	c.subject(&r.Object, "subject")
	c.received(r, n)
	r.Put("collection", c.collection(r, n, act))
	if state := n.Element("statusCode"); mark(state) != 0 {
		r.Mark(mark(state))
	}
	c.entryText(r, n, "type")
	return c.withRelated(r, n)
}

// collection says how a specimen was taken.
func (c *conversion) collection(r *draft.Resource, n *node, act *object) *object {
	o := new(object)
	for p := range n.Elements("performer") {
		party := c.party(p.Element("assignedEntity"))
		switch {
		case party == nil:
		case c.isOneOf(party, "Practitioner", "PractitionerRole") && !o.Has("collector"):
			o.Put("collector", party)
		default: // a structure: R4 takes people only
			r.Add("extension", extension(adapters.Canonical+"/StructureDefinition/specimen-collector").Put("value|Reference", party))
		}
	}
	c.when(o, "collected", n.Element("effectiveTime"))
	o.Put("method", act)
	o.Put("bodySite", c.coded(n.Element("targetSiteCode")))
	return o
}

// received sets when a specimen came into the laboratory.
func (c *conversion) received(r *draft.Resource, n *node) {
	s := c.find(n, specimenReceipt)
	at := s.Element("effectiveTime")
	if low := at.Element("low"); low != nil && at.Attr("value") == "" {
		at = low
	}
	if t := c.dateTime(at); t != "" {
		c.taken[s] = true
		r.Set("receivedTime", t, head(s, mark(at))...)
	}
}

// examined adds the specimens that a statement names itself: those that an
// entry described before, or one of its own, an isolate as a rule.
func (c *conversion) examined(r *draft.Resource, n *node) {
	for s := range n.Elements("specimen") {
		role := s.Element("specimenRole")
		id := role.Element("id")
		known := c.byID[id.Attr("root")+"^"+id.Attr("extension")]
		if known == nil || known.Type != "Specimen" {
			known = c.New("Specimen", s.Path())
			c.remember(id, known)
		}
		for id := range role.Elements("id") {
			addIdentifier(&known.Object, identifier(id))
		}
		entity := role.Element("specimenPlayingEntity")
		if code := c.coded(entity.Element("code")); code != nil {
			if known.Has("type") { // described before
				known.Object.Object("type").Merge(code)
			} else {
				known.Put("type", code)
			}
		}
		if !known.Has("subject") {
			c.subject(&known.Object, "subject")
		}
		c.tieSpecimen(r, known)
	}
}

// tieSpecimen refers from an observation to what was examined. R4 has room for
// one.
func (c *conversion) tieSpecimen(r, specimen *draft.Resource) {
	if r.Has("specimen") || r.Type != "Observation" {
		r.Add("extension", extension(baseExtension+"workflow-supportingInfo").Put("value|Reference", c.Reference(specimen)))
		return
	}
	r.Put("specimen", c.Reference(specimen))
}
