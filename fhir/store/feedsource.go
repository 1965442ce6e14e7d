package store

import (
	"context"
	"encoding/binary"
	"iter"
	"slices"

	"github.com/cordee-sante/cordee/fhir/kv"
)

// feedSource proposes what there is of a type by its last change, newest or oldest
// first, and what one transaction changed by id. Its positions are those of a
// search sorted by _lastUpdated.
type feedSource struct {
	typ    string
	since  int64 // UnixMilli; 0 for all that ever changed
	oldest bool  // first
	sieve  *sieve
}

func (s *feedSource) through(v *sieve) { s.sieve = v }

// isFeed reports whether the source has the order of the changes.
func isFeed(s source) bool { _, feed := s.(*feedSource); return feed }

func (s *feedSource) changes() kv.Range { return changesOf(s.typ, s.since) }

func (s *feedSource) scan(ctx context.Context, r kv.Reader, after []byte) iter.Seq2[candidate, error] {
	rng, last := s.changes(), candidate{}
	if rng.Reverse = !s.oldest; after != nil {
		last = decodeSorted(after, 1)
		last.typ = s.typ
		if len(last.keys[0]) != 8 {
			return func(func(candidate, error) bool) {}
		}
		seq := binary.BigEndian.Uint64(last.keys[0])
		if s.oldest {
			rng.Start = append(feedKey(s.typ, seq, last.id), 0)
		} else {
			rng.End = kv.PrefixEnd(feedKey(s.typ, seq, "")) // what was changed together is read again
		}
	}
	list := s.read(ctx, r, rng, after == nil)
	if s.oldest {
		return list
	}
	return func(yield func(candidate, error) bool) {
		for c, err := range byChange(list) {
			if err == nil && after != nil && c.proposes() && compareSorted(newestFirst, &c, &last) <= 0 {
				continue
			}
			if !yield(c, err) {
				return
			}
		}
	}
}

// newestFirst is the order of a descending feed.
var newestFirst = []sortKey{{code: "_lastUpdated", desc: true}} // immutable

// read proposes what is in a range of the changes.
func (s *feedSource) read(ctx context.Context, r kv.Reader, rng kv.Range, first bool) iter.Seq2[candidate, error] {
	head := feedPrefix(s.typ)
	c := course{name: string(head), lists: [][]byte{head}, reverse: rng.Reverse, front: first && rng.Reverse, held: s.sieve.change}
	from := place{key: string(rng.Start[len(head):])} // to where what is new will be
	if c.reverse {
		c.name += "\x00"
		c.end, from = from.turned(), place{string(rng.End[len(head):]), true}
	}
	c.read = func(from, end place) iter.Seq2[posted, error] {
		if c.reverse {
			from, end = end.turned(), from.turned()
		}
		part := rng
		part.Start = append(slices.Clip(head), from.start()...)
		if end != (place{}) {
			part.End = append(slices.Clip(head), end.start()...)
		}
		return func(yield func(posted, error) bool) {
			for e, err := range r.Scan(ctx, part) {
				if err != nil {
					yield(posted{}, err)
					return
				}
				if !yield(posted{e.Key[len(head):], e.Value}, nil) {
					return
				}
			}
		}
	}
	return s.proposed(s.sieve.along(c, from))
}

// proposed makes candidates of changes. One without an id makes the zero candidate.
func (s *feedSource) proposed(list iter.Seq2[posted, error]) iter.Seq2[candidate, error] {
	return func(yield func(candidate, error) bool) {
		for e, err := range list {
			if err == nil && e.id == nil {
				if !yield(candidate{}, nil) {
					return
				}
				continue
			}
			var f feedEntry
			if err == nil {
				f, err = readFeed(s.typ, e.id, e.value)
			}
			c := candidate{typ: s.typ, id: f.id, facts: f.facts, keys: [][]byte{seqBytes(f.seq)}}
			if !yield(c, err) || err != nil {
				return
			}
		}
	}
}

// byChange turns around each run of what was changed together: read backwards, it
// comes from the last id to the first.
func byChange(list iter.Seq2[candidate, error]) iter.Seq2[candidate, error] {
	return func(yield func(candidate, error) bool) {
		var run []candidate
		flush := func() bool {
			slices.Reverse(run)
			for _, c := range run {
				if !yield(c, nil) {
					return false
				}
			}
			run = run[:0]
			return true
		}
		for c, err := range list {
			if err != nil {
				yield(c, err)
				return
			}
			if !c.proposes() {
				if !yield(c, nil) {
					return
				}
				continue
			}
			if len(run) > 0 && string(run[0].keys[0]) != string(c.keys[0]) && !flush() {
				return
			}
			run = append(run, c)
		}
		flush()
	}
}
