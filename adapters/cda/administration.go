package cda

import "github.com/cordee-sante/cordee/adapters/draft"

// administrationOf maps what was given to a patient at one time (FR-Fluide-
// intraveineux, FR-Administration-de-derives-du-sang, DICOM Procedural
// Medication) to a MedicationAdministration, where a treatment is what he takes.
func administrationOf(c *conversion, n *node) []*draft.Resource {
	if mood := n.Attr("moodCode"); mood != "EVN" && mood != "" {
		return prescriptionOf(c, n)
	}
	r := c.newEntry("MedicationAdministration", n)
	identifiers(&r.Object, n)
	state := n.Element("statusCode")
	status := c.known(state, toAdministration)
	switch {
	case isNegated(n):
		status = "not-done"
		r.Mark(mark(n))
	case status == "":
		status = "completed"
	}
	r.Set("status", status, mark(state))
	c.medication(r, n)
	c.subject(&r.Object, "subject")
	for at := range n.Elements("effectiveTime") {
		if xsiType(at) == "PIVL_TS" || xsiType(at) == "EIVL_TS" || r.Has("effective|dateTime") || r.Has("effective|Period") {
			continue
		}
		c.when(&r.Object, "effective", at)
	}
	if !r.Has("effective|dateTime") && !r.Has("effective|Period") { // required
		r.Put("_effective|dateTime", c.absentConcept(n.Element("effectiveTime")))
	}
	for p := range n.Elements("performer") {
		if party := c.party(p.Element("assignedEntity")); c.isOneOf(party, "Practitioner", "PractitionerRole", "Patient", "RelatedPerson", "Device") {
			r.Add("performer", new(object).Put("actor", party))
		}
	}
	c.devices(r, n)
	c.administrationKind(r, n)
	c.administered(r, n)
	return c.withRelated(r, n)
}

// administered sets how much, where and how fast. A dosage says at least how
// much or how fast (R4 invariant mad-1); else its words are a note.
func (c *conversion) administered(r *draft.Resource, n *node) {
	words := new(phrase)
	dose := c.dose(n, words)
	o := new(object)
	text, from := c.text(n.Element("text"))
	words.add(text, from)
	site, route := c.coded(n.Element("approachSiteCode")), c.coded(n.Element("routeCode"))
	o.Move(dose, "dose|Quantity", "dose") // here it is no choice
	for _, name := range []string{"rate|Ratio", "rate|Quantity"} {
		o.Copy(dose, name)
	}
	if o.Empty() {
		if words.String() != "" {
			r.Add("note", new(object).Set("text", words.String(), words.from...))
		}
		return
	}
	o.Set("text", words.String(), words.from...)
	r.Put("dosage", o.Put("site", site).Put("route", route))
}
