package audit

import (
	"context"

	"github.com/cordee-sante/cordee/fhir/kv"
)

// chunk is how many postings of one list are read at a time.
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
	lo, hi []byte // keys still to be read, lo included
	buf    []posting
	done   bool
}

type posting struct {
	moment
	where
}

// newStream opens the lists of the terms between two moments, both included.
func newStream(r kv.Reader, terms []term, from, to moment, reverse bool) *stream {
	s := &stream{reader: r, reverse: reverse}
	for _, t := range terms {
		s.lists = append(s.lists, list{lo: from.append(t.prefix()), hi: append(to.append(t.prefix()), 0)})
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

// fill reads the next chunk of a list that has run empty.
func (s *stream) fill(ctx context.Context, l *list) error {
	if len(l.buf) > 0 || l.done {
		return nil
	}
	var last []byte
	for e, err := range s.reader.Scan(ctx, kv.Range{Start: l.lo, End: l.hi, Reverse: s.reverse, Limit: chunk}) {
		if err != nil {
			return err
		}
		w, err := whereOf(e.Value)
		if err != nil {
			return err
		}
		l.buf = append(l.buf, posting{momentOf(e.Key), w})
		last = append(last[:0], e.Key...)
	}
	switch {
	case len(l.buf) < chunk:
		l.done = true
	case s.reverse:
		l.hi = last
	default:
		l.lo = append(last, 0)
	}
	return nil
}
