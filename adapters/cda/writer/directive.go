package writer

import "github.com/cordee-sante/cordee/adapters/conceptmap"

// directive writes a Consent of scope adr as FR-Directive-anticipee. Any other
// consent is no entry: it says who may read.
func (w *writer) directive(r resource) *element {
	if !coded(r.Get("scope"), "adr") {
		return nil
	}
	e := el("observation", "classCode", "OBS", "moodCode", "EVN").add(templates("2.16.840.1.113883.10.20.1.17", ihe+".4.13", ihe+".4.13.7", cisisEntry+".54")...).add(ids(r)...)
	category, provision := r.Get("category").First(), r.Get("provision")
	e.add(w.concept("code", "", category), w.said("text", category.Get("text").Text()))
	e.add(w.state(conceptmap.ConsentState, r.Get("status").Text()))
	e.add(period("effectiveTime", provision.Get("period")).or(null("effectiveTime", "UNK")))
	wanted := provision.Get("type").Text()
	if code := provision.Get("code").First(); code.Exists() {
		if wanted == "deny" {
			e.set("negationInd", "true")
		}
		e.add(w.concept("value", "CD", code))
	} else if wanted != "" {
		e.add(el("value", "xsi:type", "BL", "value", map[bool]string{true: "true", false: "false"}[wanted == "permit"]))
	}
	w.comments(e, r, 0)
	if source, ok := w.find(r, r.Get("sourceReference")); ok {
		w.documents(e, []resource{source})
	}
	w.reasons(e, r)
	w.inner(e, r)
	return e
}
