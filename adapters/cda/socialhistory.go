package cda

import "github.com/cordee-sante/cordee/adapters/draft"

// socialHistoryOf maps FR-Habitus-Mode-de-vie: tobacco, alcohol, drugs, work …
func socialHistoryOf(c *conversion, n *node) []*draft.Resource {
	return observationOf(c, n, "social-history")
}
