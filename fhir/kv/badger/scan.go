package badger

import (
	"bytes"
	"context"

	dgraph "github.com/dgraph-io/badger/v4"

	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/kv/internal/treap"
)

// A scan is one loop over some ranges.
type scan struct {
	*reader
	ctx   context.Context
	yield func(kv.Entry, error) bool
	own   overlay // what the transaction has written; empty in a View

	iterators [2]*iterator // borrowed from the snapshot, by direction
	sinceCtx  int          // entries since the last look at the context
}

// bounds are a range in stored keys.
type bounds struct {
	kv.Range
	index      int
	start, end []byte // end is never nil
}

// run yields one range and reports whether the loop goes on.
func (s *scan) run(index int, rg kv.Range) bool {
	if err := s.ctx.Err(); err != nil {
		s.yield(kv.Entry{}, err)
		return false
	}
	b := bounds{Range: rg, index: index, start: stored(rg.Start), end: firstOurs}
	if rg.End != nil {
		b.end = stored(rg.End)
	}
	if bytes.Compare(b.start, b.end) >= 0 {
		return true
	}
	it := s.iterator(rg.Reverse)
	seek(it, b)
	if s.own.Len() > 0 {
		return s.merge(it, b)
	}
	for n := 0; it.Valid() && (rg.Limit <= 0 || n < rg.Limit); n++ {
		item := it.Item()
		if b.beyond(item.Key()) {
			break
		}
		if !s.emit(b, item) {
			return false
		}
		it.Next()
	}
	return true
}

func (s *scan) iterator(reverse bool) *iterator {
	it := &s.iterators[direction(reverse)]
	if *it == nil {
		*it = s.snapshot.borrow(reverse)
	}
	return *it
}

// close gives the iterators back.
func (s *scan) close() {
	for i, it := range s.iterators {
		if it != nil {
			s.snapshot.giveBack(it, i == 1)
		}
	}
}

// seek moves to the first key of the range in its direction.
func seek(it *iterator, b bounds) {
	if !b.Reverse {
		it.Seek(b.start)
		return
	}
	it.Seek(b.end)
	if it.Valid() && bytes.Equal(it.Item().Key(), b.end) {
		it.Next()
	}
}

// beyond tells whether a walk of the range has left it at the stored key.
func (b bounds) beyond(key []byte) bool {
	if b.Reverse {
		return bytes.Compare(key, b.start) < 0
	}
	return bytes.Compare(key, b.end) >= 0
}

// emit yields an item of Badger and reports whether the loop goes on.
func (s *scan) emit(b bounds, item *dgraph.Item) bool {
	if !s.look() {
		return false
	}
	e := kv.Entry{Range: b.index, Key: original(item.Key())}
	if !b.KeysOnly {
		var err error
		if e.Value, err = s.value(item); err != nil {
			s.yield(kv.Entry{}, err)
			return false
		}
	}
	return s.yield(e, nil)
}

// look checks the context now and then.
func (s *scan) look() bool {
	if s.sinceCtx++; s.sinceCtx < checkEvery {
		return true
	}
	s.sinceCtx = 0
	if err := s.ctx.Err(); err != nil {
		s.yield(kv.Entry{}, err)
		return false
	}
	return true
}

// merge yields the range with what the transaction has written in it, which
// hides what the snapshot has under the same keys.
func (s *scan) merge(it *iterator, b bounds) bool {
	own := s.own.Seek(b.from(), b.Reverse)
	for n := 0; b.Limit <= 0 || n < b.Limit; {
		theirs := it.Valid() && !b.beyond(it.Item().Key())
		ours := own.Valid() && !b.beyond(own.Key())
		order := 0
		switch {
		case !theirs && !ours:
			return true
		case theirs && ours:
			if order = bytes.Compare(it.Item().Key(), own.Key()); b.Reverse {
				order = -order
			}
		case theirs:
			order = -1
		default:
			order = 1
		}
		if order < 0 {
			if !s.emit(b, it.Item()) {
				return false
			}
			n++
			it.Next()
			continue
		}
		if order == 0 {
			it.Next()
		}
		if own.Value() != nil {
			if !s.emitOwn(b, own) {
				return false
			}
			n++
		}
		own.Next()
	}
	return true
}

func (b bounds) from() []byte {
	if b.Reverse {
		return b.end
	}
	return b.start
}

func (s *scan) emitOwn(b bounds, own *treap.Cursor[[]byte]) bool {
	if !s.look() {
		return false
	}
	e := kv.Entry{Range: b.index, Key: original(own.Key())}
	if !b.KeysOnly {
		e.Value = own.Value()
	}
	return s.yield(e, nil)
}
