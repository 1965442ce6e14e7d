package store

import (
	"bytes"
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
	switch s := p.source.(type) {
	case *compartmentSource:
		d := decoder{b: after}
		typ := string(d.bytes())
		return c.typ > typ || c.typ == typ && c.id > string(d.b)
	case *feedSource:
		last := decodeSorted(after, 1)
		last.typ = c.typ
		return compareSorted([]sortKey{{desc: !s.oldest}}, *c, last) > 0
	}
	return c.id > string(after)
}

// judge calls match for each candidate that passes all tests and that the view
// lets be seen, until match returns false.
func (x *execution) judge(p *plan, after []byte, match func(candidate) bool) error {
	stopped := false
	return x.sift(p, after, func(chunk []candidate) (bool, error) {
		seen, err := x.see(p, chunk)
		for _, c := range seen {
			if stopped = !match(c); stopped {
				break
			}
		}
		return !stopped, err
	})
}

// sift calls take with chunks of the candidates that exist and pass all tests,
// until it returns false. The view has not been asked about them. The chunk is
// not valid after take has returned.
func (x *execution) sift(p *plan, after []byte, take func([]candidate) (bool, error)) error {
	size := min(max(x.limit+1, chunkLeast), chunkMost)
	if x.limit == 0 || p.sorted != nil {
		size = chunkMost // all of them are looked at
	}
	chunk := make([]candidate, 0, chunkLeast)
	more := true
	flush := func() error {
		passed, err := x.foresight(p, chunk)
		if err != nil {
			return err
		}
		p.looked += len(passed)
		passed, err = x.pass(p, passed)
		p.matched += len(passed)
		if err == nil && len(passed) > 0 {
			more, err = take(passed)
		}
		chunk = chunk[:0]
		return err
	}
	for c, err := range p.source.scan(x.ctx, x.r, after) {
		if err != nil {
			return err
		}
		p.proposed++
		if !x.glance(p, &c) {
			continue
		}
		chunk = append(chunk, c)
		if len(chunk) < size {
			continue
		}
		if err := flush(); err != nil || !more {
			return err
		}
		if p.sorted == nil || p.walked {
			if err := x.reconsider(p); err != nil {
				return err
			}
		}
		size = x.chunk(p, size)
	}
	return flush()
}

// glance tests what the source has read of a candidate, before it moves on. It
// reports false when the candidate does not match.
func (x *execution) glance(p *plan, c *candidate) bool {
	switch {
	case c.rows != nil:
		if !x.holds(p, c, c.rows) {
			return false
		}
		c.tested, c.rows = true, nil
		if x.keepRows {
			c.raw = bytes.Clone(c.raw)
		} else {
			c.raw = nil
		}
	case c.dated:
		if !p.datesSuffice {
			return p.datesHold(c.id, c.dates)
		}
		c.tested = true
		return x.holds(p, c, p.dateRows(c.id, c.dates))
	}
	return true
}

// pass returns those of a chunk that exist and match. It reads the current
// version of candidates that the source knows no facts of, the rows of those
// that are to be tested, and with them what the next steps will need: the
// epochs that the view asks for, and bodies when the candidates look like the
// page.
func (x *execution) pass(p *plan, chunk []candidate) ([]candidate, error) {
	if len(chunk) == 0 {
		return nil, nil
	}
	chunk, err := x.present(p, chunk)
	if err != nil || len(chunk) == 0 {
		return nil, err
	}
	if !p.needsRows && !p.needsRecord {
		chunk = x.holdByID(p, chunk)
	}
	var keys [][]byte
	for i := range chunk {
		if c := &chunk[i]; x.wantsRows(p, c) {
			keys = append(keys, rowsKey(scope(&c.facts), c.typ, c.id))
		}
	}
	rowKeys := len(keys)
	var bodies []candidate
	if rowKeys == 0 && p.sorted == nil {
		bodies = x.page(chunk)
	}
	for i := range bodies {
		if bodies[i].value == nil {
			keys = append(keys, currentKey(bodies[i].typ, bodies[i].id))
		}
	}
	if p.sorted == nil || x.counting {
		for i := range chunk {
			keys = x.sight.want(keys, &chunk[i].facts)
		}
	}
	if len(keys) == 0 {
		return chunk, nil
	}
	values, err := x.r.Get(x.ctx, keys...)
	if err != nil {
		return nil, err
	}
	if err := x.sight.learn(values); err != nil {
		return nil, err
	}
	fillValues(bodies, values[rowKeys:])
	return x.match(p, chunk, values[:rowKeys])
}

// page returns those of some candidates of which the page will need the bodies
// if the view shows them. With rows to keep, bodies are read later, together
// with what they refer to.
func (x *execution) page(list []candidate) []candidate {
	if !x.sending || x.keepRows {
		return nil
	}
	return list[:max(0, min(x.limit-len(x.hits), len(list)))]
}

