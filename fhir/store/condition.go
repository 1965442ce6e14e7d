package store

import (
	"time"

	"github.com/cordee-sante/cordee/fhir/search"
)

// holdByID applies tests and an order that ask for ids alone.
func (x *execution) holdByID(p *plan, chunk []candidate) []candidate {
	kept := chunk[:0]
	for _, c := range chunk {
		if c.tested || x.holds(p, &c, &rows{facts: c.facts}) {
			kept = append(kept, c)
		}
	}
	return kept
}

// holds applies the tests to the rows of a candidate, and notes what it sorts
// by.
func (x *execution) holds(p *plan, c *candidate, rs *rows) bool {
	for i := range p.tests {
		if !p.tests[i].holds(c.id, rs) {
			return false
		}
	}
	if t := p.care[c.typ]; t != nil && t.judge(c.id, rs, nil) == fails {
		return false
	}
	if p.sorted != nil {
		c.keys = x.keysOf(p.sorted, c.id, rs)
	}
	return true
}

// holds reports whether a resource with these rows passes the test.
func (t test) holds(id string, rs *rows) bool {
	if t.tree != nil {
		return t.tree.judge(id, rs, nil) != fails
	}
	for _, p := range t.any {
		if matches(p, id, rs) {
			return true
		}
	}
	return false
}

func matches(p *search.Predicate, id string, rs *rows) bool {
	switch p.Param.Code {
	case "_id":
		return p.Row(search.IDValue(id)) != p.Not
	case "_lastUpdated":
		return p.Row(search.InstantValue(time.UnixMilli(rs.lastUpdated))) != p.Not
	}
	found := false
	for _, part := range p.Param.Parts() {
		if rs.each(postingID(rs.facts.Key.Type, part), func(value []byte) bool {
			found = p.Row(value)
			return !found
		}); found {
			break
		}
	}
	return found != p.Not
}
