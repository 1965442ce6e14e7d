package cda

import "github.com/cordee-sante/cordee/adapters/draft"

// prescriptionOf maps FR-Traitement-prescrit, and every medicine that is
// intended or proposed, to a MedicationRequest.
func prescriptionOf(c *conversion, n *node) []*draft.Resource {
	r := c.newEntry("MedicationRequest", n)
	identifiers(&r.Object, n)
	state := n.Element("statusCode")
	r.Set("status", c.attributed(toPrescriptionStatus, "ActStatus", state.Attr("code")), mark(state))
	if !r.Has("status") { // completed is of writing it down
		r.Set("status", "active", mark(state))
	}
	intent := c.attributed(toIntent, "ActMood", n.Attr("moodCode"))
	if intent == "" || kindOf(n) == prescription {
		intent = "order"
	}
	r.Set("intent", intent)
	if isNegated(n) {
		r.Literal("doNotPerform", "true", mark(n))
	}
	c.priority(r, n)
	c.medication(r, n)
	c.subject(&r.Object, "subject")
	author := n.Element("author")
	at := author.Element("time")
	r.Set("authoredOn", c.dateTime(at), mark(at))
	if party := c.party(author.Element("assignedAuthor")); c.isOneOf(party, "Practitioner", "PractitionerRole", "Organization", "Patient", "RelatedPerson", "Device") {
		r.Put("requester", party)
	}
	c.dosages(r, n)
	c.boundDosages(r, n)
	c.dispenseRequest(r, n)
	c.substitution(r, n)
	c.treatmentText(r, n)
	c.administrationKind(r, n)
	c.externalDocuments(r, n)
	return c.withRelated(r, n)
}

// boundDosages bounds every dosage without bounds of its own by the period of
// the treatment, for which MedicationRequest has no element.
func (c *conversion) boundDosages(r *draft.Resource, n *node) {
	period := c.period(doseTime(n, "IVL_TS"))
	if period.Empty() {
		return
	}
	if !r.Has("dosageInstruction") {
		r.Add("dosageInstruction", new(object).Put("timing", new(object).Put("repeat", new(object).Put("bounds|Period", period))))
		return
	}
	bounded := false
	for _, dosage := range r.Objects("dosageInstruction") {
		timing := dosage.Object("timing")
		if timing == nil {
			timing = new(object).Put("repeat", new(object).Put("bounds|Period", period))
			dosage.Put("timing", timing)
			bounded = true
			continue
		}
		repeat := timing.Object("repeat")
		if repeat == nil || repeat.Has("bounds|Duration") || repeat.Has("bounds|Period") {
			continue
		}
		repeat.Put("bounds|Period", period)
		bounded = true
	}
	if !bounded { // every part has its own: the whole is that of the supply
		r.Put("dispenseRequest", new(object).Put("validityPeriod", period))
	}
}

// dispenseRequest sets how much is to be handed over, how often, and what the
// pharmacist is told.
func (c *conversion) dispenseRequest(r *draft.Resource, n *node) {
	o := new(object)
	if s := c.find(n, dispenserInstructions); s != nil {
		if text, from := c.text(s.Element("text")); text != "" {
			c.taken[s] = true
			o.Add("extension", extension(baseExtension+"medicationRequest-dispenseRequest-dispenserInstruction").
				Put("value|Annotation", new(object).Set("text", text, from...).Mark(head(s)...)))
		}
	}
	supply := c.take(n, supplyRequest)
	if before := r.Object.Object("dispenseRequest"); before != nil {
		o.Copy(before, "validityPeriod")
	} else if at := supply.Element("effectiveTime"); at != nil {
		o.Put("validityPeriod", c.period(at))
	}
	repeats := n.Element("repeatNumber")
	if repeats == nil {
		repeats = supply.Element("repeatNumber")
	}
	if k := integer(repeats.Attr("value")); k != "" && k[0] != '-' {
		o.Literal("numberOfRepeatsAllowed", k, mark(repeats))
	}
	q := quantity(supply.Element("quantity"))
	if q != nil { // independentInd only says that the supply belongs to this prescription
		q.Mark(mark(supply.Element("independentInd")))
	}
	o.Put("quantity", q)
	o.Put("expectedSupplyDuration", quantity(supply.Element("expectedUseTime", "width")))
	if performer := supply.Element("performer", "assignedEntity"); performer != nil {
		if party := c.party(performer); c.isOneOf(party, "Organization") {
			o.Put("performer", party)
		}
	}
	if !o.Empty() {
		r.Put("dispenseRequest", o)
	}
}

// substitution sets whether another product may be handed over
// (FR-Autorisation-substitution).
func (c *conversion) substitution(r *draft.Resource, n *node) {
	s := c.find(n, substitutionPermit)
	code := c.coded(s.Element("code"))
	if code == nil {
		return
	}
	c.taken[s] = true
	o := new(object).Put("allowed|CodeableConcept", code.Mark(mark(s.Element("statusCode"))))
	r.Put("substitution", o)
}
