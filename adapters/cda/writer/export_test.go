package writer

import "strings"

// Place is where a child stands in an element by the schema, for the tests;
// known is false when it does not belong there. Elements without a sequence take
// all.
func Place(parent, child string) (at int, known bool) {
	sequence := sequences[parent]
	if sequence == "" || parent == "performer" || parent == "entryRelationship" || parent == "reference" {
		return 0, true
	}
	at = strings.Index(sequence, " "+child+" ")
	return at, at >= 0
}
