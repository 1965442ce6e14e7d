package writer

// deviceUse writes a DeviceUseStatement as FR-Dispositif-medical.
func (w *writer) deviceUse(r resource) *element {
	e := el("supply", "classCode", "SPLY", "moodCode", "EVN").add(templates("2.16.840.1.113883.10.20.1.34", cisisEntry+".20")...)
	d, _ := w.find(r, r.Get("device"))
	e.add(ids(r)...).add(w.said("text", d.At("type", "text").Text()), completed())
	times := when(r.node, "timing")
	if times == nil {
		times = null("effectiveTime", "UNK")
	} else {
		times.attrs = append([]string{"xsi:type", map[bool]string{true: "TS", false: "IVL_TS"}[len(times.attrs) > 0]}, times.attrs...)
	}
	e.add(times)
	e.add(el("participant", "typeCode", "DEV").add(w.deviceRole(d)))
	for x := range r.Get("extension").Items() {
		if x.Get("url").Text() == ourDefinitions+"device-use-performer" {
			if party := w.assigned("assignedEntity", r, value(x)); party != nil {
				e.add(el("performer").add(point("time", extension(value(x), authorTime).Text()), party))
			}
		}
	}
	e.add(w.author(r, r.Get("source"), r.Get("recordedOn").Text()))
	if act := extension(r.node, ourDefinitions+"supply-act"); act.Exists() {
		e.add(w.concept("code", "", act))
	}
	w.comments(e, r, 0)
	w.reasons(e, r)
	w.inner(e, r)
	return e
}
