package writer

import "github.com/cordee-sante/cordee/adapters/conceptmap"

// immunization writes an Immunization as FR-Vaccination.
func (w *writer) immunization(r resource) *element {
	e := el("substanceAdministration", "classCode", "SBADM", "moodCode", "EVN").add(templates("2.16.840.1.113883.10.20.1.24", ihe+".4.12", cisisEntry+".45")...)
	negation(e, r.Get("status").Text() == "not-done")
	e.add(ids(r)...)
	if act := extension(r.node, ourDefinitions+"immunization-act"); act.Exists() {
		e.add(w.concept("code", "", act))
	} else {
		e.add(fixed("code", "IMMUNIZ", "Vaccination", oidActCode))
	}
	state := w.state(conceptmap.EventStatus, r.Get("status").Text())
	if r.Get("status").Text() == "not-done" { // said by negation
		state = completed()
	}
	vaccine := r.Get("vaccineCode")
	e.add(w.said("text", vaccine.Get("text").Text()), state)
	e.add(point("effectiveTime", r.Get("occurrenceDateTime").Text()).or(null("effectiveTime", w.nullFlavor(r.Get("_occurrenceDateTime"), false))))
	e.add(w.optional("routeCode", "", r.Get("route")), w.optional("approachSiteCode", "", r.Get("site")), quantity("doseQuantity", r.Get("doseQuantity")))
	product, material := w.product(vaccine)
	w.classes(material, vaccine)
	w.batch(material, r.Get("lotNumber").Text(), r.Get("expirationDate").Text())
	if maker, ok := w.find(r, r.Get("manufacturer")); ok {
		product.add(w.organization("manufacturerOrganization", maker))
	}
	e.add(el("consumable").add(product))
	w.vaccinators(e, r)
	if rank := r.Get("protocolApplied").First().Get("doseNumberPositiveInt").Text(); rank != "" {
		o := el("observation", "classCode", "OBS", "moodCode", "EVN").add(templates("2.16.840.1.113883.10.20.1.46", cisisEntry+".82")...)
		o.add(fixed("code", "30973-2", "Rang de la vaccination", oidLOINC), completed(), el("value", "xsi:type", "INT", "value", rank))
		e.add(link("SUBJ", false, o))
	}
	for _, reaction := range w.members(r) {
		o := w.observation(reaction)
		o.children = append(templates(ihe+".4.5", cisisEntry+".37"), without(o.children, "templateId")...)
		e.add(link("CAUS", false, o))
	}
	w.comments(e, r, 0)
	w.reasons(e, r)
	w.inner(e, r)
	return e
}

func without(list []*element, name string) (kept []*element) {
	for _, e := range list {
		if e.name != name {
			kept = append(kept, e)
		}
	}
	return kept
}

// vaccinators writes who gave the vaccine, who wrote it down and who told of it,
// by their function (v2-0443, ParticipationType).
func (w *writer) vaccinators(e *element, r resource) {
	recorded := r.Get("recorded").Text()
	written := false
	for p := range r.Get("performer").Items() {
		switch function := p.Get("function").Get("coding").First().Get("code").Text(); function {
		case "EP":
			at := recorded
			if written {
				at = ""
			}
			e.add(w.author(r, p.Get("actor"), at))
			written = true
		case "INF":
			w.informed(e, r, p.Get("actor"))
		default:
			if party := w.assigned("assignedEntity", r, p.Get("actor")); party != nil {
				e.add(el("performer").add(party))
			}
		}
	}
	if !written {
		e.add(w.author(r, node{}, recorded))
	}
}
