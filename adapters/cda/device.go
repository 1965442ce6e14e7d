package cda

import (
	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/draft"
)

// deviceOf maps FR-Dispositif-medical: a device that the patient has is a
// DeviceUseStatement, one that is prescribed a DeviceRequest.
func deviceOf(c *conversion, n *node) []*draft.Resource {
	if n.Attr("moodCode") != "EVN" {
		return deviceRequestOf(c, n)
	}
	if isNegated(n) { // R4 has no device that is not used
		return observationOf(c, n, "")
	}
	r := c.newEntry("DeviceUseStatement", n)
	identifiers(&r.Object, n)
	at, state := n.Element("effectiveTime"), n.Element("statusCode")
	status := "active"
	if end := c.dateTime(at.Element("high")); end != "" && c.effective != "" && end < c.effective {
		status = "completed"
	}
	r.Set("status", status, mark(state))
	c.subject(&r.Object, "subject")
	if at.Attr("value") != "" {
		r.Set("timing|dateTime", c.dateTime(at), mark(at))
	} else {
		r.Put("timing|Period", c.period(at))
	}
	author := n.Element("author")
	written := author.Element("time")
	r.Set("recordedOn", c.dateTime(written), mark(written))
	if party := c.party(author.Element("assignedAuthor")); c.isOneOf(party, "Patient", "Practitioner", "PractitionerRole", "RelatedPerson") {
		r.Put("source", party)
	}
	for p := range n.Elements("performer") {
		if party := c.party(p.Element("assignedEntity")); party != nil {
			if at := p.Element("time"); c.dateTime(at) != "" {
				party.Add("extension", extension(authorTime).Set("value|dateTime", c.dateTime(at), mark(at)))
			}
			r.Add("extension", extension(adapters.Canonical+"/StructureDefinition/device-use-performer").Put("value|Reference", party))
		}
	}
	device := c.implement(n)
	r.Put("device", c.Reference(device))
	c.act(r, n, device.Object.Object("type"))
	r.Put("bodySite", c.coded(n.Element("targetSiteCode")))
	text, from := c.text(n.Element("text"))
	switch typ := device.Object.Object("type"); {
	case text == "":
	case typ != nil && typ.Text("text") == text:
		typ.Note("text", from...)
	default:
		r.Add("note", new(object).Set("text", text, from...))
	}
	return c.withRelated(r, n)
}

// implement makes the Device of a participant. R4 asks for one, so that one
// nobody describes is there with its type unknown.
func (c *conversion) implement(n *node) *draft.Resource {
	d := c.implementOf(n.Element("participant", "participantRole"), n.Path())
	if typ := d.Object.Object("type"); typ.Has("extension") && !typ.Has("coding") { // nobody says which; the act may
		if product := c.coded(n.Element("product", "manufacturedProduct", "manufacturedMaterial", "code")); product != nil {
			d.Put("type", product)
		} else if act := c.coded(n.Element("code")); act != nil {
			d.Put("type", act)
		}
	}
	c.subject(&d.Object, "patient")
	return d
}

// implementOf makes the Device that somebody plays.
func (c *conversion) implementOf(role *node, place string) *draft.Resource {
	playing := role.Element("playingDevice")
	d := c.New("Device", place)
	for id := range role.Elements("id") {
		d.Add("identifier", identifier(id))
	}
	if maker, from := words(role.Element("scopingEntity", "desc")); maker != "" {
		d.Set("manufacturer", maker, from...)
	}
	for _, name := range [][2]string{{"manufacturerModelName", "model-name"}, {"softwareName", "other"}} {
		if text, from := words(playing.Element(name[0])); text != "" {
			d.Add("deviceName", new(object).Set("name", text, from...).Set("type", name[1]))
		}
	}
	typ := c.coded(playing.Element("code"))
	if typ == nil {
		typ = c.absentConcept(playing.Element("code"))
	}
	d.Put("type", typ)
	return d
}

// act keeps what kind of supply it is, unless that is all that is said of the
// device.
func (c *conversion) act(r *draft.Resource, n *node, device *object) {
	if code := c.coded(n.Element("code")); code != nil && !code.Equal(device) {
		r.Add("extension", extension(adapters.Canonical+"/StructureDefinition/supply-act").Put("value|CodeableConcept", code))
	}
}

// deviceRequestOf maps a device that is prescribed.
func deviceRequestOf(c *conversion, n *node) []*draft.Resource {
	r := c.newEntry("DeviceRequest", n)
	identifiers(&r.Object, n)
	state := n.Element("statusCode")
	status := c.known(state, toRequestStatus)
	if status == "" || status == "completed" {
		status = "active"
	}
	r.Set("status", status, mark(state))
	intent := c.attributed(toIntent, "ActMood", n.Attr("moodCode"))
	if intent == "" || intent == "plan" {
		intent = "order"
	}
	r.Set("intent", intent)
	code := c.coded(n.Element("participant", "participantRole", "playingDevice", "code"))
	if code == nil {
		code = c.coded(n.Element("product", "manufacturedProduct", "manufacturedMaterial", "code"))
	}
	if code == nil {
		code = c.wording(n)
	}
	if act := c.coded(n.Element("code")); act != nil && !code.Has("coding") {
		code = act
	}
	r.Put("code|CodeableConcept", code)
	c.act(r, n, code)
	if q := quantity(n.Element("quantity")); q != nil {
		r.Add("parameter", new(object).Put("code", new(object).Set("text", "quantity")).Put("value|Quantity", q))
	}
	if q := quantity(n.Element("repeatNumber")); q != nil {
		r.Add("parameter", new(object).Put("code", new(object).Set("text", "repeatNumber")).Put("value|Quantity", q))
	}
	if q := quantity(n.Element("expectedUseTime", "width")); q != nil {
		r.Add("parameter", new(object).Put("code", new(object).Set("text", "expectedUseTime")).Put("value|Quantity", q))
	}
	c.subject(&r.Object, "subject")
	c.occurring(&r.Object, "occurrence", n)
	author := n.Element("author")
	at := author.Element("time")
	r.Set("authoredOn", c.dateTime(at), mark(at))
	if party := c.party(author.Element("assignedAuthor")); c.isOneOf(party, "Device", "Practitioner", "PractitionerRole", "Organization") {
		r.Put("requester", party)
	}
	c.entryText(r, n, "code|CodeableConcept")
	return c.withRelated(r, n)
}
