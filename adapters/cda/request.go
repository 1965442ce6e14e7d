package cda

import "github.com/cordee-sante/cordee/adapters/draft"

// priority sets how soon. Words for it, or a rank, are a note.
func (c *conversion) priority(r *draft.Resource, n *node) {
	code := n.Element("priorityCode")
	if soon := c.known(code, toPriority); soon != "" {
		r.Set("priority", soon, mark(code))
		c.besides(&r.Object, "priority", soon, code)
	}
	if text, from := c.text(code.Element("originalText")); text != "" {
		r.Add("note", new(object).Set("text", text, from...))
	}
}

// orderDetail sets what a request says beside its code: how much, or in which way.
func (c *conversion) orderDetail(r *draft.Resource, value *node) {
	said := new(object)
	c.value(said, value)
	for _, typ := range []string{"Quantity", "Range", "Ratio"} {
		r.Move(said, "value|"+typ, "quantity|"+typ)
	}
	if detail := said.Object("value|CodeableConcept"); detail != nil && r.Has("code") { // R4 invariant prr-1
		r.Add("orderDetail", detail)
	}
}

// requestOf maps an act or examination that is intended, proposed or ordered
// (FR-Demande-d-examen-ou-de-suivi, FR-Acte with another mood) to a
// ServiceRequest.
func requestOf(c *conversion, n *node) []*draft.Resource {
	r := c.newEntry("ServiceRequest", n)
	identifiers(&r.Object, n)
	state := n.Element("statusCode")
	status := c.known(state, toRequestStatus)
	if status == "" || state.Attr("code") == "completed" { // of writing it down; the act itself is to come
		status = "active"
	}
	r.Set("status", status, mark(state))
	intent := c.attributed(toIntent, "ActMood", n.Attr("moodCode"))
	if intent == "" {
		intent = "plan"
	}
	r.Set("intent", intent)
	c.priority(r, n)
	if isNegated(n) {
		r.Literal("doNotPerform", "true", mark(n))
	}
	r.Put("code", c.coded(n.Element("code")))
	c.orderDetail(r, n.Element("value"))
	c.subject(&r.Object, "subject")
	c.occurring(&r.Object, "occurrence", n)
	author := n.Element("author")
	at := author.Element("time")
	r.Set("authoredOn", c.dateTime(at), mark(at))
	if party := c.party(author.Element("assignedAuthor")); c.isOneOf(party, "Practitioner", "PractitionerRole", "Organization", "Patient", "RelatedPerson", "Device") {
		r.Put("requester", party)
	}
	for p := range n.Elements("performer") {
		if party := c.party(p.Element("assignedEntity")); c.isOneOf(party, "Practitioner", "PractitionerRole", "Organization", "Patient", "RelatedPerson", "Device") {
			r.Add("performer", party)
		}
	}
	for _, name := range []string{"targetSiteCode", "approachSiteCode"} {
		for site := range n.Elements(name) {
			r.Add("bodySite", c.coded(site))
		}
	}
	c.entryText(r, n, "code")
	c.externalDocuments(r, n)
	return c.withRelated(r, n)
}
