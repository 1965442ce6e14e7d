package audit

import (
	"cmp"
	"encoding/binary"
	"slices"
	"time"

	"github.com/cordee-sante/cordee/auth/audit/ledger"
	"github.com/cordee-sante/cordee/fhir/kv"
)

// A chapter is the index of the records whose numbers differ in their last
// chapterBits bits only. While records join it, it is in memory, and the log is
// its copy; once it is full and the outcome of each change in it known, it is
// sorted and written in large blocks, and never touched again. A key for each
// record and term would cost the engine ten times as much, most of it in
// compactions: terms such as the id of a request come once.
//
// A search looks into each chapter of its window: one seek for 32,768 records.
type chapter struct {
	number   uint64
	began    position  // its first record
	rows     []posting // in the order in which their outcome was known
	mentions []mention
}

const chapterBits = 15

// A mention says that a record of the chapter has a term: a hash of it, as
// whatever is found is compared with the record itself.
type mention struct {
	term   uint64
	record uint16 // the last bits of its number
}

func chapterOf(seq uint64) uint64 { return seq >> chapterBits }

func inChapter(seq uint64) uint16 { return uint16(seq & (1<<chapterBits - 1)) }

// end is the number of the first record after the chapter.
func (c *chapter) end() uint64 { return (c.number + 1) << chapterBits }

func (c *chapter) add(it Item, ended ending) {
	c.rows = append(c.rows, posting{moment{it.Time, it.Seq}, where{ended, it.Place}})
	terms(&it, ended, func(hash uint64) {
		c.mentions = append(c.mentions, mention{hash, inChapter(it.Seq)})
	})
}

// find returns the records that have one of the terms, in no order.
func (c *chapter) find(terms []term) []posting {
	if slices.ContainsFunc(terms, func(t term) bool { return t.kind == termAll }) {
		return slices.Clone(c.rows)
	}
	wanted := hashes(terms)
	var records recordSet
	for _, m := range c.mentions {
		if slices.Contains(wanted, m.term) {
			records.add(m.record)
		}
	}
	var found []posting
	for _, p := range c.rows {
		if records.has(inChapter(p.seq)) {
			found = append(found, p)
		}
	}
	return found
}

// A recordSet is some of the records of a chapter.
type recordSet [1 << chapterBits / 64]uint64

func (s *recordSet) add(record uint16) { s[record/64] |= 1 << (record % 64) }

func (s *recordSet) has(record uint16) bool { return s[record/64]&(1<<(record%64)) != 0 }

// An extent is a chapter that is written, and the times between which its records
// lie. The clock may go back, so that extents may overlap.
type extent struct {
	number      uint64
	first, last int64 // milliseconds since 1970
}

func (c *chapter) extent() extent {
	s := extent{number: c.number}
	for i, p := range c.rows {
		at := p.time.UnixMilli()
		if i == 0 {
			s.first, s.last = at, at
		}
		s.first, s.last = min(s.first, at), max(s.last, at)
	}
	return s
}

func (s extent) entry() kv.Entry {
	value := binary.BigEndian.AppendUint64(nil, uint64(s.first))
	return kv.Entry{Key: extentKey(s.number), Value: binary.BigEndian.AppendUint64(value, uint64(s.last))}
}

func extentOf(e kv.Entry) (extent, error) {
	if len(e.Key) != 9 || len(e.Value) != 16 {
		return extent{}, kv.ErrCorrupt
	}
	return extent{binary.BigEndian.Uint64(e.Key[1:]), int64(binary.BigEndian.Uint64(e.Value)), int64(binary.BigEndian.Uint64(e.Value[8:]))}, nil
}

// A page is the rows of 256 numbers.
const pageBits = 8

// blockSize is the mentions of a block: 8 KiB, of which a search for a rare term
// wants one.
const (
	mentionSize = 10
	blockSize   = 819 * mentionSize
)

