package writer

// recommendation writes what an ImmunizationRecommendation says first as
// FR-Vaccin-recommande: a vaccination that is intended.
func (w *writer) recommendation(r resource) *element {
	e := el("substanceAdministration", "classCode", "SBADM", "moodCode", "INT").add(templates("2.16.840.1.113883.10.20.1.24", ihe+".4.12", ihe+".4.12.2", cisisEntry+".47")...).add(ids(r)...)
	first := r.Get("recommendation").First()
	vaccine := first.Get("vaccineCode").First()
	text := first.Get("description").Text()
	if text == "" {
		text = vaccine.Get("text").Text()
	}
	e.add(fixed("code", "IMMUNIZ", "Vaccination", oidActCode), w.said("text", text), el("statusCode", "code", "active"))
	earliest, latest := "", ""
	for c := range first.Get("dateCriterion").Items() {
		switch {
		case coded(c.Get("code"), "30981-5"):
			earliest = c.Get("value").Text()
		case coded(c.Get("code"), "59777-3"):
			latest = c.Get("value").Text()
		}
	}
	e.add(interval("effectiveTime", earliest, latest).or(null("effectiveTime", "UNK")))
	product, _ := w.product(vaccine)
	e.add(el("consumable").add(product))
	w.comments(e, r, 0)
	w.reasons(e, r)
	w.inner(e, r)
	return e
}
