package writer

// supply writes what a prescription says of handing the medicine over:
// instructions to the dispenser, how much, and whether another product may be
// taken (FR-Instructions-au-dispensateur, FR-Demande-de-dispensation,
// FR-Autorisation-substitution).
func (w *writer) supply(e *element, r resource) {
	d := r.Get("dispenseRequest")
	if text := extension(d, baseExtension+"medicationRequest-dispenseRequest-dispenserInstruction").Get("text").Text(); text != "" {
		act := el("act", "classCode", "ACT", "moodCode", "INT").add(templates(ihe+".4.3.1", cisisEntry+".34")...)
		act.add(el("code", "code", "FINSTRUCT", "codeSystem", "1.3.6.1.4.1.19376.1.5.3.2", "codeSystemName", "IHEActCode"), w.said("text", text), completed())
		e.add(link("SUBJ", true, act))
	}
	amount, days := quantity("quantity", d.Get("quantity")), quantity("width", d.Get("expectedSupplyDuration"))
	if amount != nil || days != nil {
		s := el("supply", "classCode", "SPLY", "moodCode", "RQO").add(templates("1.3.6.1.4.1.19376.1.9.1.3.8", cisisEntry+".86")...)
		s.add(el("independentInd", "value", "false"), amount)
		if days != nil {
			s.add(el("expectedUseTime").add(days))
		}
		if o, ok := w.find(r, d.Get("performer")); ok {
			s.add(el("performer").add(el("assignedEntity").add(null("id", "NA"), w.organization("representedOrganization", o))))
		}
		e.add(link("COMP", false, s))
	}
	if code := r.At("substitution", "allowedCodeableConcept"); code.Exists() {
		act := el("act", "classCode", "ACT", "moodCode", "DEF").add(templates("1.3.6.1.4.1.19376.1.9.1.3.9", cisisEntry+".87")...)
		e.add(link("COMP", false, act.add(w.concept("code", "", code), completed())))
	}
}
