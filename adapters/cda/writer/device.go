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
	role := el("participantRole", "classCode", "MANU")
	for i := range d.Get("identifier").Items() {
		role.add(id(i))
	}
	playing := el("playingDevice").add(w.concept("code", "", d.Get("type")))
	for n := range d.Get("deviceName").Items() {
		name := "softwareName"
		if n.Get("type").Text() == "model-name" {
			name = "manufacturerModelName"
		}
		playing.add(leaf(name, n.Get("name").Text()))
	}
	role.add(playing)
	if maker := d.Get("manufacturer").Text(); maker != "" {
		role.add(el("scopingEntity").add(leaf("desc", maker)))
	}
	e.add(el("participant", "typeCode", "DEV").add(role))
	for x := range r.Get("extension").Items() {
		if x.Get("url").Text() == ourDefinitions+"device-use-performer" {
			if party := w.assigned("assignedEntity", r, value(x)); party != nil {
				e.add(el("performer").add(party))
			}
		}
	}
	e.add(w.author(r, r.Get("source"), r.Get("recordedOn").Text()))
	w.comments(e, r, 0)
	w.reasons(e, r)
	w.inner(e, r)
	return e
}
