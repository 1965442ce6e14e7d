package writer

import "github.com/cordee-sante/cordee/adapters/conceptmap"

// familyHistory writes a FamilyMemberHistory as FR-Antecedents-familiaux.
func (w *writer) familyHistory(r resource) *element {
	e := el("organizer", "classCode", "CLUSTER", "moodCode", "EVN").add(templates("2.16.840.1.113883.10.20.1.23", ihe+".4.15", cisisEntry+".59")...)
	list := ids(r)
	if own := len(list) - r.Get("condition").Len(); own > 0 { // the first are its own
		e.add(list[:own]...)
		list = list[own:]
	}
	e.add(w.state(conceptmap.HistoryStatus, r.Get("status").Text()), w.relative(r))
	for c := range r.Get("condition").Items() {
		o := familyProblem(&list)
		o.add(w.said("text", c.At("code", "text").Text()))
		times := null("effectiveTime", "UNK")
		switch typ, v := choice(c, "onset"); typ {
		case "Period":
			times = period("effectiveTime", v)
		case "String":
			if t := v.Text(); isDate(t) {
				times = el("effectiveTime").add(point("low", t))
			}
		}
		o.add(times, w.concept("value", "CD", c.Get("code")))
		for n := range c.Get("note").Items() {
			o.add(w.comment(r, n))
		}
		e.add(el("component", "typeCode", "COMP").add(o))
	}
	for n := range r.Get("note").Items() {
		if not := extension(n, negatedURL); not.Exists() {
			o := familyProblem(new([]*element)).set("negationInd", "true").add(w.concept("value", "CD", not))
			e.add(el("component", "typeCode", "COMP").add(o))
		} else if comment := w.comment(r, n); comment != nil {
			e.add(el("component", "typeCode", "COMP").add(comment.children...))
		}
	}
	return e
}

// familyProblem starts FR-Antecedent-familial-observe, with the next of the ids
// that the history has.
func familyProblem(ids *[]*element) *element {
	o := el("observation", "classCode", "OBS", "moodCode", "EVN").add(templates("2.16.840.1.113883.10.20.1.22", ihe+".4.13", ihe+".4.13.3", cisisEntry+".51")...)
	if len(*ids) > 0 {
		o.add((*ids)[0])
		*ids = (*ids)[1:]
	}
	return o.add(fixed("code", "282291009", "interprétation diagnostique", oidSNOMED), completed())
}

// relative is who it is.
func (w *writer) relative(r resource) *element {
	person := el("subject").add(leaf("name", r.Get("name").Text()))
	person.add(w.sex(r.Get("sex").Get("coding").First().Get("code").Text()))
	person.add(point("birthTime", r.Get("bornDate").Text()))
	switch typ, v := choice(r.node, "deceased"); typ {
	case "Boolean":
		person.add(el("sdtc:deceasedInd", "value", v.Text()))
	case "Date":
		person.add(el("sdtc:deceasedInd", "value", "true"), point("sdtc:deceasedTime", v.Text()))
	}
	related := el("relatedSubject", "classCode", "PRS").add(w.concept("code", "", r.Get("relationship")))
	if !person.empty() {
		related.add(person)
	}
	return el("subject", "typeCode", "SBJ").add(templates(ihe+".4.15.2", cisisEntry+".60")...).add(related)
}

// isDate reports whether a text is a FHIR date: what package cda makes of one
// here, where R4 has a text.
func isDate(s string) bool {
	for i := range len(s) {
		if (s[i] < '0' || s[i] > '9') && s[i] != '-' && !(i > 9 && (s[i] == 'T' || s[i] == ':' || s[i] == '+' || s[i] == '.')) {
			return false
		}
	}
	return len(s) >= 4
}
