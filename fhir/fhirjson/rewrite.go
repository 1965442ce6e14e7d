package fhirjson

import (
	"cmp"
	"slices"
	"sort"
	"strings"
)

// Rewrite returns the document with some of its strings replaced: what Parse
// returns of Splice, without reading again what stays. Each edit puts one JSON
// string in the place of another; with other edits the text is parsed.
func Rewrite(doc *Doc, edits ...Edit) (*Doc, error) {
	edits = slices.Clone(edits)
	text := appendSplice(nil, doc, edits) // sorts them
	if len(text) > (Limits{}).withDefaults().Bytes {
		return Parse(text) // refuses it
	}
	s := shifts{edits: edits, by: make([]int32, len(edits)+1)}
	for i, e := range edits {
		s.by[i+1] = s.by[i] + int32(len(e.Text)-(e.End-e.Start))
	}
	nodes := slices.Clone(doc.nodes)
	replaced := 0
	for i := range nodes {
		n := &nodes[i]
		if e := s.at(n); e != nil && strings.HasPrefix(e.Text, `"`) {
			n.escaped = strings.Contains(e.Text, `\`)
			replaced++
		}
		n.start, n.end = s.shifted(n.start), s.shifted(n.end)
		if n.nameEnd > 0 {
			n.nameStart, n.nameEnd = s.shifted(n.nameStart), s.shifted(n.nameEnd)
		}
	}
	if replaced != len(edits) {
		return Parse(text)
	}
	return &Doc{text: string(text), nodes: nodes}, nil
}

// shifts say by how much edits, in their order, move what stands behind them.
type shifts struct {
	edits []Edit
	by    []int32 // the first so many of them
}

func (s *shifts) shifted(offset int32) int32 {
	behind := sort.Search(len(s.edits), func(i int) bool { return s.edits[i].End > int(offset) })
	return offset + s.by[behind]
}

// at returns the edit that replaces a string, nil when none does.
func (s *shifts) at(n *node) *Edit {
	if n.kind != String {
		return nil
	}
	i, found := slices.BinarySearchFunc(s.edits, n.start, func(e Edit, start int32) int { return cmp.Compare(e.Start, int(start)) })
	if !found || s.edits[i].End != int(n.end) {
		return nil
	}
	return &s.edits[i]
}
