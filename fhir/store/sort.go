package store

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/search"
)

// A sortKey is one criterion of _sort, with its parameter.
type sortKey struct {
	code  string
	param *search.Param
	desc  bool
}

// orderOf is the order that a query asks for. Who asks for what has changed in a
// type since a moment, and says no order, gets that of the changes: the server
// may choose (R4 search.html#sort), and what changes while the pages are followed
// comes at their end, so that none is missed. The query alone decides it.
func orderOf(q *fhir.Query) []fhir.SortKey {
	if q.Sort != nil || q.Type == "" || q.Contained.Any() || !slices.ContainsFunc(q.Params, asksSince) {
		return q.Sort
	}
	return []fhir.SortKey{{Code: "_lastUpdated"}}
}

// asksSince reports whether a parameter asks for what has changed since a moment.
func asksSince(p fhir.Param) bool {
	if p.Code != "_lastUpdated" || p.Modifier != "" || p.Compare != "" || len(p.Chain) > 0 || len(p.Values) != 1 {
		return false
	}
	v := p.Values[0]
	return strings.HasPrefix(v, "gt") || strings.HasPrefix(v, "ge") || strings.HasPrefix(v, "sa")
}

func seqBytes(seq uint64) []byte { return binary.BigEndian.AppendUint64(nil, seq) }

// sortKeys looks the criteria up; nil without any. What comes after one that no
// two resources share says nothing.
func (x *execution) sortKeys(typ string) ([]sortKey, error) {
	var keys []sortKey
	for _, k := range x.q.Sort {
		p, ok := x.store.registry.Param(typ, k.Code)
		if !ok {
			return nil, fhir.Errorf(fhir.Malformed, "store.Search", "search.sort", fhir.CodeNotSupported, "http._sort",
				fhir.T("%s cannot be sorted by %s.", "%s ne peut pas être trié par %s.", typ, k.Code),
				fhir.T("Sort by a search parameter of the type.", "Triez par un paramètre de recherche de ce type."))
		}
		if keys = append(keys, sortKey{k.Code, p, k.Desc}); k.Code == "_id" && !x.among {
			break
		}
	}
	return keys, nil
}

// keysOf returns what a candidate sorts by, nil where it has no value.
func (x *execution) keysOf(sorted []sortKey, id string, rs *rows) [][]byte {
	keys := x.shelf.list(len(sorted))
	for i, k := range sorted {
		switch k.code {
		case "_id":
			keys[i] = []byte(id)
		case "_lastUpdated":
			if keys[i] = seqBytes(rs.seq); i < len(sorted)-1 { // grows with it
				keys[i] = seqBytes(uint64(rs.lastUpdated)) // so that the next criterion counts
			}
		default:
			x.values = rs.appendValues(x.values[:0], k.param)
			keys[i] = x.shelf.keep(x.store.registry.SortValue(x.values, k.desc))
		}
	}
	return keys
}

// A shelf is memory in which the keys of many candidates lie together.
type shelf struct {
	bytes []byte
	lists [][]byte
}

// A shelf takes so many bytes at first, and at most so many at a time.
const shelfLeast, shelfMost = 512, 8192

// list returns so many empty keys.
func (s *shelf) list(n int) [][]byte {
	if cap(s.lists)-len(s.lists) < n {
		s.lists = make([][]byte, 0, max(min(2*cap(s.lists), shelfLeast), 32, n))
	}
	start := len(s.lists)
	s.lists = s.lists[:start+n]
	return s.lists[start : start+n : start+n]
}

// keep copies a key; nil stays nil.
func (s *shelf) keep(key []byte) []byte {
	if key == nil {
		return nil
	}
	if cap(s.bytes)-len(s.bytes) < len(key) {
		s.bytes = make([]byte, 0, max(min(2*cap(s.bytes), shelfMost), shelfLeast, len(key)))
	}
	start := len(s.bytes)
	s.bytes = append(s.bytes, key...)
	return s.bytes[start:len(s.bytes):len(s.bytes)]
}

// compareSorted orders by the criteria, then by id and type. What has no value comes
// last in either direction, so that a page never begins with nothing.
func compareSorted(sorted []sortKey, a, b *candidate) int {
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
