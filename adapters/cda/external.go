package cda

import "github.com/cordee-sante/cordee/adapters/draft"

// externalDocuments makes a DocumentReference of every document that a
// statement refers to, and ties it to what was made of the statement.
func (c *conversion) externalDocuments(r *draft.Resource, n *node) {
	for reference := range n.Elements("reference") {
		document := firstElement(reference, "externalDocument", "externalAct", "externalObservation", "externalProcedure")
		d := c.externalDocument(document)
		if d == nil {
			continue
		}
		switch r.Type {
		case "Condition":
			r.Add("evidence", new(object).Add("detail", c.Reference(d)))
		case "Observation":
			r.Add("derivedFrom", c.Reference(d))
		case "Procedure":
			r.Add("report", c.Reference(d))
		case "ServiceRequest", "MedicationRequest", "DeviceRequest":
			r.Add(map[string]string{"ServiceRequest": "supportingInfo", "DeviceRequest": "supportingInfo", "MedicationRequest": "supportingInformation"}[r.Type], c.Reference(d))
		case "DeviceUseStatement", "MedicationStatement":
			r.Add("derivedFrom", c.Reference(d))
		}
	}
}

// elsewhere says where a file is that is not in the document: its address, if
// that leads anywhere from here, and else as words.
func elsewhere(attachment *object, link, ed *node) {
	v := link.Attr("value")
	if v == token(v) && v[0] != '#' && safeLink(v) {
		attachment.Set("contentType", token(ed.Attr("mediaType"))).Set("url", v, mark(link))
		return
	}
	attachment.Set("title", v, mark(link))
}

// externalDocument makes the DocumentReference of a document elsewhere, nil
// when the reference is empty.
func (c *conversion) externalDocument(n *node) *draft.Resource {
	o := new(object)
	for id := range n.Elements("id") {
		o.Add("identifier", identifier(id))
	}
	set := identifier(n.Element("setId"))
	o.Add("identifier", set)
	o.Put("type", c.coded(n.Element("code")))
	c.subject(o, "subject")
	attachment := new(object)
	text := n.Element("text")
	link := text.Element("reference")
	if v := link.Attr("value"); v != "" && v[0] != '#' {
		elsewhere(attachment, link, text)
	} else if said, from := c.text(text); said != "" {
		attachment.Set("title", said, from...)
	}
	if !o.Has("identifier") && attachment.Empty() {
		return nil
	}
	if attachment.Empty() {
		attachment = c.absentConcept(nil)
	}
	d := c.New("DocumentReference", n.Path())
	d.Merge(o)
	d.Set("status", "current").Add("content", new(object).Put("attachment", attachment))
	return d
}
