package cda

import "github.com/cordee-sante/cordee/adapters/draft"

// adverseEventOf maps FR-Effet-indesirable to an AdverseEvent: the medicine
// suspected, the reaction, how likely and how serious it is.
func adverseEventOf(c *conversion, n *node) []*draft.Resource {
	if isNegated(n) { // R4 has no event that did not happen
		return observationOf(c, n, "")
	}
	r := c.newEntry("AdverseEvent", n)
	r.Put("identifier", identifier(n.Element("id")))
	r.Set("actuality", "actual", mark(n.Element("statusCode")))
	r.Add("category", c.coded(n.Element("code")))
	r.Put("event", c.coded(n.Element("value")))
	c.subject(&r.Object, "subject")
	onset := c.moment(n.Element("effectiveTime"), "low")
	r.Set("date", onset.text, onset.from...)
	author := n.Element("author")
	at := author.Element("time")
	r.Set("recordedDate", c.dateTime(at), mark(at))
	if party := c.party(author.Element("assignedAuthor")); c.isOneOf(party, "Patient", "Practitioner", "PractitionerRole", "RelatedPerson") {
		r.Put("recorder", party)
	}
	c.adverseSeverity(r, n)
	c.adverseOutcome(r, n)
	medicines, rest := c.suspects(r, n)
	c.entryText(r, n, "event")
	return append(append(c.withRelated(r, n), medicines...), rest...)
}

// suspects adds the medicines, with how likely each is the cause, and the
// problems that came of it.
func (c *conversion) suspects(r *draft.Resource, n *node) (medicines, problems []*draft.Resource) {
	causality := c.attribute(n, causality)
	for link := range n.Elements("entryRelationship") {
		if s := link.Element("substanceAdministration"); s != nil && !c.taken[s] {
			c.taken[s] = true
			list := treatmentOf(c, s)
			suspect := new(object).Put("instance", c.Reference(list[0]))
			if causality != nil {
				suspect.Add("causality", new(object).Put("assessment", causality))
				causality = nil
			}
			r.Add("suspectEntity", suspect)
			medicines = append(medicines, list...)
			continue
		}
		if s := link.Element("observation"); s != nil && kindOf(s) == problem && !c.taken[s] && !isNegated(s) {
			c.taken[s] = true
			list := problemOf(c, s, nil)
			r.Add("resultingCondition", c.Reference(list[0]))
			problems = append(problems, list...)
		}
	}
	return medicines, problems
}

// adverseSeverity sets mild, moderate or severe.
func (c *conversion) adverseSeverity(r *draft.Resource, n *node) {
	if s, code := c.takeKnown(n, severity, toAdverseSeverity); code != "" {
		r.Put("severity", c.saidBy(c.translated(toAdverseSeverity, code, s.Element("value")), s))
	}
}

// adverseOutcome sets how it went on.
func (c *conversion) adverseOutcome(r *draft.Resource, n *node) {
	if s, code := c.takeKnown(n, evolution, toAdverseOutcome); code != "" {
		r.Put("outcome", c.saidBy(c.translated(toAdverseOutcome, code, s.Element("value")), s))
	}
}

// saidBy adds the words and the code of a small observation to the concept that
// was made of its value.
func (c *conversion) saidBy(o *object, n *node) *object {
	text, from := c.text(n.Element("text"))
	said, again := c.text(n.Element("value", "originalText"))
	if text == "" {
		text = said
	}
	if said == text {
		from = append(from, again...)
	}
	return o.Set("text", text, from...).Mark(head(n)...)
}
