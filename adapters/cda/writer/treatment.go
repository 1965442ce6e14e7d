package writer

import (
	"slices"

	"github.com/cordee-sante/cordee/adapters/conceptmap"
)

// treatment writes a MedicationStatement as FR-Traitement, a MedicationRequest
// as one that is intended (IHE Medications Entry).
func (w *writer) treatment(r resource) *element {
	mood, dosages := "EVN", r.Get("dosage")
	if r.typ() == "MedicationRequest" {
		mood, dosages = w.mood(r), r.Get("dosageInstruction")
	}
	e := el("substanceAdministration", "classCode", "SBADM", "moodCode", mood)
	if r.Get("status").Text() == "not-taken" || r.Get("doNotPerform").Text() == "true" {
		e.set("negationInd", "true")
	}
	list := slices.Collect(dosages.Items())
	usage := ihe + ".4.7.1"
	if len(list) > 1 {
		usage = ihe + ".4.9" // split dosing
	}
	e.add(templates("2.16.840.1.113883.10.20.1.24", ihe+".4.7", cisisEntry+".42", usage)...).add(ids(r)...)
	e.add(w.administrationKind(r), w.statusOf(r))
	code, product := w.medicine(r)
	e.add(w.said("text", code.Get("text").Text()), el("consumable").add(product))
	bounds := w.treatmentTimes(e, r, list)
	if len(list) == 1 {
		w.dosage(e, r, list[0], bounds)
	}
	for i, d := range list {
		if len(list) > 1 {
			e.add(w.part(r, d, i, bounds))
		}
	}
	e.add(w.priority(r))
	if repeats := r.At("dispenseRequest", "numberOfRepeatsAllowed").Text(); repeats != "" {
		e.add(el("repeatNumber", "value", repeats))
	}
	w.supply(e, r)
	e.add(w.author(r, requester(r), joined(r.Get("dateAsserted").Text(), r.Get("authoredOn").Text())))
	if r.typ() == "MedicationStatement" {
		w.informed(e, r, r.Get("informationSource"))
	}
	w.comments(e, r, 0)
	for _, m := range w.members(r) {
		e.add(link("REFR", false, w.statement(m)))
	}
	w.reasons(e, r)
	w.documents(e, w.all(r, r.Get("derivedFrom")))
	w.documents(e, w.all(r, r.Get("supportingInformation")))
	w.inner(e, r)
	return e
}

// administrationKind is the code of the act: what kind of administration it is, or
// that it is one of a medicine.
func (w *writer) administrationKind(r resource) *element {
	category := r.Get("category")
	if r.typ() == "MedicationRequest" {
		category = category.First()
	}
	if category.Get("coding").Exists() {
		return w.concept("code", "", category)
	}
	return fixed("code", "DRUG", "Médicament", oidActCode)
}

// requester is who ordered it.
func requester(r resource) node { return r.Get("requester") }

func joined(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// statusOf is the state of the statement: completed is that of having been
// written down, and whether the medicine is still taken follows from the dates.
func (w *writer) statusOf(r resource) *element {
	if code := w.fixedBy("ActStatus", conceptmap.PrescriptionStatus, r.Get("status").Text()); code != "" {
		return el("statusCode", "code", code)
	}
	return completed()
}

// treatmentTimes writes how long the treatment lasts, and returns the bounds of
// all dosages of a request, which stand there and are not said again.
func (w *writer) treatmentTimes(e *element, r resource, dosages []node) (bounds string) {
	var times *element
	switch typ, v := choice(r.node, "effective"); typ {
	case "DateTime":
		times = point("effectiveTime", v.Text())
	case "Period":
		times = period("effectiveTime", v)
	}
	if r.typ() == "MedicationRequest" {
		times = period("effectiveTime", r.At("dispenseRequest", "validityPeriod"))
		for _, d := range dosages {
			if p := d.At("timing", "repeat", "boundsPeriod"); p.Exists() {
				bounds, times = p.Raw(), period("effectiveTime", p)
				break
			}
		}
	}
	if times == nil {
		times = el("effectiveTime").add(null("low", "UNK"))
	}
	times.attrs = append([]string{"xsi:type", "IVL_TS"}, times.attrs...)
	e.add(times)
	return bounds
}

// part is one dose of a split or tapered dosage.
func (w *writer) part(r resource, d node, i int, bounds string) *element {
	s := el("substanceAdministration", "classCode", "SBADM", "moodCode", "EVN")
	for x := range d.Get("extension").Items() {
		if i := value(x); i.Get("value").Exists() {
			s.add(id(i))
		}
	}
	s.add(completed())
	w.dosage(s, r, d, bounds)
	product := el("manufacturedProduct").add(el("manufacturedMaterial").add(null("code", "NA")))
	s.add(el("consumable").add(product))
	sequence := d.Get("sequence").Text()
	e := link("COMP", false, s)
	if sequence != "" {
		e.add(el("sequenceNumber", "value", sequence))
	}
	return e
}
