package cda

import "github.com/cordee-sante/cordee/adapters/draft"

// actOf maps an act that no template tells more of. One that holds statements
// gathers them: a chapter of laboratory results. Another one is something that
// was done, or is to be.
func actOf(c *conversion, n *node) []*draft.Resource {
	switch {
	case n.Attr("moodCode") != "EVN" && n.Attr("moodCode") != "":
		return requestOf(c, n)
	case n.Element("entryRelationship", "observation") != nil || n.Element("entryRelationship", "organizer") != nil:
		if isSaid(n.Element("code")) {
			return panelOf(c, n, "")
		}
	case isSaid(n.Element("code")):
		return procedureOf(c, n)
	}
	return c.inside(n)
}

// isSaid reports whether a code says anything: with a code, or in words.
func isSaid(n *node) bool {
	return n.Attr("code") != "" || n.Attr("displayName") != "" || n.Element("originalText") != nil || n.Element("translation").Attr("code") != ""
}

// inside maps what a statement holds that says nothing itself: its state is that
// of the first thing in it.
func (c *conversion) inside(n *node) []*draft.Resource {
	var list []*draft.Resource
	for _, name := range links {
		for link := range n.Elements(name) {
			for s := range link.Elements("") {
				list = append(list, c.statement(s)...)
			}
		}
	}
	if len(list) > 0 {
		list[0].Mark(mark(n.Element("statusCode")))
		c.made[n] = list[0]
	}
	return list
}

// remarkOf keeps a comment that is an entry of its own. Its words stand in the
// narrative of the section, which is where they are kept. What it holds is made as
// everywhere.
func remarkOf(c *conversion, n *node) []*draft.Resource {
	text := n.Element("text")
	reference := text.Element("reference")
	if c.anchor(reference.Attr("value")) == nil || c.narrated == nil {
		return c.inside(n)
	}
	for _, item := range []*node{n.Element("code"), n.Element("statusCode"), reference} {
		if mark(item) != 0 {
			c.Keep(mark(item))
			c.narrated.Mark(mark(item))
		}
	}
	return c.inside(n)
}
