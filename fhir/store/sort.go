package store

import (
	"bytes"
	"encoding/binary"
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

// runSorted judges all candidates, sorts the matches and cuts out the page.
func (x *execution) runSorted(p *plan, after []byte) error {
	all, err := x.collect(p, nil)
	if err != nil {
		return err
	}
	last := candidate{}
	if after != nil {
		last = decodeSorted(after, len(p.sorted))
		last.typ = p.typ
	}
	x.cut(p.sorted, all, last, after != nil)
	return nil
}

// collect appends all matches of a plan to a pool.
func (x *execution) collect(p *plan, pool []candidate) ([]candidate, error) {
	costly := false
	err := x.judge(p, nil, func(c candidate) bool {
		pool = append(pool, c)
		costly = len(pool) > x.store.limits.Sorted
		return !costly
	})
	if costly {
		return nil, fhir.Errorf(fhir.Forbidden, "store.Search", "search.sort-costly", fhir.CodeTooCostly, "http._sort",
			fhir.T("The search finds more than the %d resources that are sorted at once.", "La recherche trouve plus que les %d ressources triées à la fois.", x.store.limits.Sorted),
			fhir.T("Narrow it, by patient or by date.", "Restreignez-la, par patient ou par date."))
	}
	return pool, err
}

// cut sorts a pool and takes the page after the last match of the one before.
func (x *execution) cut(sorted []sortKey, pool []candidate, last candidate, further bool) {
	order := func(a, b candidate) int { return compareSorted(sorted, a, b) }
	slices.SortFunc(pool, order)
	pool = slices.CompactFunc(pool, func(a, b candidate) bool { return a.id == b.id && a.typ == b.typ })
	x.total += len(pool)
	if x.passing {
		return
	}
	start := 0
	if further {
		var found bool
		if start, found = slices.BinarySearchFunc(pool, last, order); found {
			start++
		}
	}
	for _, c := range pool[start:] {
		if len(x.hits) == x.limit {
			x.more = x.limit > 0
			break
		}
		x.hits = append(x.hits, c)
	}
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
