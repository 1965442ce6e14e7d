package cda

import "github.com/cordee-sante/cordee/adapters/draft"

// isTask reports whether a statement is what somebody is to do for a goal: the
// actions of a PPS are written as goals below the goal that they support, with
// who is to see to them (FR-Demande-d-examen-ou-de-suivi, participant PRF).
func isTask(n *node) bool {
	link := n.Parent()
	if n.Attr("moodCode") != "GOL" || link.Attr("typeCode") != "SPRT" || link.Parent().Attr("moodCode") != "GOL" {
		return false
	}
	for p := range n.Elements("participant") {
		if p.Attr("typeCode") == "PRF" {
			return true
		}
	}
	return n.Element("performer") != nil
}

// taskOf maps an action of a plan to a Task.
func taskOf(c *conversion, n *node) []*draft.Resource {
	r := c.newEntry("Task", n)
	identifiers(&r.Object, n)
	state := n.Element("statusCode")
	status := c.known(state, toTaskStatus)
	if status == "" {
		status = "requested"
	}
	r.Set("status", status, mark(state))
	r.Set("intent", "plan")
	priority := n.Element("priorityCode")
	if soon := c.known(priority, toPriority); soon != "" {
		r.Set("priority", soon, mark(priority))
		c.besides(&r.Object, "priority", soon, priority)
	}
	r.Put("code", c.coded(n.Element("code")))
	if text, from := c.text(n.Element("text")); text != "" {
		r.Set("description", text, from...)
	}
	c.subject(&r.Object, "for")
	r.Put("executionPeriod", c.period(n.Element("effectiveTime")))
	author := n.Element("author")
	written := author.Element("time")
	r.Set("authoredOn", c.dateTime(written), mark(written))
	if party := c.party(author.Element("assignedAuthor")); c.isOneOf(party, "Device", "Organization", "Patient", "Practitioner", "PractitionerRole", "RelatedPerson") {
		r.Put("requester", party)
	}
	for p := range n.Elements("participant") {
		if p.Attr("typeCode") == "PRF" && !r.Has("owner") {
			c.owner(r, p, p.Element("participantRole"))
		}
	}
	if p := n.Element("performer"); p != nil && !r.Has("owner") {
		c.owner(r, p, p.Element("assignedEntity"))
	}
	return c.withRelated(r, n)
}

// owner sets who is to do a task.
func (c *conversion) owner(r *draft.Resource, participation, n *node) {
	party := c.party(n)
	if !c.isOneOf(party, "Practitioner", "PractitionerRole", "Organization", "Patient", "RelatedPerson", "Device") {
		return
	}
	if at := participation.Element("time"); c.dateTime(at) != "" {
		party.Add("extension", extension(authorTime).Set("value|dateTime", c.dateTime(at), mark(at)))
	}
	r.Put("owner", party)
	c.joins(party, nil)
}
