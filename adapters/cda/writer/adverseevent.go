package writer

// adverseEvent writes an AdverseEvent as FR-Effet-indesirable: the reaction, what is
// suspected, how likely and how serious it is, and how it went on.
func (w *writer) adverseEvent(r resource) *element {
	e := el("observation", "classCode", "OBS", "moodCode", "EVN").add(templates(cisisEntry + ".210")...)
	e.add(id(r.Get("identifier")).or(derived(r, "")))
	event := r.Get("event")
	e.add(w.optional("code", "", r.Get("category").First()).or(null("code", "UNK")), w.said("text", event.Get("text").Text()), completed())
	e.add(interval("effectiveTime", r.Get("date").Text(), "").or(null("effectiveTime", "UNK")), w.optional("value", "CD", event))
	e.add(w.author(r, r.Get("recorder"), r.Get("recordedDate").Text()))
	e.add(w.known(r.Get("severity"), fixed("code", "94030-4", "Sévérité", oidTerms), ".212"), w.known(r.Get("outcome"), fixed("code", "GEN-319", "Évolution", oidTerms), ".213"))
	for suspect := range r.Get("suspectEntity").Items() {
		if assessment := suspect.Get("causality").First().Get("assessment"); assessment.Exists() {
			e.add(w.known(assessment, fixed("code", "GEN-318", "Imputabilité", oidTerms), ".211"))
		}
		if medicine, ok := w.find(r, suspect.Get("instance")); ok && medicine.typ() == "MedicationStatement" {
			e.add(link("CAUS", true, w.statement(medicine)))
		}
	}
	for _, c := range w.all(r, r.Get("resultingCondition")) {
		if c.typ() == "Condition" {
			e.add(link("MFST", true, w.problem(c)))
		}
	}
	w.comments(e, r, 0)
	w.reasons(e, r)
	w.inner(e, r)
	return e
}

const oidTerms = "1.2.250.1.213.1.1.4.322" // TA_ASIP

// known is a small observation with the concept as its value, nil for none.
func (w *writer) known(n node, code *element, template string) *element {
	if !n.Exists() {
		return nil
	}
	return w.attribute("SUBJ", true, code, w.plain("CD", n), n.Get("text").Text(), cisisEntry+template)
}
