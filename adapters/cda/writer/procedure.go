package writer

import "github.com/cordee-sante/cordee/adapters/conceptmap"

// procedure writes a Procedure as FR-Acte.
func (w *writer) procedure(r resource) *element {
	e := el("procedure", "classCode", "PROC", "moodCode", "EVN").add(templates("2.16.840.1.113883.10.20.1.29", ihe+".4.19", cisisEntry+".62")...)
	e.add(ids(r)...).add(w.optional("code", "", r.Get("code")), w.said("text", r.At("code", "text").Text()))
	e.add(w.state(conceptmap.EventStatus, r.Get("status").Text()), when(r.node, "performed").or(null("effectiveTime", "UNK")))
	e.add(w.optional("priorityCode", "", extension(r.node, ourDefinitions+"procedure-priority")))
	e.add(w.optional("methodCode", "", extension(r.node, baseExtension+"procedure-method")))
	for site := range r.Get("bodySite").Items() {
		e.add(w.concept("targetSiteCode", "", site))
	}
	if place, ok := w.find(r, r.Get("location")); ok {
		e.add(w.location(place))
	}
	actor := r.Get("performer").First().Get("actor")
	if at := extension(actor, authorTime).Text(); at != "" && r.Get("performer").Len() == 1 { // CDA has no time of who did it
		e.add(w.author(r, actor, at))
	} else {
		w.performers(e, r, r.Get("performer"), "actor")
		e.add(w.author(r, r.Get("recorder"), extension(r.Get("recorder"), authorTime).Text()))
	}
	w.comments(e, r, 0)
	w.documents(e, w.all(r, r.Get("report")))
	w.reasons(e, r)
	w.inner(e, r)
	return e
}
