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
			for _, r := range rs.of(k.param.ID) {
				values = append(values, r.value)
			}
			keys[i] = bytes.Clone(x.store.registry.SortValue(values, k.desc))
		}
	}
	return keys
}

// runSorted judges all candidates, sorts the matches and cuts out the page.
// The position is what the last match sorts by, and its id.
func (x *execution) runSorted(p *plan, after []byte) error {
	var all []candidate
	var costly bool
	err := x.judge(p, nil, func(c candidate) bool {
		all = append(all, c)
		costly = len(all) > x.store.limits.Sorted
		return !costly
	})
	if err != nil {
		return err
	}
	if costly {
		return fhir.Errorf(fhir.Forbidden, "store.Search", "search.sort-costly", fhir.CodeTooCostly, "http._sort",
			fhir.T("The search finds more than the %d resources that are sorted at once.", "La recherche trouve plus que les %d ressources triées à la fois.", x.store.limits.Sorted),
			fhir.T("Narrow it, by patient or by date.", "Restreignez-la, par patient ou par date."))
	}
	order := func(a, b candidate) int { return compareSorted(p.sorted, a, b) }
	slices.SortFunc(all, order)
	all = slices.CompactFunc(all, func(a, b candidate) bool { return a.id == b.id })
	x.total += len(all)
	start := 0
	if after != nil {
		last := decodeSorted(after, len(p.sorted))
		start, _ = slices.BinarySearchFunc(all, last, order)
		if start < len(all) && order(all[start], last) == 0 {
			start++
		}
	}
	if x.passing {
		return nil
	}
	for _, c := range all[start:] {
		if len(x.hits) == x.limit {
			x.more = x.limit > 0
			break
		}
		x.hits = append(x.hits, c)
	}
	return nil
}

// compareSorted orders by the criteria and then by id. What has no value comes
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
	return compareText(a.id, b.id)
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
