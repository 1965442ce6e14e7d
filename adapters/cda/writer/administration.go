package writer

import "github.com/cordee-sante/cordee/adapters/conceptmap"

// administration writes a MedicationAdministration as FR-Fluide-intraveineux: what
// was given at one time.
func (w *writer) administration(r resource) *element {
	e := el("substanceAdministration", "classCode", "SBADM", "moodCode", "EVN").add(templates("2.16.840.1.113883.10.20.1.24", cisisEntry+".26")...).add(ids(r)...)
	if r.Get("status").Text() == "not-done" {
		e.set("negationInd", "true")
	}
	_, product := w.medicine(r)
	dosage := r.Get("dosage")
	e.add(w.administrationKind(r), w.said("text", dosage.Get("text").Text()), w.state(conceptmap.Administration, r.Get("status").Text()))
	e.add(when(r.node, "effective").or(null("effectiveTime", w.nullFlavor(r.Get("_effectiveDateTime"), false))))
	e.add(w.optional("routeCode", "", dosage.Get("route")), w.optional("approachSiteCode", "", dosage.Get("site")), quantity("doseQuantity", dosage.Get("dose")))
	switch typ, v := choice(dosage, "rate"); typ {
	case "Ratio":
		e.add(ratio("rateQuantity", "", v))
	case "Quantity":
		e.add(quantity("rateQuantity", v))
	}
	e.add(el("consumable").add(product))
	w.performers(e, r, r.Get("performer"), "actor")
	w.comments(e, r, 0)
	w.reasons(e, r)
	w.inner(e, r)
	return e
}
