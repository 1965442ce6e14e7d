package cda

import (
	"strings"

	"github.com/cordee-sante/cordee/adapters/draft"
	"github.com/cordee-sante/cordee/fhir"
)

// body reads structuredBody, or the nonXMLBody of a document that is a scan or
// a PDF (CDA level 1).
func (c *conversion) body() error {
	component := c.root.Element("component")
	if n := component.Element("nonXMLBody"); n != nil {
		return c.nonXMLBody(n)
	}
	return c.sections(&c.composition.Object, component.Element("structuredBody"), 1)
}

// maxSections bounds how deep sections are nested. Published documents have
// three levels; each costs two levels of the JSON, which may have 64.
const maxSections = 16

// sections adds the sections of a body or a section, with theirs.
func (c *conversion) sections(parent *object, n *node, level int) error {
	for component := range n.Elements("component") {
		s := component.Element("section")
		if s == nil {
			continue
		}
		if level > maxSections {
			return fault(c.doc, s, "cda.sections",
				fhir.T("Sections are nested too deeply.", "Les sections sont trop imbriquées."), fhir.Text{})
		}
		o, err := c.sectionOf(s, level)
		if err != nil {
			return err
		}
		parent.Add("section", o)
	}
	return nil
}

// sectionOf makes Composition.section. Its narrative is kept whatever becomes
// of the entries.
func (c *conversion) sectionOf(n *node, level int) (*object, error) {
	outer, outerText := c.section, c.narrated
	c.section, c.narrated = n, nil
	defer c.label(n.Element("confidentialityCode"))()
	o := new(object)
	c.sectionID(o, n.Element("id"))
	title, from := words(n.Element("title"))
	o.Set("title", title, from...)
	o.Put("code", c.coded(n.Element("code")))
	for author := range n.Elements("author") {
		if party := c.party(author.Element("assignedAuthor")); party != nil {
			o.Add("author", c.authored(party, author))
		}
	}
	for informant := range n.Elements("informant") {
		c.participation(o, "informant-extension", "INF", informant, c.informer(informant))
	}
	defer c.sectionSubject(o, n.Element("subject"))()
	if text := n.Element("text"); text != nil {
		c.narrated = c.narrative(text)
		o.Put("text", c.narrated)
	}
	var entries []*draft.Resource
	for entry := range n.Elements("entry") {
		entries = append(entries, c.entry(entry)...)
	}
	if plan := c.carePlan(n, o, entries); plan != nil {
		o.Add("entry", c.Reference(plan))
	}
	for _, r := range entries {
		o.Add("entry", c.Reference(r))
	}
	if err := c.sections(o, n, level+1); err != nil {
		return nil, err
	}
	c.section, c.narrated = outer, outerText
	if !o.Has("text") && !o.Has("entry") && !o.Has("section") { // R4 invariant cmp-1
		o.Put("text", emptyNarrative(o))
	}
	return o, nil
}

// sectionID keeps the id of a section as that of the element. An element id is
// unique in a resource: a second section with the same goes without.
func (c *conversion) sectionID(o *object, n *node) {
	id := strings.ToLower(n.Attr("root"))
	if extension := n.Attr("extension"); extension != "" {
		id += "." + extension
	}
	if !fhir.ValidID(id) || c.sectionIDs[id] {
		c.Refuse(mark(n), "cda.repeated-id")
		return
	}
	c.sectionIDs[id] = true
	o.Set("id", id, mark(n))
}

// sectionSubject says who a section is about when it is not the patient: the
// newborn child of a mother, who is then the subject of all that is in it, or a
// relative. It holds until end is called.
func (c *conversion) sectionSubject(o *object, n *node) (end func()) {
	outer, outerFocus := c.about, c.focused
	end = func() { c.about, c.focused = outer, outerFocus }
	related := n.Element("relatedSubject")
	if related == nil {
		return end
	}
	if child := c.newborn(related); child != nil {
		c.about = child
		o.Put("focus", c.Reference(child))
		return end
	}
	c.focused = c.Reference(c.relatedSubject(related))
	o.Put("focus", c.focused)
	return end
}

// emptyNarrative says that a section says nothing more than its title.
func emptyNarrative(o *object) *object {
	w := htmlWriter{b: []byte(`<div xmlns="http://www.w3.org/1999/xhtml">`)}
	title := o.Text("title")
	if title == "" {
		title = "—"
	}
	w.escape(title)
	return new(object).Set("status", "generated").Set("div", string(append(w.b, "</div>"...)))
}
