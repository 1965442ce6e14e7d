package cda

import "github.com/cordee-sante/cordee/adapters/draft"

// organizerOf maps an organizer of an unknown template: an Observation that
// has what it holds as members, or only what it holds when it has no code.
func organizerOf(c *conversion, n *node) []*draft.Resource {
	if isSaid(n.Element("code")) || n.Element("specimen") != nil {
		return panelOf(c, n, categoryOf(n))
	}
	return c.inside(n)
}

// panelOf maps an organizer to an Observation without value.
func panelOf(c *conversion, n *node, category string) []*draft.Resource {
	return observationOf(c, n, category)
}
