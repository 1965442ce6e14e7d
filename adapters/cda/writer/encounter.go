package writer

import "github.com/cordee-sante/cordee/adapters/conceptmap"

// encounter writes an Encounter as FR-Rencontre: one that took place, or one that
// is planned.
func (w *writer) encounter(r resource) *element {
	mood := "EVN"
	if r.Get("status").Text() == "planned" {
		mood = "INT"
	}
	e := el("encounter", "classCode", "ENC", "moodCode", mood).add(templates("2.16.840.1.113883.10.20.1.21", ihe+".4.14", cisisEntry+".58")...).add(ids(r)...)
	e.add(w.encounterCode(r), completed(), period("effectiveTime", r.Get("period")).or(null("effectiveTime", "UNK")), w.optional("priorityCode", "", r.Get("priority")))
	for p := range r.Get("participant").Items() {
		_, typ := p.Get("type").First().Get("coding").First().Coding()
		at := period("time", p.Get("period"))
		if party := w.assigned("assignedEntity", r, p.Get("individual")); party != nil && (typ == "PRF" || typ == "") {
			e.add(el("performer").add(at, party))
		} else if role := w.assigned("participantRole", r, p.Get("individual")); role != nil {
			e.add(el("participant", "typeCode", typ).add(at, role))
		}
	}
	for l := range r.Get("location").Items() {
		if place, ok := w.find(r, l.Get("location")); ok {
			e.add(w.location(place))
		}
	}
	w.comments(e, r, 0)
	w.reasons(e, r)
	w.inner(e, r)
	return e
}

// encounterCode is the class with the types as translations, or the type alone
// where the class is not known or follows from it.
func (w *writer) encounterCode(r resource) *element {
	e := el("code")
	first := r.Get("type").First().Get("coding").First()
	if class, known := w.maps.Exact(conceptmap.EncounterClass, first.Get("system").Text(), first.Get("code").Text()); known && class == r.At("class", "code").Text() {
		return w.concept("code", "", r.Get("type").First()) // the class is read from it
	}
	if w.oid(r.At("class", "system").Text()) != oidActCode || !w.coding(e, r.Get("class")) {
		return w.optional("code", "", r.Get("type").First()).or(null("code", "UNK"))
	}
	for typ := range r.Get("type").Items() {
		for c := range typ.Get("coding").Items() {
			if t := el("translation"); w.coding(t, c) {
				e.add(t)
			}
		}
	}
	return e
}

// location is where something took place.
func (w *writer) location(r resource) *element {
	role := el("participantRole", "classCode", "SDLOC")
	for i := range r.Get("identifier").Items() {
		role.add(id(i))
	}
	role.add(w.optional("code", "", r.Get("type").First())).add(w.telecoms(r.node)...)
	if a := r.Get("address"); a.Exists() {
		role.add(w.address(a))
	}
	if name := r.Get("name").Text(); name != "" {
		role.add(el("playingEntity", "classCode", "PLC").add(leaf("name", name)))
	}
	return el("participant", "typeCode", "LOC").add(role)
}