// fillValues hands out what was read of the candidates that had no value.
func fillValues(list []candidate, values [][]byte) {
	next := 0
	for i := range list {
		if list[i].value == nil {
			list[i].value = values[next]
			next++
		}
	}
}

// ahead reads what judging candidates in order and sending them will need: the
// epochs, and the bodies of those that fit into the page.
func (x *execution) ahead(chunk []candidate) error {
	var keys [][]byte
	bodies := x.page(chunk)
	for i := range bodies {
		if bodies[i].value == nil {
			keys = append(keys, currentKey(bodies[i].typ, bodies[i].id))
		}
	}
	for i := range chunk {
		keys = x.sight.want(keys, &chunk[i].facts)
	}
	if len(keys) == 0 {
		return nil
	}
	values, err := x.r.Get(x.ctx, keys...)
	if err != nil {
		return err
	}
	fillValues(bodies, values)
	return x.sight.learn(values)
}

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

// wantsRows reports whether the rows of a candidate are to be read.
func (x *execution) wantsRows(p *plan, c *candidate) bool {
	return !c.tested && p.needsRows || x.keepRows && c.raw == nil
}

// present reads the current version of candidates of which the source knows
// no facts or found a version, or whose tests ask only for what a version
// says, and drops what is not there or not current.
func (x *execution) present(p *plan, chunk []candidate) ([]candidate, error) {
	var keys [][]byte
	wanted := func(c *candidate) bool {
		return !c.known() || c.version != 0 || !c.tested && p.needsRecord && !p.needsRows
	}
	for i := range chunk {
		if c := &chunk[i]; wanted(c) {
			keys = append(keys, currentKey(c.typ, c.id))
		}
	}
	n := len(keys)
	if n == 0 {
		return chunk, nil
	}
	for i := range chunk {
		if keys = x.sight.want(keys, &chunk[i].facts); chunk[i].typ == "Patient" {
			keys = x.sight.wantEpoch(keys, chunk[i].id)
		}
	}
	values, err := x.r.Get(x.ctx, keys...)
	if err != nil {
		return nil, err
	}
	if err := x.sight.learn(values); err != nil {
		return nil, err
	}
	kept, next := chunk[:0], 0
	for _, c := range chunk {
		if !wanted(&c) {
			kept = append(kept, c)
			continue
		}
		c.value = values[next]
		next++
		if c.value == nil {
			continue
		}
		rec, err := x.records.decode(c.typ, c.id, c.value)
		if err != nil {
			return nil, err
		}
		if rec.effect == fhir.Deleted || c.version != 0 && c.version != rec.version {
			continue
		}
		c.facts = rec.facts
		if !c.tested && p.needsRecord && !p.needsRows {
			if !x.holds(p, &c, &rows{lastUpdated: rec.lastUpdated, seq: rec.seq, facts: rec.facts}) {
				continue
			}
			c.tested = true
		}
		if !x.sending && !x.among || p.sorted != nil {
			c.value = nil // only the page needs bodies
		}
		kept = append(kept, c)
	}
	return kept, nil
}

// match tests candidates on the rows that were read of them.
func (x *execution) match(p *plan, chunk []candidate, values [][]byte) ([]candidate, error) {
	kept, next := chunk[:0], 0
	for _, c := range chunk {
		if !x.wantsRows(p, &c) {
			kept = append(kept, c)
			continue
		}
		raw := values[next]
		next++
		rs, err := x.rows.read(c.typ, c.id, raw)
		if err != nil {
			return nil, err
		}
		if x.keepRows {
			c.raw = raw
		}
		if !c.tested && !x.holds(p, &c, rs) {
			continue
		}
		kept = append(kept, c)
	}
	return kept, nil
}

// see returns those of a chunk that the view lets be seen and whose bodies, where
// a test comes down to them, match.
func (x *execution) see(p *plan, chunk []candidate) ([]candidate, error) {
	if len(chunk) > 0 && chunk[0].shown {
		return x.read(p, chunk)
	}
	seen, err := x.show(p, chunk)
	if err != nil {
		return nil, err
	}
	return x.read(p, seen)
}

// show asks the view about a chunk.
func (x *execution) show(p *plan, chunk []candidate) ([]candidate, error) {
	facts := x.facts[:0]
	for i := range chunk {
		facts = append(facts, chunk[i].facts)
	}
	x.facts = facts
	visible, err := x.sight.sees(facts)
	if err != nil {
		return nil, err
	}
	p.passed += len(chunk)
	seen := chunk[:0]
	for i, c := range chunk {
		if visible[i] {
			seen = append(seen, c)
		}
	}
	p.seen += len(seen)
	return seen, nil
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
	for _, r := range rs.of(postingID(rs.facts.Key.Type, p.Param)) {
		if p.Row(r.value) {
			return !p.Not
		}
	}
	return p.Not
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
