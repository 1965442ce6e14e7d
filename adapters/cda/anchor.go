package cda

import "strings"

// anchor returns the element of a narrative that "#id" names; some senders leave
// the # out. IDs are not unique in a document, so they are looked up in the narrative
// of the section, then in those of the sections around it, and last in the whole
// document for one that is there once. Words of a section that is secret are not
// taken out of it.
func (c *conversion) anchor(reference string) *node {
	id := strings.TrimPrefix(reference, "#")
	if id == "" || c.section == nil {
		return nil
	}
	for s := c.section; s != nil; s = s.Parent() {
		if s.Name != "section" {
			continue
		}
		if n := c.idsOf(s.Element("text"))[id]; n != nil {
			return n
		}
	}
	if isOutside(reference) {
		return nil
	}
	if c.unique == nil {
		c.unique = map[string]*node{}
		c.gatherIDs(c.root.Element("component", "structuredBody"))
	}
	return c.unique[id]
}

// idsOf are the elements of a narrative by their ID, the first of several.
func (c *conversion) idsOf(text *node) map[string]*node {
	if text == nil {
		return nil
	}
	ids := c.anchors[text]
	if ids == nil {
		ids = map[string]*node{}
		for n := range text.All() {
			if v := n.Attr("ID"); v != "" && ids[v] == nil {
				ids[v] = n
			}
		}
		c.anchors[text] = ids
	}
	return ids
}

// gatherIDs notes the IDs below a body or section that are there once, nil for the
// others. What is below a section that is secret is left out.
func (c *conversion) gatherIDs(n *node) {
	for component := range n.Elements("component") {
		s := component.Element("section")
		if s == nil {
			continue
		}
		if code := s.Element("confidentialityCode").Attr("code"); code != "" && code != "N" {
			continue
		}
		for id, at := range c.idsOf(s.Element("text")) {
			if _, again := c.unique[id]; again {
				at = nil
			}
			c.unique[id] = at
		}
		c.gatherIDs(s)
	}
}
