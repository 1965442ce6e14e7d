package fhirjson

import (
	"cmp"
	"slices"
)

// An Edit puts Text, which is JSON, in the place of a span of a Doc's text. An
// empty span inserts.
type Edit struct {
	Start, End int
	Text       string
}

// Replace is the edit that puts JSON in the place of the node's value.
func Replace(n Node, json string) Edit {
	start, end := n.Span()
	return Edit{start, end, json}
}

// Splice returns the text of doc with the edits made; all other bytes are as
// they were. Insertions at one place keep their order. It panics when edits
// overlap, which no input can cause that edits different nodes.
func Splice(doc *Doc, edits ...Edit) []byte { return appendSplice(nil, doc, slices.Clone(edits)) }

// appendSplice appends what Splice returns. It sorts the edits.
func appendSplice(dst []byte, doc *Doc, edits []Edit) []byte {
	slices.SortStableFunc(edits, func(a, b Edit) int { return cmp.Compare(a.Start, b.Start) })
	size := len(doc.text)
	for _, e := range edits {
		size += len(e.Text) - (e.End - e.Start)
	}
	out := slices.Grow(dst, max(size, 0))
	pos := 0
	for _, e := range edits {
		out = append(out, doc.text[pos:e.Start]...) // panics on overlap
		out = append(out, e.Text...)
		pos = e.End
	}
	return append(out, doc.text[pos:]...)
}
