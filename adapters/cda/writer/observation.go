package writer

import (
	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/conceptmap"
)

// negatedURL is the extension by which package cda keeps what is not so.
const negatedURL = adapters.Canonical + "/StructureDefinition/negated-value"

// normalValue is the element of R5 for a normal result that is no number.
const normalValue = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Observation.referenceRange.normalValue"

// observationTemplates are the templates of an observation, and of a panel, by
// its category.
var observationTemplates = map[string][2][]string{
	"vital-signs":    {{ihe + ".4.13", ihe + ".4.13.2", cisisEntry + ".50"}, {ihe + ".4.13.1", cisisEntry + ".49"}},
	"social-history": {{ihe + ".4.13", ihe + ".4.13.4", cisisEntry + ".52"}, {ihe + ".4.13", ihe + ".4.13.4", cisisEntry + ".52"}},
	"laboratory":     {{"1.3.6.1.4.1.19376.1.3.1.6", cisisEntry + ".80"}, {"1.3.6.1.4.1.19376.1.3.1.4"}},
}

// observation writes an Observation or a DiagnosticReport: as an organizer when
// it only holds others, and as an observation otherwise.
func (w *writer) observation(r resource) *element {
	outer := w.focus
	defer func() { w.focus = outer }()
	subject := w.subjectOf(r, r.Get("focus").First())
	members := w.members(r)
	roots, known := observationTemplates[category(r)]
	if !known {
		roots = [2][]string{{ihe + ".4.13", cisisEntry + ".48"}, nil}
	}
	if len(members) > 0 && onlyHolds(r) {
		e := el("organizer", "classCode", "CLUSTER", "moodCode", "EVN").add(templates(roots[1]...)...)
		w.describe(e.add(subject), r)
		for _, m := range members {
			e.add(el("component", "typeCode", "COMP").add(w.statement(m)))
		}
		return e
	}
	e := el("observation", "classCode", "OBS", "moodCode", "EVN").add(templates(roots[0]...)...)
	w.describe(e.add(subject), r)
	w.result(e, r)
	for i := range r.Get("interpretation").Items() {
		e.add(w.concept("interpretationCode", "", i))
	}
	e.add(w.optional("methodCode", "", r.Get("method")), w.optional("targetSiteCode", "", r.Get("bodySite")))
	for x := range r.Get("extension").Items() {
		switch x.Get("url").Text() {
		case ourDefinitions + "observation-method":
			e.add(w.concept("methodCode", "", value(x)))
		case ourDefinitions + "observation-bodySite":
			e.add(w.concept("targetSiteCode", "", value(x)))
		}
	}
	for n := range r.Get("referenceRange").Items() {
		e.add(el("referenceRange").add(w.normal(n)))
	}
	for x := range r.Get("extension").Items() {
		if x.Get("url").Text() == ourDefinitions+"precondition" {
			e.add(el("precondition").add(el("criterion").add(w.concept("value", "CD", value(x)))))
		}
	}
	w.comments(e, r, w.text(e, r))
	derived := map[string]bool{}
	for _, d := range w.all(r, r.Get("derivedFrom")) {
		derived[d.url] = true
	}
	for _, m := range members {
		code := "COMP"
		if derived[m.url] {
			code = "SPRT"
		}
		e.add(link(code, false, w.statement(m)))
	}
	w.documents(e, w.all(r, r.Get("derivedFrom")))
	w.reasons(e, r)
	w.inner(e, r)
	return e
}

// onlyHolds reports whether an observation says nothing but what it holds, so
// that it is a panel: an organizer has no value and no words.
func onlyHolds(r resource) bool {
	for _, name := range []string{"interpretation", "method", "bodySite", "referenceRange", "note", "component", "dataAbsentReason", "reasonCode", "derivedFrom", "conclusion"} {
		if r.Get(name).Exists() {
			return false
		}
	}
	typ, _ := choice(r.node, "value")
	return typ == ""
}

func category(r resource) string {
	for c := range r.Get("category").Items() {
		if _, code := c.Get("coding").First().Coding(); observationTemplates[code][0] != nil {
			return code
		}
	}
	return ""
}

