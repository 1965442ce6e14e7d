package cda

import "github.com/cordee-sante/cordee/adapters/draft"

// dispenseOf maps FR-Traitement-dispense (IHE Dispense Item): a supply that took
// place.
func dispenseOf(c *conversion, n *node) []*draft.Resource {
	r := c.newEntry("MedicationDispense", n)
	identifiers(&r.Object, n)
	state := n.Element("statusCode")
	status := c.known(state, toDispenseStatus)
	switch {
	case isNegated(n):
		status = "declined"
		r.Mark(mark(n))
	case status == "":
		status = "completed"
	}
	r.Set("status", status, mark(state))
	r.Put("type", c.coded(n.Element("code")))
	c.medication(r, n)
	c.subject(&r.Object, "subject")
	for p := range n.Elements("performer") {
		c.dispenser(r, p, p.Element("assignedEntity"))
	}
	for a := range n.Elements("author") {
		c.dispenser(r, a, a.Element("assignedAuthor"))
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

// dispenser adds who handed it over, and when he did.
func (c *conversion) dispenser(r *draft.Resource, participation, n *node) {
	if party := c.party(n); c.isOneOf(party, "Patient", "Practitioner", "PractitionerRole", "Device", "RelatedPerson", "Organization") {
		if at := participation.Element("time"); c.dateTime(at) != "" {
			party.Add("extension", extension(authorTime).Set("value|dateTime", c.dateTime(at), mark(at)))
		}
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
		c.taken[s], c.made[s] = true, r
		if link.Attr("typeCode") == "REFR" {
			c.authorizing(r, s)
			continue
		}
		c.sameProduct(r, s)
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

// authorizing refers to the prescription that was filled, by its identifiers: it
// came in a document of its own.
func (c *conversion) authorizing(r *draft.Resource, n *node) {
	for id := range n.Elements("id") {
		if i := identifier(id); i != nil {
			r.Add("authorizingPrescription", new(object).Set("type", "MedicationRequest").Put("identifier", i))
		}
	}
}

// sameProduct notes that a statement inside another names the product that the
// outer one names already.
func (c *conversion) sameProduct(r *draft.Resource, n *node) {
	r.Mark(append(fixedCode(n, "DRUG"), mark(n.Element("statusCode")))...)
	own := r.Object.Object("medication|CodeableConcept")
	if own == nil {
		own = c.medicationCode(r)
	}
	product := firstElement(n, "consumable", "product").Element("manufacturedProduct")
	if again := c.productCode(firstElement(product, "manufacturedMaterial", "manufacturedLabeledDrug")); own != nil && again != nil &&
		own.Object("coding").Text("code") == again.Object("coding").Text("code") {
		own.Merge(again)
	}
}

// substituted says that another product was handed over than was prescribed
// (FR-Acte-substitution).
func (c *conversion) substituted(r *draft.Resource, n *node) {
	s := c.find(n, substitutionAct)
	code := c.coded(s.Element("code"))
	if code == nil {
		return
	}
	c.taken[s] = true
	o := new(object).Literal("wasSubstituted", "true", mark(s.Element("statusCode"))).Put("type", code)
	if why := c.coded(s.Element("reasonCode")); why != nil {
		o.Add("reason", why)
	}
	r.Put("substitution", o)
}
