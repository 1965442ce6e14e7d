package writer

const iheLaboratory = "1.3.6.1.4.1.19376.1.3.1"

// isTaken reports whether more is known of a specimen than what it is: how it was
// taken, or when it was received.
func isTaken(r resource) bool {
	return r.Get("collection").Exists() || r.Get("receivedTime").Exists() || r.Get("note").Exists()
}

// specimens writes what was examined: the first statement that names a specimen holds
// how it was taken, the others its id.
func (w *writer) specimens(e *element, r resource) {
	list := w.all(r, r.Get("specimen"))
	for x := range r.Get("extension").Items() {
		if to, ok := w.find(r, value(x)); ok && x.Get("url").Text() == baseExtension+"workflow-supportingInfo" && to.typ() == "Specimen" {
			list = append(list, to)
		}
	}
	for _, s := range list {
		if isTaken(s) && !w.taken[s.url] && r.typ() == "Observation" {
			name := "entryRelationship"
			if e.name == "organizer" {
				name = "component"
			}
			e.add(el(name, "typeCode", "COMP").add(w.statement(s)))
			continue
		}
		role := el("specimenRole").add(ids(s)...)
		if s.Get("type").Exists() {
			role.add(el("specimenPlayingEntity").add(w.concept("code", "", s.Get("type"))))
		}
		e.add(el("specimen").add(role))
	}
}

// takenSpecimens are the specimens of an observation of which more is known.
func (w *writer) takenSpecimens(r resource) (list []resource) {
	if r.typ() != "Observation" {
		return nil
	}
	for _, s := range w.all(r, r.Get("specimen")) {
		if isTaken(s) {
			list = append(list, s)
		}
	}
	return list
}

// specimen writes a Specimen as FR-Prelevement (IHE Specimen Collection).
func (w *writer) specimen(r resource) *element {
	w.taken[r.url] = true
	e := el("procedure", "classCode", "PROC", "moodCode", "EVN").add(templates(iheLaboratory + ".2")...)
	collection := r.Get("collection")
	e.add(w.optional("code", "", collection.Get("method")).or(fixed("code", "33882-2", "Prélèvement", oidLOINC)))
	e.add(when(collection, "collected").or(null("effectiveTime", "UNK")), w.optional("targetSiteCode", "", collection.Get("bodySite")))
	who := []node{collection.Get("collector")}
	for x := range r.Get("extension").Items() {
		if x.Get("url").Text() == ourDefinitions+"specimen-collector" {
			who = append(who, value(x))
		}
	}
	for _, reference := range who {
		if party := w.assigned("assignedEntity", r, reference); party != nil {
			e.add(el("performer").add(party))
		}
	}
	role := el("participantRole", "classCode", "SPEC").add(ids(r)...)
	if r.Get("type").Exists() {
		role.add(el("playingEntity").add(w.concept("code", "", r.Get("type"))))
	}
	e.add(el("participant", "typeCode", "PRD").add(role))
	if at := r.Get("receivedTime").Text(); at != "" {
		act := el("act", "classCode", "ACT", "moodCode", "EVN").add(templates(iheLaboratory + ".3")...)
		act.add(el("code", "code", "SPRECEIVE", "displayName", "Réception", "codeSystem", "1.3.5.1.4.1.19376.1.5.3.2"), point("effectiveTime", at))
		e.add(link("COMP", false, act))
	}
	w.comments(e, r, 0)
	w.reasons(e, r)
	return e
}

// isSpecimen reports whether an extension leads to a specimen, which is written as
// such and not as an internal reference.
func (w *writer) isSpecimen(r resource, x node) bool {
	to, ok := w.find(r, value(x))
	return ok && to.typ() == "Specimen"
}
