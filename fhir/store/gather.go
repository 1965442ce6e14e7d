package store

import (
	"errors"
	"slices"
)

// runSorted sorts what matches and cuts out the page after last, nil for the
// first.
func (x *execution) runSorted(p *plan, last *candidate) error {
	if x.worthWalking(p) {
		return x.runWalk(p, last)
	}
	g := gathering{x: x, p: p, last: last, spill: x.walkable(p)}
	err := g.add()
	switch {
	case errors.Is(err, errSpilled): // more than estimated
		return x.runWalk(p, last)
	case err != nil:
		return err
	}
	return g.cut()
}

// errSpilled is the error of a gathering that would rather be a walk.
var errSpilled = errors.New("more than is sorted in memory")

// A gathering is what matches a sorted search, or so much of it that memory
// holds: when it is more, what is nearest to the position of the page is kept,
// as much as fits into the page, and what comes after that is let go. The view
// is asked about those that the page needs, once they are in order; or about
// all, before any is let go: what it withholds must not count.
type gathering struct {
	x     *execution
	p     *plan
	last  *candidate // the position of the page; nil for the first
	spill bool       // fail with errSpilled rather than let go

	pool  []candidate
	seen  int        // so many of the pool, its first, were shown to the view
	full  bool       // all of the pool was
	bound *candidate // nothing after it is needed; nil while everything may be
	loose bool       // some was let go: a total is counted by itself
}

// add appends the matches of the plan.
func (g *gathering) add() error {
	asksBody := g.p.asksBody()
	return g.x.sift(g.p, nil, func(chunk []candidate) (bool, error) {
		if asksBody { // by the tests of this plan
			var err error
			if chunk, err = g.x.see(g.p, chunk); err != nil {
				return false, err
			}
		}
		err := g.append(chunk, asksBody)
		return err == nil, err
	})
}

// append adds candidates that pass all tests, and were seen already.
func (g *gathering) append(chunk []candidate, seen bool) error {
	g.pool = slices.Grow(g.pool, len(chunk))
	for i := range chunk {
		if g.needs(&chunk[i]) {
			g.pool = append(g.pool, chunk[i])
		}
	}
	if seen {
		g.seen = len(g.pool)
	}
	most := max(g.x.store.limits.Sorted, 2*(g.x.limit+1))
	if len(g.pool) <= most {
		return nil
	}
	if err := g.seeRest(); err != nil || len(g.pool) <= most {
		return err
	}
	if g.spill {
		return errSpilled
	}
	g.shrink()
	return nil
}

// needs reports whether a match may be on the page, or is to be counted.
func (g *gathering) needs(c *candidate) bool {
	if g.bound != nil && compareSorted(g.p.sorted, c, g.bound) > 0 {
		return false
	}
	counted := g.x.counting && !g.loose
	return counted || g.last == nil || compareSorted(g.p.sorted, c, g.last) > 0
}

// shrink keeps of a pool that was shown to the view what fits into the page.
func (g *gathering) shrink() {
	g.loose = true
	g.order()
	kept := slices.DeleteFunc(g.pool, func(c candidate) bool { return !g.needs(&c) })
	if kept = kept[:min(len(kept), g.x.limit+1)]; len(kept) > g.x.limit {
		bound := kept[g.x.limit]
		g.bound = &bound
	}
	g.pool, g.seen = slices.Clone(kept), len(kept)
}

// seeRest asks the view about those of the pool that it was not asked about.
func (g *gathering) seeRest() error {
	rest, err := g.see(g.pool[g.seen:])
	if err != nil {
		return err
	}
	g.pool = g.pool[:g.seen+len(rest)]
	g.seen = len(g.pool)
	return nil
}

// see asks the view about candidates, chunk by chunk, and moves those that it
// shows to the front.
func (g *gathering) see(list []candidate) ([]candidate, error) {
	kept := list[:0]
	for len(list) > 0 {
		n := min(len(list), chunkMost)
		seen, err := g.x.see(g.p, list[:n])
		if err != nil {
			return nil, err
		}
		kept, list = append(kept, seen...), list[n:]
	}
	return kept, nil
}

// order puts the pool in order, each match once. Candidates are large: they are
// sorted by their places, and moved once.
func (g *gathering) order() {
	places := make([]int32, len(g.pool))
	for i := range places {
		places[i] = int32(i)
	}
	slices.SortFunc(places, func(a, b int32) int { return compareSorted(g.p.sorted, &g.pool[a], &g.pool[b]) })
	arrange(g.pool, places)
	g.pool = slices.CompactFunc(g.pool, func(a, b candidate) bool { return a.id == b.id && a.typ == b.typ })
}

// arrange moves to each place of a list what is at the place that stands there.
func arrange(list []candidate, places []int32) {
	for i := range places {
		first, at := list[i], int32(i)
		for places[at] != int32(i) {
			from := places[at]
			list[at], places[at] = list[from], at
			at = from
		}
		list[at], places[at] = first, at
	}
}

// cut takes the page from the pool, and the total.
func (g *gathering) cut() error {
	x := g.x
	if x.counting && !g.loose || g.seen > 0 {
		if err := g.seeRest(); err != nil {
			return err
		}
		g.full = true
	}
	x.pooled = len(g.pool)
	g.order()
	switch {
	case g.loose && x.counting:
		n, err := x.countOf(g.p.typ)
		if err != nil {
			return err
		}
		x.total += n
	case g.full:
		x.total += len(g.pool)
	}
	if x.passing || x.limit == 0 {
		return nil
	}
	pool := g.pool
	if g.last != nil {
		start, found := slices.BinarySearchFunc(pool, *g.last, func(a, b candidate) int { return compareSorted(g.p.sorted, &a, &b) })
		if found {
			start++
		}
		pool = pool[start:]
	}
	return g.page(pool)
}

// page takes the page from what is in order, as many at a time as it lacks. The
// memory of pool becomes that of the hits.
func (g *gathering) page(pool []candidate) error {
	x := g.x
	for len(pool) > 0 && !x.more {
		n := min(len(pool), x.limit+1-len(x.hits))
		chunk := pool[:n:n]
		pool = pool[n:]
		if err := x.ahead(chunk); err != nil {
			return err
		}
		if !g.full {
			var err error
			if chunk, err = x.see(g.p, chunk); err != nil {
				return err
			}
			x.total += len(chunk)
		}
		lacking := x.limit - len(x.hits)
		if x.more = len(chunk) > lacking; x.more {
			chunk = chunk[:lacking]
		}
		if len(x.hits) == 0 {
			x.hits = chunk // the pool's, which needs it no more
		} else {
			x.hits = append(x.hits, chunk...)
		}
	}
	return nil
}

// countOf counts the matches of a type by themselves.
func (x *execution) countOf(typ string) (int, error) {
	in := &execution{ctx: x.ctx, store: x.store, rows: x.store.rowsReader(), r: x.r, q: x.q, sight: x.sight, counting: true, trace: x.trace}
	err := in.one(typ, nil)
	return in.total, err
}
