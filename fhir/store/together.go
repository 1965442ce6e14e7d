package store

import "slices"

// together runs a sorted query over several types: so much of each as fits into
// the page, in one order.
func (x *execution) together(types []string, after []byte) error {
	order := make([]sortKey, len(x.q.Sort))
	for i, k := range x.q.Sort {
		order[i].desc = k.Desc
	}
	var last *candidate
	if after != nil {
		d := decoder{b: after}
		typ := string(d.bytes())
		c := decodeSorted(d.b, len(order))
		c.typ, last = typ, &c
	}
	for _, typ := range types {
		if err := x.pageOf(typ, last); err != nil {
			return err
		}
	}
	slices.SortFunc(x.hits, func(a, b candidate) int { return compareSorted(order, &a, &b) })
	if len(x.hits) > x.limit {
		x.hits, x.more = x.hits[:x.limit], true
	}
	return nil
}

// pageOf adds what one of the types has for the page after last.
func (x *execution) pageOf(typ string, last *candidate) error {
	q := *x.q
	q.Type = typ
	in := &execution{ctx: x.ctx, store: x.store, rows: x.store.rowsReader(), r: x.r, q: &q, limit: x.limit, counting: x.counting,
		sight: x.sight, among: true, keepRows: x.keepRows, bodies: x.bodies, trace: x.trace}
	p, err := in.plan(typ)
	if err != nil {
		return err
	}
	err = in.perform(p, func() error {
		if p.sorted != nil {
			return in.runSorted(p, last)
		}
		return in.run(p, positionIn(p, last))
	})
	if err != nil {
		return err
	}
	x.trace.note(in, p)
	x.total, x.more, x.bodies = x.total+in.total, x.more || in.more, in.bodies
	for _, c := range in.hits {
		if len(c.keys) == 0 {
			c.keys = [][]byte{[]byte(c.id)} // in the order of ids, as all sources are
		}
		x.hits = append(x.hits, c)
	}
	return nil
}

// lastOf is the match at a position in the order of a plan; nil for none.
func lastOf(p *plan, position []byte) *candidate {
	if position == nil {
		return nil
	}
	c := decodeSorted(position, len(p.sorted))
	c.typ = p.typ
	return &c
}

// positionIn is where the source of a plan that needs no sorting goes on after
// a match, of whatever type.
func positionIn(p *plan, last *candidate) []byte {
	if last == nil {
		return nil
	}
	at := candidate{keys: last.keys, id: last.id}
	if n := len(last.id) - 1; p.typ > last.typ { // the same id comes after: no id lies between these two
		at.id = last.id[:n] + string([]byte{last.id[n] - 1, 0xff})
	}
	if isFeed(p.source) {
		return encodeSorted(at)
	}
	return []byte(at.id)
}
