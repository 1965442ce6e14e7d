package store

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/search"
)

// rows is everything that is indexed of one resource, in one value beside the
// resource's postings:
//
//	lastUpdated(8) seq(8) facts { head(uvarint) [param(4)] value }…
//
// sorted by parameter and value. The head is twice the length of the value, and
// one more where a parameter begins. With it a candidate of a search is verified
// without its body, an update deletes exactly the postings that were written,
// and a search about one patient needs no posting at all.
type rows struct {
	lastUpdated int64
	seq         uint64
	facts       fhir.Facts
	list        []row
}

type row struct {
	param uint32
	value []byte
}

func compareRows(a, b row) int {
	if a.param != b.param {
		if a.param < b.param {
			return -1
		}
		return 1
	}
	return bytes.Compare(a.value, b.value)
}

// newRows sorts what was extracted and drops what is there twice.
func newRows(typ string, entries []search.Entry) []row {
	list := make([]row, len(entries))
	for i, e := range entries {
		list[i] = row{postingID(typ, e.Param), e.Value}
	}
	slices.SortFunc(list, compareRows)
	return slices.CompactFunc(list, func(a, b row) bool { return compareRows(a, b) == 0 })
}

func (rs *rows) encode(names *naming) []byte {
	size := 64
	for _, r := range rs.list {
		size += 6 + len(r.value)
	}
	b := binary.BigEndian.AppendUint64(make([]byte, 0, size), uint64(rs.lastUpdated))
	b = names.appendFacts(binary.BigEndian.AppendUint64(b, rs.seq), &rs.facts)
	for i, r := range rs.list {
		if head := uint64(2 * len(r.value)); i > 0 && r.param == rs.list[i-1].param {
			b = binary.AppendUvarint(b, head)
		} else {
			b = binary.BigEndian.AppendUint32(binary.AppendUvarint(b, head+1), r.param)
		}
		b = append(b, r.value...)
	}
	return b
}

// rowsReader decodes rows values. It reuses its list: what it returned before
// is no longer valid, unless it keeps.
type rowsReader struct {
	facts namedReader
	rows  rows

	// keeps says that values and lists are to last: they lie in pieces of memory that
	// neighbours share.
	keeps  bool
	lasts  bool // the list that was read last is one of those
	values []byte
	lists  []row
}

// own returns a value that lasts, and gives the next list a place of its own.
func (rr *rowsReader) own(value []byte) []byte {
	if rr.lasts {
		rr.rows.list = nil // which others still read
	}
	if rr.lasts = rr.keeps; !rr.keeps {
		return value
	}
	const piece, most = 8, 64 // in values as this one
	if cap(rr.values)-len(rr.values) < len(value) {
		rr.values = make([]byte, 0, piece*len(value))
	}
	start := len(rr.values)
	rr.values = append(rr.values, value...)
	n := countRows(value)
	if cap(rr.lists)-len(rr.lists) < n {
		rr.lists = make([]row, 0, piece*min(n, most)+n)
	}
	end := len(rr.lists)
	rr.rows.list = rr.lists[end : end : end+n]
	rr.lists = rr.lists[:end+n]
	return rr.values[start:len(rr.values):len(rr.values)]
}

// countRows is how many rows a value holds.
func countRows(value []byte) (n int) {
	eachRow(value, func([]byte) { n++ })
	return n
}

// eachRow goes through the values of encoded rows and leaves all else encoded. It
// reports whether they could be read.
func eachRow(value []byte, visit func(value []byte)) bool {
	if len(value) < 16 {
		return false
	}
	_, rest, ok := splitFacts(value[16:])
	d := decoder{b: rest, bad: !ok}
	for len(d.b) > 0 && !d.bad {
		head := d.uvarint()
		if head%2 == 1 {
			d.uint32()
		}
		if row := d.take(head / 2); !d.bad {
			visit(row)
		}
	}
	return !d.bad
}

func (s *Store) rowsReader() rowsReader {
	return rowsReader{facts: s.namedReader()}
}

// read decodes a value; the row values alias it.
func (rr *rowsReader) read(typ, id string, value []byte) (*rows, error) {
	d := decoder{b: value}
	rr.rows.lastUpdated, rr.rows.seq = int64(d.uint64()), d.uint64()
	rr.rows.facts = rr.facts.read(&d)
	rr.rows.facts.Key = fhir.Key{Type: typ, ID: id}
	list, param := rr.rows.list[:0], uint32(0)
	for len(d.b) > 0 && !d.bad {
		head := d.uvarint()
		if head%2 == 1 {
			param = d.uint32()
		}
		list = append(list, row{param, d.take(head / 2)})
	}
	rr.rows.list = list
	if d.bad {
		return nil, corrupt("rows of a %s", typ)
	}
	return &rr.rows, nil
}

// values are those that the resource has for a parameter, in the rows of all its
// parts.
func (rs *rows) values(p *search.Param) [][]byte { return rs.appendValues(nil, p) }

func (rs *rows) appendValues(values [][]byte, p *search.Param) [][]byte {
	for _, part := range p.Parts() {
		for _, r := range rs.of(postingID(rs.facts.Key.Type, part)) {
			values = append(values, r.value)
		}
	}
	return values
}

// of returns the rows of one parameter, by its postingID: not all of the values
// of one that leaves some to others.
func (rs *rows) of(param uint32) []row {
	i, _ := slices.BinarySearchFunc(rs.list, param, func(r row, p uint32) int {
		if r.param < p {
			return -1
		} else if r.param > p {
			return 1
		}
		return 0
	})
	j := i
	for j < len(rs.list) && rs.list[j].param == param {
		j++
	}
	return rs.list[i:j]
}
