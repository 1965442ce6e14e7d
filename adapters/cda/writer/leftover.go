package writer

import "github.com/cordee-sante/cordee/adapters"

// leftoverURL is the extension by which package cda keeps what R4 has no element
// for: the names on the way to where it stood, and the value.
const leftoverURL = adapters.Canonical + "/StructureDefinition/cda-element"

// leftover is what stood at a path below a statement, the absent node for
// nothing.
func leftover(r resource, path string) node {
	for x := range r.Get("extension").Items() {
		if x.Get("url").Text() == leftoverURL && extension(x, "path").Text() == path {
			return extension(x, "value")
		}
	}
	return node{}
}
