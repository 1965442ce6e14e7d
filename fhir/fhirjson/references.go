package fhirjson

import (
	"iter"
	"strings"
)

// References yields the strings that a transaction may have to rewrite (R4
// http.html#trules): every Reference.reference, and every other string that is
// a urn:uuid: or urn:oid:, since any uri, url, oid or uuid may name an entry of
// its Bundle. Identifier.value, a name in its own right, and Bundle.entry.fullUrl
// are not among them. What to rewrite is for the caller to decide, with Replace
// and Splice.
func References(doc *Doc) iter.Seq[Node] {
	return func(yield func(Node) bool) {
		for i := range doc.nodes {
			if n := (Node{doc, int32(i)}); n.Kind() == String && n.isReference() && !yield(n) {
				return
			}
		}
	}
}

func (n Node) isReference() bool {
	switch n.Name() {
	case "reference":
		return true
	case "value", "fullUrl":
		return false
	}
	text := n.Text()
	return strings.HasPrefix(text, "urn:uuid:") || strings.HasPrefix(text, "urn:oid:")
}
