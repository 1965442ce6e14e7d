package audit

import (
	"context"
	"slices"

	"github.com/cordee-sante/cordee/fhir/kv"
)

// chunk is how many blocks of one list are read at a time, and how many postings
// are wanted before they are merged.
const chunk = 256

// stream yields the records of several posting lists in the order of time, each
// record once. It reads them in chunks, so that engines need no two scans open
// at the same time.
type stream struct {
	reader  kv.Reader
	lists   []list
	reverse bool // newest first
}

// A list is what is left of one posting list.
type list struct {
	lo, hi   []byte // keys still to be read, lo included
	from, to moment // what is wanted of them
	buf      []posting
	done     bool
}

// newStream opens the lists of the terms between two moments, both included.
func newStream(r kv.Reader, terms []term, from, to moment, reverse bool) *stream {
	s := &stream{reader: r, reverse: reverse}
	for _, t := range terms {
		s.lists = append(s.lists, list{from: from, to: to,
			lo: run{t, bucketOf(from.time)}.prefix(), hi: kv.PrefixEnd(run{t, bucketOf(to.time)}.prefix())})
	}
	return s
}

// next returns the next record, false after the last.
func (s *stream) next(ctx context.Context) (posting, bool, error) {
	best := -1
	for i := range s.lists {
		if err := s.fill(ctx, &s.lists[i]); err != nil {
			return posting{}, false, err
		}
		if len(s.lists[i].buf) == 0 {
			continue
		}
		if best < 0 || s.before(s.lists[i].buf[0], s.lists[best].buf[0]) {
			best = i
		}
	}
	if best < 0 {
		return posting{}, false, nil
	}
	p := s.lists[best].buf[0]
	for i := range s.lists { // the same record stands in several lists
		if l := &s.lists[i]; len(l.buf) > 0 && l.buf[0].compare(p.moment) == 0 {
			l.buf = l.buf[1:]
		}
	}
	return p, true, nil
}

func (s *stream) before(a, b posting) bool {
	c := a.compare(b.moment)
	return s.reverse && c > 0 || !s.reverse && c < 0
}

// fill reads the next buckets of a list that has run empty.
func (s *stream) fill(ctx context.Context, l *list) error {
	for len(l.buf) == 0 && !l.done {
		if err := s.read(ctx, l); err != nil {
			return err
		}
		slices.SortFunc(l.buf, func(p, q posting) int {
			if s.reverse {
				p, q = q, p
			}
			return p.compare(q.moment)
		})
		l.buf = slices.CompactFunc(l.buf, func(p, q posting) bool { return p.compare(q.moment) == 0 })
		l.buf = slices.DeleteFunc(l.buf, func(p posting) bool { return p.compare(l.from) < 0 || p.compare(l.to) > 0 })
	}
	return nil
}

// read appends blocks to the buffer of a list until there are enough postings
// and the last bucket is whole.
func (s *stream) read(ctx context.Context, l *list) error {
	bucket := uint64(0)
	for {
		n, whole := 0, false
		var last []byte
		for e, err := range s.reader.Scan(ctx, kv.Range{Start: l.lo, End: l.hi, Reverse: s.reverse, Limit: chunk}) {
			if err != nil {
				return err
			}
			b, _ := blockOf(e.Key)
			if whole = b != bucket && len(l.buf) >= chunk; whole {
				break
			}
			if l.buf, err = appendBlock(l.buf, e.Key, e.Value); err != nil {
				return err
			}
			bucket, last, n = b, append(last[:0], e.Key...), n+1
		}
		switch {
		case n == 0:
		case s.reverse:
			l.hi = last
		default:
			l.lo = append(last, 0)
		}
		if l.done = n < chunk && !whole; l.done || whole {
			return nil
		}
	}
}

// placeOf finds a record by its number.
func placeOf(ctx context.Context, r kv.Reader, seq uint64) (where, bool, error) {
	list := kv.Prefix(run{term{kind: termNumber}, seq >> numberBits}.prefix())
	var found []posting
	for e, err := range r.Scan(ctx, list) {
		if err == nil {
			found, err = appendBlock(found[:0], e.Key, e.Value)
		}
		if err != nil {
			return where{}, false, err
		}
		if i := slices.IndexFunc(found, func(p posting) bool { return p.seq == seq }); i >= 0 {
			return found[i].where, true, nil
		}
	}
	return where{}, false, nil
}
