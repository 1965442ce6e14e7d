package badger

import (
	"bytes"
	"context"

	"github.com/cordee-sante/cordee/fhir/kv"
)

// A scan is one loop over some ranges. It seeks each with one iterator per
// direction, borrowed from the snapshot.
type scan struct {
	snapshot *snapshot
	find     func(key []byte) (entry, error) // for the chunks of large values
	own      overlay                         // what the transaction has written; empty in a View
	ctx      context.Context
	yield    func(kv.Entry, error) bool

	iterators [2]*iterator // by direction
	sinceCtx  int          // entries since the last look at the context
	buf       []byte       // for values that are compressed
}

// run yields the entries of the ranges.
func (s *scan) run(ranges []kv.Range) {
	defer func() {
		for i, it := range s.iterators {
			if it != nil {
				s.snapshot.giveBack(it, i == 1)
			}
		}
	}()
	for i, rg := range ranges {
		if err := s.ctx.Err(); err != nil {
			s.yield(kv.Entry{}, err)
			return
		}
		if !s.scan(boundsOf(i, rg)) {
			return
		}
	}
}

// bounds are a range in stored keys.
type bounds struct {
	kv.Range
	index      int
	start, end []byte // end is never nil
}

func boundsOf(index int, rg kv.Range) bounds {
	b := bounds{Range: rg, index: index, start: stored(rg.Start), end: firstOurs}
	if rg.End != nil {
		b.end = stored(rg.End)
	}
	return b
}

// beyond tells whether a walk of the range has left it at the stored key.
func (b *bounds) beyond(key []byte) bool {
	if b.Reverse {
		return bytes.Compare(key, b.start) < 0
	}
	return bytes.Compare(key, b.end) >= 0
}

// scan yields one range and reports whether the loop goes on.
func (s *scan) scan(b bounds) bool {
	if bytes.Compare(b.start, b.end) >= 0 {
		return true
	}
	it := s.seek(b)
	if len(s.own.ops) > 0 {
		return s.merge(it, b)
	}
	for n := 0; it.Valid() && (b.Limit <= 0 || n < b.Limit); n++ {
		item := it.Item()
		if b.beyond(item.Key()) {
			break
		}
		if n == longScan && !b.Reverse {
			return s.goOn(b, item.Key())
		}
		e := entry{key: item.Key()}
		if !b.KeysOnly {
			var err error
			if e, err = entryOf(item); err != nil {
				s.yield(kv.Entry{}, err)
				return false
			}
		}
		if !s.emit(&b, e) {
			return false
		}
		it.Next()
	}
	return true
}

// seek returns an iterator at the first key of the range in its direction.
func (s *scan) seek(b bounds) *iterator {
	it := s.iterators[direction(b.Reverse)]
	if it == nil {
		it = s.snapshot.borrow(b.Reverse)
		s.iterators[direction(b.Reverse)] = it
	}
	if !b.Reverse {
		it.Seek(b.start)
		return it
	}
	it.Seek(b.end)
	if it.Valid() && bytes.Equal(it.Item().Key(), b.end) {
		it.Next()
	}
	return it
}

// emit yields an entry and reports whether the loop goes on.
func (s *scan) emit(b *bounds, e entry) bool {
	if s.sinceCtx++; s.sinceCtx == checkEvery {
		s.sinceCtx = 0
		if err := s.ctx.Err(); err != nil {
			s.yield(kv.Entry{}, err)
			return false
		}
	}
	out := kv.Entry{Range: b.index, Key: original(e.key)}
	if !b.KeysOnly {
		var err error
		if out.Value, err = s.value(e); err != nil {
			s.yield(kv.Entry{}, err)
			return false
		}
	}
	return s.yield(out, nil)
}

// value returns the value of an entry, valid until the next.
func (s *scan) value(e entry) ([]byte, error) {
	if e.form == 0 {
		return e.value, nil
	}
	if e.form&large != 0 {
		var err error
		if e, err = e.gather(s.find); err != nil {
			return nil, err
		}
	}
	value, err := e.unpack(s.buf)
	if e.form&compressed != 0 {
		s.buf = value
	}
	return value, err
}
