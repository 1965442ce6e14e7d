package store

import (
	"context"
	"time"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/search"
)

// Candidates are judged in chunks, so that a chunk costs one batched read of
// each kind. The first chunk is about a page; the next ones grow.
const (
	chunkLeast = 16
	chunkMost  = 512
)

// run takes the candidates of a plan in the source's order until the page is
// full. When a total is wanted it goes from the first match to the last, and
// the page begins where it would have.
func (x *execution) run(p *plan, after []byte) error {
	start := after
	if x.counting {
		start = nil
	}
	return x.judge(p, start, func(c candidate) bool {
		x.total++
		if x.counting && (x.passing || after != nil && !follows(p, &c, after)) {
			return true
		}
		if len(x.hits) < x.limit {
			x.hits = append(x.hits, c)
			return true
		}
		x.more = x.limit > 0
		return x.counting
	})
}

// follows reports whether a match comes after a position in the order of its
// source.
func follows(p *plan, c *candidate, after []byte) bool {
	switch p.source.(type) {
	case *compartmentSource:
		d := decoder{b: after}
		typ := string(d.bytes())
		return c.typ > typ || c.typ == typ && c.id > string(d.b)
	case *feedSource:
		return compareSorted([]sortKey{{desc: true}}, *c, decodeSorted(after, 1)) > 0
	}
	return c.id > string(after)
}

// judge calls match for each candidate that passes all tests and that the view
// lets be seen, until match returns false.
func (x *execution) judge(p *plan, after []byte, match func(candidate) bool) error {
	size := min(max(x.limit+1, chunkLeast), chunkMost)
	chunk := make([]candidate, 0, size)
	stopped := false
	flush := func() error {
		passed, err := x.pass(p, chunk)
		chunk = chunk[:0]
		for _, c := range passed {
			if stopped = !match(c); stopped {
				break
			}
		}
		return err
	}
	for c, err := range p.source.scan(x.ctx, x.r, after) {
		if err != nil {
			return err
		}
		if c.rows != nil {
			if !x.holds(p, &c, c.rows) {
				continue
			}
			c.rows, c.tested = nil, true
		}
		chunk = append(chunk, c)
		if len(chunk) < size {
			continue
		}
		if err := flush(); err != nil || stopped {
			return err
		}
		size = min(size*2, chunkMost)
	}
	if err := flush(); err != nil || stopped {
		return err
	}
	return nil
}

// pass returns those of a chunk that exist, may be seen and match.
func (x *execution) pass(p *plan, chunk []candidate) ([]candidate, error) {
	chunk, err := x.present(chunk)
	if err != nil || len(chunk) == 0 {
		return nil, err
	}
	facts := make([]fhir.Facts, len(chunk))
	for i := range chunk {
		facts[i] = chunk[i].facts
	}
	visible, err := sees(x.ctx, x.r, x.q.Within, facts)
	if err != nil {
		return nil, err
	}
	seen := chunk[:0]
	for i, c := range chunk {
		if visible[i] {
			seen = append(seen, c)
		}
	}
	if seen, err = x.match(p, seen); err != nil {
		return nil, err
	}
	return x.read(p, seen)
}

// present reads the current version of candidates of which the source knows
// no facts or found a version, and drops what is not there or not current.
func (x *execution) present(chunk []candidate) ([]candidate, error) {
	var keys [][]byte
	for i := range chunk {
		if c := &chunk[i]; !c.known() || c.version != 0 {
			keys = append(keys, currentKey(c.typ, c.id))
		}
	}
	if len(keys) == 0 {
		return chunk, nil
	}
	values, err := x.r.Get(x.ctx, keys...)
	if err != nil {
		return nil, err
	}
	kept, next := chunk[:0], 0
	for _, c := range chunk {
		if c.known() && c.version == 0 {
			kept = append(kept, c)
			continue
		}
		value := values[next]
		next++
		if value == nil {
			continue
		}
		rec, err := decodeRecord(c.typ, c.id, value)
		if err != nil {
			return nil, err
		}
		if rec.effect != fhir.Deleted && (c.version == 0 || c.version == rec.version) {
			c.facts = rec.facts
			kept = append(kept, c)
		}
	}
	return kept, nil
}

// match reads the rows of what is left to be tested.
func (x *execution) match(p *plan, seen []candidate) ([]candidate, error) {
	if len(p.tests) == 0 && len(p.sorted) == 0 {
		return seen, nil
	}
	untested := seen[:0:0]
	for _, c := range seen {
		if !c.tested {
			untested = append(untested, c)
		}
	}
	values, err := readRows(x.ctx, x.r, untested)
	if err != nil {
		return nil, err
	}
	kept, next := seen[:0], 0
	var rr rowsReader
	for _, c := range seen {
		if !c.tested {
			rs, err := rr.read(c.typ, c.id, values[next])
			if err != nil {
				return nil, err
			}
			next++
			if !x.holds(p, &c, rs) {
				continue
			}
		}
		kept = append(kept, c)
	}
	return kept, nil
}

// readRows reads the rows of candidates whose facts are known, in one batch.
func readRows(ctx context.Context, r kv.Reader, list []candidate) ([][]byte, error) {
	if len(list) == 0 {
		return nil, nil
	}
	keys := make([][]byte, len(list))
	for i := range list {
		keys[i] = rowsKey(scope(&list[i].facts), list[i].typ, list[i].id)
	}
	return r.Get(ctx, keys...)
}

// holds applies the tests to the rows of a candidate, and notes what it sorts
// by.
func (x *execution) holds(p *plan, c *candidate, rs *rows) bool {
	for _, t := range p.tests {
		if !t.holds(c.id, rs) {
			return false
		}
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
	for _, r := range rs.of(postingID(rs.facts.Key.Type, p.Param)) {
		if p.Row(r.value) {
			return !p.Not
		}
	}
	return p.Not
}
