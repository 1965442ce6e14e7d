package writer

import "github.com/cordee-sante/cordee/adapters/conceptmap"

// dispense writes a MedicationDispense as FR-Traitement-dispense (IHE Dispense Item).
func (w *writer) dispense(r resource) *element {
	e := el("supply", "classCode", "SPLY", "moodCode", "EVN").add(templates("1.3.6.1.4.1.19376.1.9.1.3.4", cisisEntry+".204")...).add(ids(r)...)
	code, product := w.medicine(r)
	if r.Get("medicationCodeableConcept").Exists() {
		e.add(w.said("text", code.Get("text").Text()))
	}
	e.add(w.optional("code", "", r.Get("type")), w.state(conceptmap.DispenseStatus, r.Get("status").Text()))
	e.add(point("effectiveTime", r.Get("whenHandedOver").Text()), quantity("quantity", r.Get("quantity")))
	if days := quantity("width", r.Get("daysSupply")); days != nil {
		e.add(el("expectedUseTime").add(days))
	}
	e.add(el("product").add(product))
	for p := range r.Get("performer").Items() {
		if party := w.assigned("assignedEntity", r, p.Get("actor")); party != nil {
			e.add(el("performer").add(point("time", extension(p.Get("actor"), authorTime).Text()), party))
		} else if author := w.assigned("assignedAuthor", r, p.Get("actor")); author != nil { // a device
			e.add(el("author").add(point("time", extension(p.Get("actor"), authorTime).Text()).or(null("time", "UNK")), author))
		}
	}
	for a := range r.Get("authorizingPrescription").Items() {
		if i := id(a.Get("identifier")); i != nil {
			e.add(link("REFR", false, unnamedMedicine("RQO").add(i)))
		}
	}
	if r.Get("dosageInstruction").Len() > 0 {
		e.add(link("COMP", false, w.dispensedDosage(r)))
	}
	if s := r.Get("substitution"); s.Get("type").Exists() {
		act := el("act", "classCode", "ACT", "moodCode", "EVN").add(templates("1.3.6.1.4.1.19376.1.9.1.3.9.2")...)
		e.add(link("COMP", false, act.add(w.concept("code", "", s.Get("type")), completed(), w.optional("reasonCode", "", s.Get("reason").First()))))
	}
	w.comments(e, r, 0)
	w.reasons(e, r)
	w.inner(e, r)
	return e
}

// unnamedMedicine is a statement about the medicine of the one around it.
func unnamedMedicine(mood string) *element {
	product := el("manufacturedProduct").add(el("manufacturedMaterial").add(null("code", "NA")))
	return el("substanceAdministration", "classCode", "SBADM", "moodCode", mood).add(completed(), el("consumable").add(product))
}

// dispensedDosage is how what was handed over is to be taken.
func (w *writer) dispensedDosage(r resource) *element {
	s := unnamedMedicine("INT")
	list := r.Get("dosageInstruction")
	if list.Len() == 1 {
		w.dosage(s, r, list.First(), "")
		return s
	}
	i := 0
	for d := range list.Items() {
		s.add(w.part(r, d, i, ""))
		i++
	}
	return s
}
