package writer

// request writes a ServiceRequest: as FR-Acte that is intended when it is an act,
// and so in the section of acts, and as FR-Demande-d-examen-ou-de-suivi
// otherwise.
func (w *writer) request(r resource) *element {
	mood := moods[r.Get("intent").Text()]
	if mood == "" {
		mood = "RQO"
	}
	e := el("procedure", "classCode", "PROC", "moodCode", mood).add(templates(ihe+".4.19", cisisEntry+".62")...)
	if r.Get("doNotPerform").Text() == "true" {
		e.set("negationInd", "true")
	}
	state := map[string]string{"active": "active", "on-hold": "suspended", "revoked": "aborted", "completed": "completed", "entered-in-error": "nullified"}[r.Get("status").Text()]
	e.add(ids(r)...).add(w.optional("code", "", r.Get("code")), w.said("text", r.At("code", "text").Text()))
	if state != "" {
		e.add(el("statusCode", "code", state))
	} else {
		e.add(null("statusCode", "UNK"))
	}
	e.add(when(r.node, "occurrence").or(null("effectiveTime", "UNK")), priority(r))
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

// priority says how soon.
func priority(r resource) *element {
	code := map[string]string{"routine": "R", "urgent": "UR", "asap": "A", "stat": "S"}[r.Get("priority").Text()]
	if code == "" {
		return nil
	}
	return sourceCode("priorityCode", "", r.Get("_priority")).or(el("priorityCode", "code", code, "codeSystem", "2.16.840.1.113883.5.7"))
}
