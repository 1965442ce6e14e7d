package cda

import "github.com/cordee-sante/cordee/adapters/draft"

// vitalSignsOf maps FR-Signes-vitaux: a panel and its members.
func vitalSignsOf(c *conversion, n *node) []*draft.Resource {
	return panelOf(c, n, "vital-signs")
}

// vitalSignOf maps FR-Signe-vital-observe.
func vitalSignOf(c *conversion, n *node) []*draft.Resource {
	return observationOf(c, n, "vital-signs")
}
