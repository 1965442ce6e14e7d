package store

import (
	"bytes"
	"cmp"
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
//
// Rows that were read stay as they are stored: to look for one of a few parameters
// takes no longer than to take all apart, and those of a patient who stays in
// memory take half of it.
type rows struct {
	lastUpdated int64
	seq         uint64
	facts       fhir.Facts
	list        []row  // of a resource that is written; nil of one that was read
	packed      []byte // the encoded rows of one that was read, which are whole
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

// nextRow takes the first of encoded rows; param is that of the one before.
func nextRow(b []byte, param uint32) (p uint32, value, rest []byte, ok bool) {
	head, n := binary.Uvarint(b)
	if n <= 0 {
		return 0, nil, nil, false
	}
	if b = b[n:]; head%2 == 1 {
		if len(b) < 4 {
			return 0, nil, nil, false
		}
		param, b = binary.BigEndian.Uint32(b), b[4:]
	}
	if head /= 2; head > uint64(len(b)) {
		return 0, nil, nil, false
	}
	return param, b[:head], b[head:], true
}

// wholeRows reports whether encoded rows can be read to their end.
func wholeRows(b []byte) bool {
	for ok := true; len(b) > 0; {
		if _, _, b, ok = nextRow(b, 0); !ok {
			return false
		}
	}
	return true
}

// eachRow goes through the values of encoded rows and leaves all else encoded. It
// reports whether they could be read.
func eachRow(value []byte, visit func(value []byte)) bool {
	if len(value) < 16 {
		return false
	}
	_, b, ok := splitFacts(value[16:])
	for ok && len(b) > 0 {
		var row []byte
		if _, row, b, ok = nextRow(b, 0); ok {
			visit(row)
		}
	}
	return ok
}

// rowsReader decodes rows values. It reuses its memory: what it returned before
// is no longer valid.
type rowsReader struct {
	facts namedReader
	rows  rows
}

func (s *Store) rowsReader() rowsReader {
	return rowsReader{facts: s.namedReader()}
}

// read decodes a value, which the rows alias.
func (rr *rowsReader) read(typ, id string, value []byte) (*rows, error) {
	d := decoder{b: value}
	rr.rows.lastUpdated, rr.rows.seq = int64(d.uint64()), d.uint64()
	rr.rows.facts = rr.facts.read(&d)
	rr.rows.facts.Key = fhir.Key{Type: typ, ID: id}
	rr.rows.packed = d.b
	if d.bad || !wholeRows(d.b) {
		return nil, corrupt("rows of a %s", typ)
	}
	return &rr.rows, nil
}

// all are the rows, whether they were read or are to be written.
func (rs *rows) all() []row {
	list := rs.list
	for b, r := rs.packed, (row{}); len(b) > 0; {
		r.param, r.value, b, _ = nextRow(b, r.param)
		list = append(list, r)
	}
	return list
}

// values are those that the resource has for a parameter, in the rows of all its
// parts.
func (rs *rows) values(p *search.Param) [][]byte { return rs.appendValues(nil, p) }

func (rs *rows) appendValues(values [][]byte, p *search.Param) [][]byte {
	for _, part := range p.Parts() {
		rs.each(postingID(rs.facts.Key.Type, part), func(value []byte) bool {
			values = append(values, value)
			return true
		})
	}
	return values
}

// each goes through the rows of one parameter, by its postingID, until one is not
// wanted any more: not all values of one that leaves some to others.
func (rs *rows) each(param uint32, visit func(value []byte) bool) {
	at, _ := slices.BinarySearchFunc(rs.list, param, func(r row, p uint32) int { return cmp.Compare(r.param, p) })
	for _, r := range rs.list[at:] {
		if r.param != param || !visit(r.value) {
			return
		}
	}
	for b, r := rs.packed, (row{}); len(b) > 0; {
		if r.param, r.value, b, _ = nextRow(b, r.param); r.param > param || r.param == param && !visit(r.value) {
			return
		}
	}
}
