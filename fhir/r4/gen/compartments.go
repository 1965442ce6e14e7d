package main

import (
	"strings"
)

// compartmentTable: a group for each compartment
//
//	=code
//
// and in it the search parameters by which a resource of a type is in it:
//
//	type  code  code  …
//
// Types that are never in it have no record. The example of the specification
// is left out.
func compartmentTable(p pack) string {
	var b strings.Builder
	for _, c := range p.compartments {
		if c.ID == "example" {
			continue
		}
		b.WriteString("=" + c.Code + "\n")
		for _, r := range c.Resource {
			if len(r.Param) > 0 {
				b.WriteString(r.Code + "\t" + strings.Join(r.Param, "\t") + "\n")
			}
		}
	}
	return b.String()
}