// describe writes what a panel and an observation have in common.
func (w *writer) describe(e *element, r resource) {
	code := w.concept("code", "", r.Get("code"))
	if r.At("code", "text").Text() == r.Get("code").Get("coding").First().Get("display").Text() && e.name == "observation" {
		code.children = without(code.children, "originalText") // its text says it
	}
	e.add(ids(r)...).add(code)
	e.add(w.state(conceptmap.ObservationStatus, r.Get("status").Text()), when(r.node, "effective").or(null("effectiveTime", "UNK")))
	w.performers(e, r, r.Get("performer"), "")
	w.specimens(e, r)
}

// text writes the words of an observation: those of what was looked at, or the
// first note, and returns how many notes it took.
func (w *writer) text(e *element, r resource) int {
	code := r.Get("code")
	display, text := code.Get("coding").First().Get("display").Text(), code.Get("text").Text()
	first := r.Get("note").First()
	switch {
	case text != "" && (display == "" || display == text):
		e.add(w.said("text", text))
	case first.Get("text").Exists() && !first.Get("time").Exists() && !first.Get("authorReference").Exists() && code.Get("coding").Exists() && first.Get("text").Text() != display:
		e.add(w.said("text", first.Get("text").Text()))
		return 1
	}
	return 0
}

// result writes the value, what is not so with its negation, and further values
// for the same code; components are observations of their own.
func (w *writer) result(e *element, r resource) {
	typ, v := choice(r.node, "value")
	for x := range r.Get("_valueString").Get("extension").Items() {
		if x.Get("url").Text() == negatedURL {
			typ, v = choice(x, "value")
			e.set("negationInd", "true")
		}
	}
	e.add(w.value(typ, v))
	if absent := r.Get("dataAbsentReason"); typ == "" && absent.Exists() {
		flavor := w.flavor(absent.Get("coding").First().Get("code").Text())
		if flavor == "" {
			flavor = "UNK"
		}
		e.add(el("value", "xsi:type", "CD", "nullFlavor", flavor))
	}
	if conclusion := r.Get("conclusion").Text(); conclusion != "" {
		e.add(leaf("value", conclusion, "xsi:type", "ST"))
	}
	for c := range r.Get("component").Items() {
		typ, v := choice(c, "value")
		if c.Get("code").Raw() == r.Get("code").Raw() {
			e.add(w.value(typ, v))
			continue
		}
		o := el("observation", "classCode", "OBS", "moodCode", "EVN").add(templates(ihe+".4.13", cisisEntry+".48")...)
		o.add(w.concept("code", "", c.Get("code")), completed(), w.value(typ, v))
		e.add(link("COMP", false, o))
	}
}

// value is the ANY of a value[x], nil for a type that CDA has not.
func (w *writer) value(typ string, v node) *element {
	switch typ {
	case "CodeableConcept":
		return w.concept("value", "CD", v)
	case "Quantity", "Range":
		return amount("value", typ, v, true)
	case "Integer":
		return el("value", "xsi:type", "INT", "value", v.Text())
	case "Boolean":
		return el("value", "xsi:type", "BL", "value", v.Text())
	case "String", "Time":
		return leaf("value", v.Text(), "xsi:type", "ST")
	case "DateTime":
		return el("value", "xsi:type", "TS", "value", ts(v.Text()))
	case "Period":
		e := period("value", v)
		if e == nil {
			return nil
		}
		return el("value", "xsi:type", "IVL_TS").add(e.children...)
	case "Ratio":
		return ratio("value", "RTO_PQ_PQ", v)
	}
	return nil
}

// normal is what is normal.
func (w *writer) normal(n node) *element {
	e := el("observationRange").add(w.said("text", n.Get("text").Text()))
	low, high := quantity("low", n.Get("low")), quantity("high", n.Get("high"))
	if normal := extension(n, normalValue); normal.Exists() {
		e.add(w.concept("value", "CD", normal))
	} else if low != nil || high != nil {
		e.add(el("value", "xsi:type", "IVL_PQ").add(low, high))
	}
	return e.add(w.optional("interpretationCode", "", n.Get("type")))
}
