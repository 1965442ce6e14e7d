package writer

import (
	"math/big"
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/adapters/conceptmap"
)

// dosage writes rhythm, route, site, dose, rate, maximum, condition and
// instructions of a Dosage.
func (w *writer) dosage(e *element, r resource, d node, bounds string) {
	words := w.original(d.Get("text").Text())
	for _, t := range w.times(d.Get("timing"), bounds, &words) {
		e.add(t)
	}
	dose := d.Get("doseAndRate").First()
	typ, v := choice(dose, "dose")
	if q := both("doseQuantity", typ, v); q != nil {
		if words != nil { // no rhythm to say it of
			q.children[0].add(el("translation").add(words))
			words = nil
		}
		e.add(q)
	}
	if words != nil {
		e.add(el("effectiveTime", "xsi:type", "PIVL_TS", "operator", "A").add(null("period", "UNK").add(el("translation").add(words))))
	}
	switch typ, v := choice(dose, "rate"); typ {
	case "Ratio":
		e.add(ratio("rateQuantity", "", v))
	case "":
	default:
		e.add(both("rateQuantity", typ, v))
	}
	e.add(w.optional("routeCode", "", d.Get("route")), w.optional("approachSiteCode", "", d.Get("site")))
	e.add(ratio("maxDoseQuantity", "", d.Get("maxDosePerPeriod")))
	if condition := d.Get("asNeededCodeableConcept"); condition.Exists() {
		e.add(el("precondition").add(el("criterion").add(w.concept("value", "CD", condition))))
	}
	if text := d.Get("patientInstruction").Text(); text != "" {
		act := el("act", "classCode", "ACT", "moodCode", "INT").add(templates(ihe+".4.3", cisisEntry+".33")...)
		act.add(el("code", "code", "PINSTRUCT", "codeSystem", "1.3.6.1.4.1.19376.1.5.3.2", "codeSystemName", "IHEActCode"), w.said("text", text), completed())
		e.add(link("SUBJ", true, act))
	}
}

// both is an IVL_PQ: of two ends that are alike for a Quantity, as the CI-SIS
// wants a dose.
func both(name, typ string, n node) *element {
	if typ == "Range" {
		return amount(name, typ, n, false)
	}
	low, high := quantity("low", n), quantity("high", n)
	if low == nil {
		return nil
	}
	return el(name).add(low, high)
}

// times are the effectiveTimes of a Timing: one, or a set of them. The words go
// with the first rhythm.
func (w *writer) times(timing node, bounds string, words **element) (list []*element) {
	repeat := timing.Get("repeat")
	for event := range timing.Get("event").Items() {
		t := point("effectiveTime", event.Text())
		t.attrs = append([]string{"xsi:type", "TS"}, t.attrs...)
		list = append(list, t)
	}
	var comps []*element
	if b := repeat.Get("boundsPeriod"); b.Exists() && b.Raw() != bounds {
		p := period("comp", b)
		p.attrs = append([]string{"xsi:type", "IVL_TS"}, p.attrs...)
		comps = append(comps, p)
	}
	comps = append(comps, w.rhythms(repeat)...)
	if *words != nil {
		for _, c := range comps {
			if p := slices.IndexFunc(c.children, func(e *element) bool { return e.name == "period" }); p >= 0 {
				c.children[p].add(el("translation").add(*words))
				*words = nil
				break
			}
		}
	}
	if width := quantity("width", repeat.Get("boundsDuration")); width != nil {
		if len(comps) > 0 {
			comps = append([]*element{el("comp", "xsi:type", "IVL_TS").add(point("low", extension(repeat.Get("boundsDuration"), ourDefinitions+"bounds-start").Text()), width)}, comps...)
		} else {
			list = append(list, el("effectiveTime", "xsi:type", "IVL_TS").add(width))
		}
	}
	switch len(comps) {
	case 0:
		return list
	case 1:
		comps[0].name = "effectiveTime"
		return append(list, comps[0].set("operator", "A"))
	}
	set := el("effectiveTime", "xsi:type", "SXPR_TS", "operator", "A")
	for _, c := range comps {
		set.add(c.set("operator", "A"))
	}
	return append(list, set)
}

// rhythms are the periods and events of the day.
func (w *writer) rhythms(repeat node) (comps []*element) {
	p := every(repeat)
	for at := range repeat.Get("timeOfDay").Items() {
		phase := el("phase").add(el("low", "value", "19700101"+strings.ReplaceAll(at.Text(), ":", "")))
		c := el("comp", "xsi:type", "PIVL_TS").add(phase)
		if p != nil {
			c.add(el("period", p.attrs...))
		} else {
			c.add(el("period", "value", "1", "unit", "d"))
		}
		comps = append(comps, c)
	}
	if len(comps) == 0 && p != nil {
		c := el("comp", "xsi:type", "PIVL_TS")
		if d := repeat.Get("duration").Text(); d != "" {
			c.add(el("phase").add(el("width", "value", d, "unit", repeat.Get("durationUnit").Text())))
		}
		comps = append(comps, c.add(p))
	}
	for event := range repeat.Get("when").Items() {
		written := w.maps.Written(conceptmap.EventTiming, event.Text())
		if len(written) == 0 {
			continue
		}
		c := el("comp", "xsi:type", "EIVL_TS").add(el("event", "code", written[0].Code))
		if offset := repeat.Get("offset").Text(); offset != "" {
			c.add(el("offset").add(el("low", "value", offset, "unit", "min")))
		}
		comps = append(comps, c)
	}
	return comps
}

// hours are the units of a period in hours.
var hours = map[string]int64{"h": 1, "d": 24, "wk": 168}

// every is the period of a repetition. CDA has no frequency: three times a day
// is every 8 hours, and what does not come out even is left to words.
func every(repeat node) *element {
	value, unit, frequency := repeat.Get("period").Text(), repeat.Get("periodUnit").Text(), repeat.Get("frequency").Text()
	if value == "" {
		return nil
	}
	if frequency == "" || frequency == "1" {
		return el("period", "value", value, "unit", unit)
	}
	whole, ok := new(big.Rat).SetString(value)
	times, fine := new(big.Rat).SetString(frequency)
	if !ok || !fine || times.Sign() <= 0 || hours[unit] == 0 || len(value)+len(frequency) > 12 {
		return nil
	}
	whole.Mul(whole, big.NewRat(hours[unit], 1)).Quo(whole, times)
	if !whole.IsInt() {
		return nil
	}
	return el("period", "value", whole.Num().String(), "unit", "h")
}
