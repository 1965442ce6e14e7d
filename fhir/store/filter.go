package store

import (
	"bytes"
	"slices"
)

// Candidates are judged in chunks, so that a chunk costs one batched read of
// each kind. The first chunk is about a page; the next ones grow.
const (
	chunkLeast = 16
	chunkMost  = 512
	chunkKept  = 128 // of a chunk that is used again by another search
)

// run takes the candidates of a plan in the source's order until the page is
// full. When a total is wanted it goes from the first match to the last, and
// the page begins where it would have.
func (x *execution) run(p *plan, after []byte) error {
	start := after
	if x.counting {
		start = nil
	}
	return x.sift(p, start, func(chunk []candidate) (bool, error) {
		seen, err := x.see(p, chunk)
		if err != nil {
			return false, err
		}
		x.hits = slices.Grow(x.hits, min(len(seen), x.limit-len(x.hits)))
		for i := range seen {
			x.total++
			switch c := &seen[i]; {
			case x.counting && (x.passing || after != nil && !follows(p, c, after)):
			case len(x.hits) < x.limit:
				x.hits = append(x.hits, *c)
			default:
				if x.more = x.limit > 0; !x.counting {
					return false, nil
				}
			}
		}
		return true, nil
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
		return compareSorted([]sortKey{{desc: !s.oldest}}, c, &last) > 0
	}
	return c.id > string(after)
}

// sift calls take with chunks of the candidates that exist and pass all tests,
// until it returns false. The view has not been asked about them. The chunk is
// not valid after take has returned.
func (x *execution) sift(p *plan, after []byte, take func([]candidate) (bool, error)) error {
	size := min(max(x.limit+1, chunkLeast), chunkMost)
	if x.limit == 0 || p.sorted != nil {
		size = chunkMost // all of them are looked at
	}
	scratch := x.store.chunks.Get().(*[]candidate)
	chunk := *scratch
	defer func() {
		if cap(chunk) <= chunkKept {
			clear(chunk[:cap(chunk)]) // what candidates refer to is not kept
			*scratch = chunk[:0]
			x.store.chunks.Put(scratch)
		}
	}()
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
	through, err := x.sieve(p)
	if err != nil {
		return err
	}
	for c, err := range p.source.scan(x.ctx, x.r, after) {
		if err != nil {
			return err
		}
		p.sieved += through.take()
		if !c.proposes() {
			if p.sorted == nil || p.walked {
				if err := x.reconsider(p); err != nil {
					return err
				}
			}
			continue
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
		chunk = slices.Grow(chunk, size)
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
		if !x.keepRows {
			c.raw = nil
		} else if !c.lasting {
			c.raw, c.lasting = bytes.Clone(c.raw), true
		}
	case c.dated:
		if c.tested = len(p.tests) == 0 && p.sorted == nil; c.tested {
			return true
		}
		if !p.datesSuffice {
			return p.datesHold(c.id, c.dates)
		}
		c.tested = true
		return x.holds(p, c, p.dateRows(c.id, c.dates))
	}
	return true
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
	facts := slices.Grow(x.facts[:0], len(chunk))
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