// puts are the entries to write, but for the extent.
func (c *chapter) puts() []kv.Entry {
	slices.SortFunc(c.rows, func(p, q posting) int { return cmp.Compare(p.seq, q.seq) })
	c.mentions = slices.Compact(sorted(c.mentions)) // two versions of one resource
	var all []kv.Entry
	for rest := c.rows; len(rest) > 0; {
		page := rest[0].seq >> pageBits
		n := 1
		for n < len(rest) && rest[n].seq>>pageBits == page {
			n++
		}
		all, rest = append(all, kv.Entry{Key: pageKey(page), Value: encodePage(rest[:n])}), rest[n:]
	}
	for block := range slices.Chunk(c.mentions, blockSize/mentionSize) {
		value := make([]byte, 0, len(block)*mentionSize)
		for _, m := range block {
			value = m.append(value)
		}
		all = append(all, kv.Entry{Key: blockKey(c.number, block[len(block)-1]), Value: value})
	}
	return all
}

// sorted returns the mentions in order. They are dealt out by the first bits of
// their hashes, which are even, and then sorted a few at a time: a tenth of the
// time that it takes to sort the half a million of a chapter together.
func sorted(list []mention) []mention {
	const deal = 16
	ends := make([]int32, 1<<deal+1)
	for _, m := range list {
		ends[m.term>>(64-deal)+1]++
	}
	for i := 1; i < len(ends); i++ {
		ends[i] += ends[i-1]
	}
	dealt := make([]mention, len(list))
	for _, m := range list {
		at := &ends[m.term>>(64-deal)]
		dealt[*at] = m
		*at++
	}
	start := int32(0)
	for _, end := range ends[:1<<deal] {
		slices.SortFunc(dealt[start:end], mention.compare)
		start = end
	}
	return dealt
}

func (m mention) compare(n mention) int {
	if m.term != n.term {
		return cmp.Compare(m.term, n.term)
	}
	return int(m.record) - int(n.record)
}

func (m mention) append(b []byte) []byte {
	return binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint64(b, m.term), m.record)
}

func mentionOf(b []byte) mention {
	return mention{binary.BigEndian.Uint64(b), binary.BigEndian.Uint16(b[8:])}
}

// encodePage writes rows in the order of their numbers: of each the milliseconds
// and the number since the one before (varint, uvarint), the ending, and the
// place.
func encodePage(rows []posting) []byte {
	var b []byte
	var ms int64
	seq := rows[0].seq >> pageBits << pageBits
	for _, p := range rows {
		b = binary.AppendVarint(b, p.time.UnixMilli()-ms)
		b = binary.AppendUvarint(b, p.seq-seq)
		b = append(b, byte(p.ending))
		b = binary.AppendUvarint(b, p.place.Segment)
		b = binary.AppendUvarint(b, uint64(p.place.Offset))
		ms, seq = p.time.UnixMilli(), p.seq
	}
	return b
}

// appendPage reads the rows of a page.
func appendPage(to []posting, page uint64, b []byte) ([]posting, error) {
	var ms int64
	seq := page << pageBits
	for len(b) > 0 {
		since, n := binary.Varint(b)
		if n <= 0 {
			return nil, kv.ErrCorrupt
		}
		b = b[n:]
		var numbers [3]uint64 // number, segment, offset
		var ended ending
		for i := range numbers {
			if numbers[i], n = binary.Uvarint(b); n <= 0 {
				return nil, kv.ErrCorrupt
			}
			if b = b[n:]; i > 0 {
				continue
			}
			if len(b) == 0 || b[0] < byte(asRecorded) || b[0] > byte(foundFailed) {
				return nil, kv.ErrCorrupt
			}
			ended, b = ending(b[0]), b[1:]
		}
		ms += since
		seq += numbers[0]
		to = append(to, posting{moment{time.UnixMilli(ms).UTC(), seq}, where{ended, ledger.Place{Segment: numbers[1], Offset: int64(numbers[2])}}})
	}
	return to, nil
}
