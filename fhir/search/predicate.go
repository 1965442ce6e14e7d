package search

import (
	"bytes"
	"slices"
	"sort"
)

// A Predicate is one parameter of a query as a condition on index rows: a
// resource matches iff
//
//	(some row of Param lies in one of Ranges and is accepted) != Not
//
// A Predicate without Ranges is satisfied by no row.
type Predicate struct {
	Param  *Param
	Ranges []Range                 // sorted, disjoint
	Accept func(value []byte) bool // looks closer at a row inside Ranges; nil accepts all
	Not    bool
}

// A Range is an interval of Entry.Value, in bytewise order.
type Range struct {
	Lo, Hi []byte // Lo ≤ value < Hi
	Point  bool   // the one value Lo; Hi is nil
	Few    bool   // no Point, and holds few different values however many resources have them: a code in each of its systems
}

// Contains reports whether the value lies in the range.
func (r Range) Contains(value []byte) bool {
	if r.Point {
		return bytes.Equal(value, r.Lo)
	}
	return bytes.Compare(r.Lo, value) <= 0 && bytes.Compare(value, r.Hi) < 0
}

// Row reports whether the row with this value of Param satisfies the
// condition, Not aside.
func (p *Predicate) Row(value []byte) bool {
	i := sort.Search(len(p.Ranges), func(i int) bool { return bytes.Compare(p.Ranges[i].Lo, value) > 0 })
	return i > 0 && p.Ranges[i-1].Contains(value) && (p.Accept == nil || p.Accept(value))
}

// Matches reports whether a resource with these entries matches.
func (p *Predicate) Matches(entries []Entry) bool {
	parts := p.Param.Parts()
	for _, e := range entries {
		if slices.Contains(parts, e.Param) && p.Row(e.Value) {
			return !p.Not
		}
	}
	return p.Not
}
