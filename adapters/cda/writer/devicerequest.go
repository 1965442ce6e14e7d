package writer

import "github.com/cordee-sante/cordee/adapters/conceptmap"

// deviceRequest writes a DeviceRequest as FR-Dispositif-medical that is prescribed.
func (w *writer) deviceRequest(r resource) *element {
	mood := "RQO"
	if r.Get("intent").Text() == "proposal" {
		mood = "PRP"
	}
	code := r.Get("codeCodeableConcept")
	e := el("supply", "classCode", "SPLY", "moodCode", mood).add(templates("2.16.840.1.113883.10.20.1.34", cisisEntry+".20")...).add(ids(r)...)
	if act := extension(r.node, ourDefinitions+"supply-act"); act.Exists() {
		e.add(w.concept("code", "", act))
	}
	e.add(w.said("text", code.Get("text").Text()), w.state(conceptmap.RequestStatus, r.Get("status").Text()))
	e.add(when(r.node, "occurrence"))
	for p := range r.Get("parameter").Items() {
		switch q := p.Get("valueQuantity"); p.At("code", "text").Text() {
		case "quantity":
			e.add(quantity("quantity", q))
		case "repeatNumber":
			e.add(quantity("repeatNumber", q))
		case "expectedUseTime":
			e.add(el("expectedUseTime").add(quantity("width", q)))
		}
	}
	playing := el("playingDevice").add(w.concept("code", "", code))
	e.add(el("participant", "typeCode", "DEV").add(el("participantRole", "classCode", "MANU").add(playing)))
	e.add(w.author(r, r.Get("requester"), r.Get("authoredOn").Text()))
	w.comments(e, r, 0)
	w.reasons(e, r)
	for _, m := range w.members(r) {
		e.add(link("REFR", false, w.statement(m)))
	}
	w.documents(e, w.all(r, r.Get("supportingInfo")))
	w.inner(e, r)
	return e
}
