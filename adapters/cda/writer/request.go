package writer

import "github.com/cordee-sante/cordee/adapters/conceptmap"

// request writes a ServiceRequest: as FR-Acte that is intended when it is an act,
// and so in the section of acts, and as FR-Demande-d-examen-ou-de-suivi
// otherwise.
func (w *writer) request(r resource) *element {
	e := el("procedure", "classCode", "PROC", "moodCode", w.mood(r)).add(templates(ihe+".4.19", cisisEntry+".62")...)
	if r.Get("doNotPerform").Text() == "true" {
		e.set("negationInd", "true")
	}
	e.add(ids(r)...).add(w.optional("code", "", r.Get("code")), w.said("text", r.At("code", "text").Text()))
	e.add(w.state(conceptmap.RequestStatus, r.Get("status").Text()), when(r.node, "occurrence").or(null("effectiveTime", "UNK")), w.priority(r))
	for site := range r.Get("bodySite").Items() {
		e.add(w.concept("targetSiteCode", "", site))
	}
	w.performers(e, r, r.Get("performer"), "")
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

// mood is how much a request wants what it is about: an order unless it says
// less.
func (w *writer) mood(r resource) string {
	if mood := w.fixedBy("ActMood", conceptmap.Intent, r.Get("intent").Text()); mood != "" {
		return mood
	}
	return "RQO"
}

// priority says how soon.
func (w *writer) priority(r resource) *element {
	return w.sourceCode("priorityCode", "", r.Get("_priority")).or(w.required("priorityCode", "", conceptmap.Priority, r.Get("priority").Text()))
}
