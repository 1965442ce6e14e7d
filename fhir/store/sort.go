package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/search"
)

// A sortKey is one criterion of _sort, with its parameter.
type sortKey struct {
	code  string
	param *search.Param
	desc  bool
}

func seqBytes(seq uint64) []byte { return binary.BigEndian.AppendUint64(nil, seq) }

// sortKeys looks the criteria up; nil without any.
func (x *execution) sortKeys(typ string) ([]sortKey, error) {
	var keys []sortKey
	for _, k := range x.q.Sort {
		p, ok := x.store.registry.Param(typ, k.Code)
		if !ok {
			return nil, fhir.Errorf(fhir.Malformed, "store.Search", "search.sort", fhir.CodeNotSupported, "http._sort",
				fhir.T("%s cannot be sorted by %s.", "%s ne peut pas être trié par %s.", typ, k.Code),
				fhir.T("Sort by a search parameter of the type.", "Triez par un paramètre de recherche de ce type."))
		}
		keys = append(keys, sortKey{k.Code, p, k.Desc})
	}
	return keys, nil
}

// keysOf returns what a candidate sorts by, nil where it has no value.
func (x *execution) keysOf(sorted []sortKey, id string, rs *rows) [][]byte {
	keys := make([][]byte, len(sorted))
	for i, k := range sorted {
		switch k.code {
		case "_id":
			keys[i] = []byte(id)
		case "_lastUpdated":
			keys[i] = seqBytes(rs.seq) // grows with it, and no two changes share one
		default:
			var values [][]byte
			for _, r := range rs.of(postingID(rs.facts.Key.Type, k.param)) {
				values = append(values, r.value)
			}
			keys[i] = bytes.Clone(x.store.registry.SortValue(values, k.desc))
		}
	}
	return keys
}

// runSorted sorts what matches and cuts out the page.
func (x *execution) runSorted(p *plan, after []byte) error {
	if x.worthWalking(p) {
		return x.runWalk(p, after)
	}
	g := gathering{x: x}
	if err := g.add(p); err != nil {
		if errors.Is(err, errSorted) && x.walkable(p) { // more than estimated
			return x.runWalk(p, after)
		}
		return err
	}
	last := candidate{}
	if after != nil {
		last = decodeSorted(after, len(p.sorted))
		last.typ = p.typ
	}
	return g.cut(p.sorted, last, after != nil)
}

// A gathering is all that matches a sorted search. The view is asked about
// those that the page needs, once they are in order; or about all of them,
// when there are more than may be sorted: what it withholds must not count.
type gathering struct {
	x    *execution
	p    *plan // the last that was added, for its account
	pool []candidate
	seen int // so many of the pool, its first, were shown to the view
	full bool
}

// add appends the matches of a plan.
func (g *gathering) add(p *plan) error {
	g.p = p
	asksBody := p.asksBody()
	return g.x.sift(p, nil, func(chunk []candidate) (bool, error) {
		if asksBody { // by the tests of this plan
			var err error
			if chunk, err = g.x.see(p, chunk); err != nil {
				return false, err
			}
		}
		if err := g.append(chunk, asksBody); err != nil {
			return false, err
		}
		return true, nil
	})
}

// append adds candidates that pass all tests, and were seen already.
func (g *gathering) append(chunk []candidate, seen bool) error {
	most := g.x.store.limits.Sorted
	if g.pool = append(g.pool, chunk...); seen {
		g.seen = len(g.pool)
	}
	if len(g.pool) <= most {
		return nil
	}
	kept, err := g.see(g.pool[g.seen:])
	if err != nil {
		return err
	}
	g.pool = g.pool[:g.seen+len(kept)]
	if g.seen = len(g.pool); g.seen <= most {
		return nil
	}
	return errSortCostly(most)
}

// errSorted is within the error of a pool that is too large.
var errSorted = errors.New("more than is sorted in memory")

func errSortCostly(most int) error {
	return fhir.Errorf(fhir.Forbidden, "store.Search", "search.sort-costly", fhir.CodeTooCostly, "http._sort",
		fhir.T("The search finds more than the %d resources that are sorted at once.", "La recherche trouve plus que les %d ressources triées à la fois.", most),
		fhir.T("Narrow it, by patient or by date.", "Restreignez-la, par patient ou par date.")).Wrap(errSorted)
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

// cut sorts the pool and takes the page after the last match of the one before.
func (g *gathering) cut(sorted []sortKey, last candidate, further bool) error {
	x := g.x
	if x.counting || g.seen > 0 {
		rest, err := g.see(g.pool[g.seen:])
		if err != nil {
			return err
		}
		g.pool = g.pool[:g.seen+len(rest)]
		g.full = true
	}
	x.pooled = len(g.pool)
	order := func(a, b candidate) int { return compareSorted(sorted, a, b) }
	slices.SortFunc(g.pool, order)
	pool := slices.CompactFunc(g.pool, func(a, b candidate) bool { return a.id == b.id && a.typ == b.typ })
	if g.full {
		x.total += len(pool)
	}
	if x.passing {
		return nil
	}
	if further {
		start, found := slices.BinarySearchFunc(pool, last, order)
		if found {
			start++
		}
		pool = pool[start:]
	}
	if x.limit == 0 {
		return nil
	}
	return g.page(pool)
}

// page takes the page from what is in order, as many at a time as it lacks.
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
		for _, c := range chunk {
			if x.more = len(x.hits) == x.limit; x.more {
				break
			}
			x.hits = append(x.hits, c)
		}
	}
	return nil
}

// compareSorted orders by the criteria, then by id and type. What has no value comes
// last in either direction, so that a page never begins with nothing.
func compareSorted(sorted []sortKey, a, b candidate) int {
	for i, k := range sorted {
		va, vb := a.keys[i], b.keys[i]
		switch {
		case va == nil && vb == nil:
			continue
		case va == nil:
			return 1
		case vb == nil:
			return -1
		}
		if order := bytes.Compare(va, vb); order != 0 {
			if k.desc {
				return -order
			}
			return order
		}
	}
	if order := compareText(a.id, b.id); order != 0 {
		return order
	}
	return compareText(a.typ, b.typ)
}

// encodeSorted is the position after a match: what it sorts by, and its id. In a
// search that is not sorted that is the id alone.
func encodeSorted(c candidate) []byte {
	var b []byte
	for _, k := range c.keys {
		if k == nil {
			b = append(b, 0)
			continue
		}
		b = append(binary.AppendUvarint(append(b, 1), uint64(len(k))), k...)
	}
	return append(b, c.id...)
}

func decodeSorted(position []byte, keys int) candidate {
	d := decoder{b: position}
	c := candidate{keys: make([][]byte, keys)}
	for i := range c.keys {
		if d.byte() == 1 {
			c.keys[i] = d.bytes()
		}
	}
	c.id = string(d.b)
	return c
}
