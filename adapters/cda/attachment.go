package cda

import (
	"errors"

	"github.com/cordee-sante/cordee/adapters/draft"
	"github.com/cordee-sante/cordee/fhir"
)

// attachmentOf maps FR-Document-attache: an organizer that holds a file, with
// what kind of document it is.
func attachmentOf(c *conversion, n *node) []*draft.Resource {
	var list []*draft.Resource
	kindOfDocument := c.find(n, documentType)
	typ := c.attribute(n, documentType)
	if typ == nil {
		kindOfDocument = nil
	}
	for link := range n.Elements("component") {
		s := link.Element("observationMedia")
		if s == nil || c.taken[s] {
			continue
		}
		c.taken[s] = true
		d := c.file(s)
		if d == nil {
			continue
		}
		for id := range n.Elements("id") {
			d.Add("identifier", identifier(id))
			c.remember(id, d)
		}
		d.Put("type", typ)
		for id := range kindOfDocument.Elements("id") {
			d.Add("identifier", identifier(id))
		}
		kindOfDocument, typ = nil, nil // it is said of the first file
		d.Add("category", c.coded(n.Element("code")))
		d.Mark(mark(n.Element("statusCode")))
		list = append(list, c.withRelated(d, n)...)
	}
	if len(list) == 0 {
		return organizerOf(c, n)
	}
	return list
}

// mediaOf maps a file that stands on its own: a picture, the code of a
// prescription.
func mediaOf(c *conversion, n *node) []*draft.Resource {
	if d := c.file(n); d != nil {
		return c.withRelated(d, n)
	}
	return nil
}

// file makes the DocumentReference of an observationMedia, and the Binary that
// holds the bytes. A file that is damaged is in the report, and in the original.
func (c *conversion) file(n *node) *draft.Resource {
	d := c.newEntry("DocumentReference", n)
	d.Set("status", "current")
	identifiers(&d.Object, n)
	attachment := c.fileContent(d, n.Element("value"), n.Path())
	spoken := n.Element("languageCode")
	attachment.Set("language", language(spoken), mark(spoken))
	c.subject(&d.Object, "subject")
	author := n.Element("author")
	if at := author.Element("time"); c.instant(at) != "" {
		d.Set("date", c.instant(at), mark(at))
	}
	if party := c.party(author.Element("assignedAuthor")); c.isOneOf(party, "Practitioner", "PractitionerRole", "Organization", "Device", "Patient", "RelatedPerson") {
		d.Add("author", party)
	}
	d.Add("content", new(object).Put("attachment", attachment))
	return d
}

// fileContent makes the Attachment of a file: with its bytes, where it is outside
// the document, or with why there is none.
func (c *conversion) fileContent(d *draft.Resource, value *node, place string) *object {
	data, err := c.media(value)
	if err == nil {
		contentType := token(value.Attr("mediaType"))
		if contentType == "" {
			contentType = "application/octet-stream"
		}
		attachment := c.Attachment(contentType, data, d, place)
		for t := range value.Nodes() {
			attachment.Mark(t.Mark)
		}
		return attachment
	}
	for t := range value.Nodes() {
		c.Refuse(t.Mark, mediaFault(err))
	}
	link := value.Element("reference")
	if url := link.Attr("value"); url == "" || url[0] == '#' {
		return c.absentConcept(value)
	}
	attachment := new(object)
	elsewhere(attachment, link, value)
	return attachment
}

// isFile reports whether the value of an observation is a file: a picture, a PDF.
func isFile(n *node) bool {
	return xsiType(n) == "ED" && (n.Attr("representation") == "B64" || n.Attr("mediaType") != "" && isOutside(n.Element("reference").Attr("value")))
}

// valueFiles makes a DocumentReference of every value of an observation that is a
// file: R4 has none for it. Its preview is a file as well.
func (c *conversion) valueFiles(r *draft.Resource, n *node) {
	for value := range n.Elements("value") {
		if !isFile(value) {
			continue
		}
		d := c.New("DocumentReference", value.Path())
		d.Set("status", "current")
		c.subject(&d.Object, "subject")
		d.Add("content", new(object).Put("attachment", c.fileContent(d, value, value.Path())))
		if preview := value.Element("thumbnail"); preview != nil {
			d.Add("content", new(object).Put("attachment", c.fileContent(d, preview, preview.Path())))
		}
		r.Add("derivedFrom", c.Reference(d))
	}
}

// mediaFault is the name of why a file could not be taken.
func mediaFault(err error) string {
	var e *fhir.Error
	if errors.As(err, &e) && len(e.Issues) > 0 {
		return e.Issues[0].ID
	}
	return ""
}
