package store

import (
	"bytes"
	"context"
	"iter"
	"slices"

	"github.com/cordee-sante/cordee/fhir/kv"
)

// A stream is the resources that have one of some exact values, ordered by id:
// the merge of the postings of each value. It is read block by block.
type stream struct {
	prefixes [][]byte // one for each value
	name     string   // of the test, for _explain
	whole    []posted // everything, of a stream that is in memory; prefixes are then none

	live  []int    // prefixes that have more
	next  []byte   // where the next block begins: no id before it is of interest
	block []posted // read and not yet taken
	done  bool     // nothing after block
	arena []byte   // of the block's bytes
}

// posted is the id and the value of a posting.
type posted struct{ id, value []byte }

// A block is small at first, for a search of one page, and grows for those that
// go on.
const (
	blockLeast = 64
	blockMost  = 2048
)

// rewind makes the stream begin at the first id that is not less than from.
func (s *stream) rewind(from []byte) {
	s.block, s.done, s.next = nil, false, bytes.Clone(from)
	if s.whole != nil {
		s.block, s.done = s.whole, true
		s.skip(from)
		return
	}
	s.live = s.live[:0]
	for i := range s.prefixes {
		s.live = append(s.live, i)
	}
	s.done = len(s.live) == 0
}

// skip drops what lies before an id.
func (s *stream) skip(to []byte) {
	n := 0
	for n < len(s.block) && n < 8 && bytes.Compare(s.block[n].id, to) < 0 {
		n++
	}
	if n == 8 {
		rest, _ := slices.BinarySearchFunc(s.block[n:], to, func(p posted, id []byte) int { return bytes.Compare(p.id, id) })
		n += rest
	}
	s.block = s.block[n:]
	if len(s.block) == 0 && bytes.Compare(s.next, to) < 0 {
		s.next = append(s.next[:0], to...)
	}
}

// ranges are what fill has to read.
func (s *stream) ranges(limit int) []kv.Range {
	list := make([]kv.Range, len(s.live))
	for k, i := range s.live {
		list[k] = kv.Prefix(s.prefixes[i])
		list[k].Start = append(slices.Clip(list[k].Start), s.next...)
		list[k].Limit = limit
	}
	return list
}

// fill reads the next block of each stream, all of them in one round. What is
// certain of a stream is up to the least of the last ids of those of its values
// that have more.
func fill(ctx context.Context, r kv.Reader, streams []*stream, limit int) error {
	var ranges []kv.Range
	var owner []int
	for i, s := range streams {
		own := s.ranges(limit)
		ranges = append(ranges, own...)
		for range own {
			owner = append(owner, i)
		}
		s.block, s.arena = s.block[:0:0], s.arena[:0:0]
	}
	count, last := make([]int, len(ranges)), make([][]byte, len(ranges))
	for e, err := range r.Scan(ctx, ranges...) {
		if err != nil {
			return err
		}
		s := streams[owner[e.Range]]
		prefix := len(ranges[e.Range].Start) - len(s.next)
		p := s.keep(e.Key[prefix:], e.Value)
		s.block = append(s.block, p)
		count[e.Range]++
		last[e.Range] = p.id
	}
	first := 0
	for _, s := range streams {
		n := len(s.live)
		s.settle(count[first:first+n], last[first:first+n], limit)
		first += n
	}
	return nil
}

// keep copies a posting into the arena.
func (s *stream) keep(id, value []byte) posted {
	if n := len(id) + len(value); cap(s.arena)-len(s.arena) < n {
		s.arena = make([]byte, 0, max(2*cap(s.arena), 4096, n))
	}
	start := len(s.arena)
	s.arena = append(append(s.arena, id...), value...)
	mid := start + len(id)
	return posted{s.arena[start:mid:mid], s.arena[mid:len(s.arena):len(s.arena)]}
}

// settle orders a block that was read, and says where the next one begins.
func (s *stream) settle(count []int, last [][]byte, limit int) {
	var horizon []byte
	for k := range s.live {
		if count[k] == limit && (horizon == nil || bytes.Compare(last[k], horizon) < 0) {
			horizon = last[k]
		}
	}
	open := s.live[:0]
	for k, i := range s.live {
		if count[k] == limit || horizon != nil && bytes.Compare(last[k], horizon) > 0 {
			open = append(open, i)
		}
	}
	s.live = open
	if len(count) > 1 {
		slices.SortFunc(s.block, func(a, b posted) int { return bytes.Compare(a.id, b.id) })
		s.block = slices.CompactFunc(s.block, func(a, b posted) bool { return bytes.Equal(a.id, b.id) })
	}
	if horizon == nil {
		s.done = true
		return
	}
	end, found := slices.BinarySearchFunc(s.block, horizon, func(p posted, id []byte) int { return bytes.Compare(p.id, id) })
	if found {
		end++
	}
	s.block = s.block[:end]
	s.next = append(append(s.next[:0], horizon...), 0)
}

// meet yields what is in all streams, from an id on: they take turns in moving
// to the greatest id that any of them has reached. What it yields is of the
// first stream, and valid until the next step. limit is the size of the first block.
func meet(ctx context.Context, r kv.Reader, streams []*stream, from []byte, limit int) iter.Seq2[posted, error] {
	return func(yield func(posted, error) bool) {
		for _, s := range streams {
			s.rewind(from)
		}
		limit := limit
		target := from
		var empty []*stream
		for {
			empty = empty[:0]
			for _, s := range streams {
				if s.skip(target); len(s.block) > 0 {
					continue
				}
				if s.done {
					return
				}
				empty = append(empty, s)
			}
			if len(empty) > 0 {
				if err := fill(ctx, r, empty, limit); err != nil {
					yield(posted{}, err)
					return
				}
				limit = min(2*limit, blockMost)
				continue
			}
			greatest, all := streams[0].block[0].id, true
			for _, s := range streams[1:] {
				order := bytes.Compare(s.block[0].id, greatest)
				all = all && order == 0
				if order > 0 {
					greatest = s.block[0].id
				}
			}
			if target = greatest; !all {
				continue
			}
			if !yield(streams[0].block[0], nil) {
				return
			}
			for _, s := range streams {
				s.block = s.block[1:]
			}
			target = nil
		}
	}
}
