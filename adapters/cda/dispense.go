package cda

import "github.com/cordee-sante/cordee/adapters/draft"

var dispenseStates = map[string]string{"completed": "completed", "active": "in-progress", "aborted": "stopped", "cancelled": "cancelled",
	"held": "on-hold", "suspended": "on-hold", "new": "preparation", "nullified": "entered-in-error"}

// dispenseOf maps FR-Traitement-dispense (IHE Dispense Item): a supply that took
// place.
func dispenseOf(c *conversion, n *node) []*draft.Resource {
	r := c.newEntry("MedicationDispense", n)
	identifiers(&r.Object, n)
	state := n.Element("statusCode")
	status := c.known(state, dispenseStates)
	if status == "" {
		status = "completed"
	}
	r.Set("status", status, mark(state))
	c.medication(r, n)
	c.subject(&r.Object, "subject")
	for p := range n.Elements("performer") {
		c.dispenser(r, p.Element("assignedEntity"))
	}
	for a := range n.Elements("author") {
		c.dispenser(r, a.Element("assignedAuthor"))
	}
	if q := quantity(n.Element("quantity")); q != nil {
		r.Put("quantity", q)
	}
	if days := quantity(n.Element("expectedUseTime", "width")); days != nil {
		r.Put("daysSupply", days)
	}
	at := n.Element("effectiveTime")
	if low := at.Element("low"); low != nil && at.Attr("value") == "" {
		at = low
	}
	if t := c.dateTime(at); t != "" {
		r.Set("whenHandedOver", t, mark(at))
	} else if t := c.dateTime(n.Element("author", "time")); t != "" {
		r.Set("whenHandedOver", t, mark(n.Element("author", "time")))
	}
	c.dispensedDosage(r, n)
	c.substituted(r, n)
	c.entryText(r, n, "medication|CodeableConcept")
	return c.withRelated(r, n)
}

// dispenser adds who handed it over.
func (c *conversion) dispenser(r *draft.Resource, n *node) {
	if party := c.party(n); c.isOneOf(party, "Patient", "Practitioner", "PractitionerRole", "Device", "RelatedPerson", "Organization") {
		r.Add("performer", new(object).Put("actor", party))
	}
}

// dispensedDosage takes the dosage from the treatment inside the supply.
func (c *conversion) dispensedDosage(r *draft.Resource, n *node) {
	for link := range n.Elements("entryRelationship") {
		s := link.Element("substanceAdministration")
		if s == nil || c.taken[s] {
			continue
		}
		c.taken[s] = true
		c.dosages(r, s)
		if text, from := c.text(s.Element("text")); text != "" {
			dosage := r.Object.Object("dosageInstruction")
			if dosage == nil {
				r.Add("dosageInstruction", new(object).Set("text", text, from...))
			} else if dosage.Text("text") == "" || dosage.Text("text") == text {
				dosage.Set("text", text, append(from, dosage.From("text")...)...)
			}
		}
	}
}

// substituted says that another product was handed over than was prescribed
// (FR-Acte-substitution).
func (c *conversion) substituted(r *draft.Resource, n *node) {
	s := c.take(n, substitutionAct)
	code := c.coded(s.Element("code"))
	if code == nil {
		return
	}
	o := new(object).Literal("wasSubstituted", "true", mark(s.Element("statusCode"))).Put("type", code)
	if why := c.coded(s.Element("reasonCode")); why != nil {
		o.Add("reason", why)
	}
	r.Put("substitution", o)
}
