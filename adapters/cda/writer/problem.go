package writer

import "github.com/cordee-sante/cordee/adapters/conceptmap"

// running is the state of an act of concern by the clinical status of what it is
// about (IHE PCC TF-2 6.3.4.12.3).
func (w *writer) running(r resource) string {
	target := conceptmap.ConditionClinical
	if r.typ() == "AllergyIntolerance" {
		target = conceptmap.AllergyClinical
	}
	return w.fixedBy("ActStatus", target, clinical(r))
}

// concern is the act around a problem or an allergy: FR-Liste-des-problemes,
// FR-Liste-des-allergies. Dates are those of the problem where the record has no
// others.
func (w *writer) concern(r resource, observation *element, asserted, onset, end string, roots ...string) *element {
	act := el("act", "classCode", "ACT", "moodCode", "EVN").add(templates(roots...)...)
	act.add(concernID(r), null("code", "NA"))
	state := w.tracked(r)
	begun := extension(r.node, baseExtension+asserted).Text()
	if begun == "" {
		begun = onset
	}
	times := el("effectiveTime").add(point("low", begun).or(null("low", "UNK")))
	if closed := extension(r.node, ourDefinitions+"concern-end").Text(); closed != "" {
		times.add(point("high", closed))
	} else if w.running(r) != "active" {
		times.add(point("high", end))
	}
	return act.add(state, times, link("SUBJ", false, observation))
}

// concernStatus is the extension for the state that the act of concern had.
const concernStatus = ourDefinitions + "concern-status"

// tracked is the state of the act: the one that it had, or the one that goes with the
// clinical status.
func (w *writer) tracked(r resource) *element {
	code := extension(r.node, concernStatus).Text()
	if code == "" {
		code = w.running(r)
	}
	switch {
	case code != "":
		return el("statusCode", "code", code)
	case coded(r.Get("verificationStatus"), "refuted"):
		return completed()
	}
	return null("statusCode", "UNK")
}

// code is the code of the first coding of a concept.
func code(n node) string { return n.Get("coding").First().Get("code").Text() }

func clinical(r resource) string { return code(r.Get("clinicalStatus")) }

// status is FR-Statut-du-probleme, unless the act around says all of it.
func (w *writer) status(r resource, end string) *element {
	status := r.Get("clinicalStatus")
	if said := clinical(r); !status.Get("text").Exists() && !extension(r.node, concernStatus).Exists() &&
		(said == "active" || said == "inactive" || said == "resolved" && end != "") {
		return nil
	}
	return w.problemStatus(status)
}

// concernID is the id of the act: the last of several identifiers of the
// problem, which package cda has from there, or one that follows from it.
func concernID(r resource) *element {
	list := ids(r)
	if len(list) > 1 {
		return list[len(list)-1]
	}
	return derived(r, "concern")
}

// ownIDs are the ids of the observation inside an act of concern.
func ownIDs(r resource) []*element {
	list := ids(r)
	if len(list) > 1 {
		return list[:len(list)-1]
	}
	return list
}

// course returns when something began and ended, and as an effectiveTime.
func course(r resource, onsetName, endName string) (onset, end string, times *element) {
	switch typ, v := choice(r.node, onsetName); typ {
	case "DateTime":
		onset = v.Text()
	case "Period":
		onset, end = v.Get("start").Text(), v.Get("end").Text()
	}
	if endName != "" {
		switch typ, v := choice(r.node, endName); typ {
		case "DateTime":
			end = v.Text()
		case "Period":
			end = v.Get("start").Text()
		}
	}
	times = el("effectiveTime").add(point("low", onset).or(null("low", "UNK")), point("high", end))
	return onset, end, times
}

// negation is the negationInd of a statement that says whether something is so.
func negation(e *element, negated bool) {
	if negated {
		e.set("negationInd", "true")
	} else {
		e.set("negationInd", "false")
	}
}

// problemConcern writes a Condition as FR-Liste-des-problemes with FR-Probleme.
func (w *writer) problemConcern(r resource) *element {
	onset, end, _ := course(r, "onset", "abatement")
	return w.concern(r, w.problem(r), "condition-assertedDate", onset, end, ihe+".4.5.1", ihe+".4.5.2", cisisEntry+".39")
}

func (w *writer) problem(r resource) *element {
	o := el("observation", "classCode", "OBS", "moodCode", "EVN").add(templates(ihe+".4.5", cisisEntry+".37")...)
	negation(o, coded(r.Get("verificationStatus"), "refuted"))
	o.add(ownIDs(r)...)
	o.add(w.category(r.Get("category")))
	_, end, times := course(r, "onset", "abatement")
	o.add(w.said("text", r.At("code", "text").Text()), completed(), times, w.concept("value", "CD", r.Get("code")))
	for site := range r.Get("bodySite").Items() {
		o.add(w.concept("targetSiteCode", "", site))
	}
	o.add(w.author(r, r.Get("recorder"), r.Get("recordedDate").Text()))
	w.informed(o, r, r.Get("asserter"))
	o.add(w.severity(r.Get("severity")), w.status(r, end), w.certainty(r.Get("verificationStatus")))
	for stage := range r.Get("stage").Items() {
		if summary := stage.Get("summary"); summary.Exists() {
			o.add(w.attribute("REFR", false, fixed("code", "11323-3", "Statut clinique du patient", oidLOINC), w.plain("CE", summary), summary.Get("text").Text(), ihe+".4.1.2", cisisEntry+".31"))
		}
	}
	w.comments(o, r, 0)
	for evidence := range r.Get("evidence").Items() {
		w.documents(o, w.all(r, evidence.Get("detail")))
	}
	for _, m := range w.members(r) {
		o.add(link("REFR", false, w.statement(m)))
	}
	w.reasons(o, r)
	w.inner(o, r)
	return o
}

// category is what kind of problem it is: the first category that CDA has a
// name for, or the general one of the CI-SIS.
func (w *writer) category(list node) *element {
	for c := range list.Items() {
		for code := range c.Get("coding").Items() {
			if w.oid(code.Get("system").Text()) != "" {
				return w.concept("code", "", c)
			}
		}
	}
	return fixed("code", "282291009", "interprétation diagnostique", oidSNOMED)
}
