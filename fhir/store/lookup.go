package store

import (
	"context"
	"slices"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
)

// What a chunk of candidates is judged by is read for all of them together: the
// current versions, the rows, the epochs of the view and the bodies of the page.

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
	keys = lackingKeys(keys, bodies)
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

// lackingKeys appends the keys of the candidates that have no value, in one piece of
// memory.
func lackingKeys(keys [][]byte, list []candidate) [][]byte {
	n, size := 0, 0
	for i := range list {
		if c := &list[i]; c.value == nil {
			n, size = n+1, size+2+len(c.typ)+len(c.id)
		}
	}
	keys = slices.Grow(keys, n)
	b := make([]byte, 0, size)
	for i := range list {
		if c := &list[i]; c.value == nil {
			start := len(b)
			b = appendCurrentKey(b, c.typ, c.id)
			keys = append(keys, b[start:len(b):len(b)])
		}
	}
	return keys
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
	bodies := x.page(chunk)
	keys := lackingKeys(nil, bodies)
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

// wantsRows reports whether the rows of a candidate are to be read.
func (x *execution) wantsRows(p *plan, c *candidate) bool {
	return !c.tested && p.needsRows || x.keepRows && c.raw == nil
}

// present reads the current version of candidates of which the source knows
// no facts, or whose tests ask only for what a version says, and drops what is
// not there.
func (x *execution) present(p *plan, chunk []candidate) ([]candidate, error) {
	var keys [][]byte
	wanted := func(c *candidate) bool {
		return !c.known() || !c.tested && p.needsRecord && !p.needsRows
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
		if rec.effect == fhir.Deleted {
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
