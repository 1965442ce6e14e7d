package writer

// participants writes who and what takes part in a statement beside those for whom
// the resource has an element (extension participant, Observation.device).
func (w *writer) participants(e *element, r resource) {
	if e.name == "act" && len(e.children) > 0 { // of concern: they are of what is in it
		for _, c := range e.children {
			if c.name == "entryRelationship" && len(c.children) > 0 && c.children[0].name == "observation" && (r.typ() == "Condition" || r.typ() == "AllergyIntolerance") {
				e = c.children[0]
				break
			}
		}
	}
	for x := range r.Get("extension").Items() {
		if x.Get("url").Text() == ourDefinitions+"participant" {
			e.add(w.participant(r, x))
		}
	}
	used := []node{r.Get("device")}
	for d := range r.Get("usedReference").Items() {
		used = append(used, d)
	}
	for _, reference := range used {
		if d, ok := w.find(r, reference); ok && d.typ() == "Device" && (r.typ() == "Observation" || r.typ() == "Procedure") {
			e.add(el("participant", "typeCode", "DEV").add(w.deviceRole(d)))
		}
	}
}

// participant is one of them, nil for nobody that CDA can name there.
func (w *writer) participant(r resource, x node) *element {
	_, typ := extension(x, "type").Get("coding").First().Coding()
	actor := extension(x, "actor")
	function := w.optional("functionCode", "", extension(x, "function"))
	at := point("time", extension(x, "time").Text())
	if p := extension(x, "time"); p.Get("start").Exists() || p.Get("end").Exists() {
		at = period("time", p)
	}
	switch typ {
	case "INF":
		return w.informant(r, actor)
	case "AUT":
		if party := w.assigned("assignedAuthor", r, actor); party != nil {
			return el("author").add(function, at.or(null("time", "UNK")), party)
		}
		return nil
	case "PRF":
		if party := w.assigned("assignedEntity", r, actor); party != nil {
			return el("performer").add(function, at, party)
		}
	}
	role := w.assigned("participantRole", r, actor)
	if role == nil && !actor.Exists() {
		role = w.thing(x)
	}
	if role == nil || typ == "" {
		return nil
	}
	return el("participant", "typeCode", typ).add(function, at, role)
}

// thing is a participant that is nobody.
func (w *writer) thing(x node) *element {
	role := el("participantRole", "classCode", "ROL")
	for e := range x.Get("extension").Items() {
		if e.Get("url").Text() == "identifier" {
			role.add(id(value(e)))
		}
	}
	role.add(w.optional("code", "", extension(x, "role")))
	if entity := extension(x, "entity"); entity.Exists() {
		code := w.concept("code", "", entity)
		if code.attr("code") != "" {
			code.children = without(code.children, "originalText")
		}
		role.add(el("playingEntity").add(code, leaf("name", entity.Get("text").Text())))
	}
	return role
}

// deviceRole is a device that was used.
func (w *writer) deviceRole(d resource) *element {
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
	return role
}
