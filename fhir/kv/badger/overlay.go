package badger

import (
	"bytes"
	"cmp"
	"slices"
	"sort"
)

// An overlay has the writes of a transaction in the order of their keys, as a
// log-structured tree would: runs of them, each sorted once, of which two of like
// length become one. That costs a tenth of a search tree that is built key by
// key, for some thousand writes between a few scans. An overlay is immutable.
type overlay struct {
	ops  []entry // those that it knows, in the order in which they came
	runs []run   // the later hide the earlier
}

// A run has the numbers of ops in the order of their keys, no key twice.
type run []int32

// with returns the overlay of ops, which begin with those that it knows.
func (o overlay) with(ops []entry) overlay {
	if len(ops) == len(o.ops) {
		return o
	}
	next := make(run, len(ops)-len(o.ops))
	for i := range next {
		next[i] = int32(len(o.ops) + i)
	}
	slices.SortFunc(next, func(a, b int32) int {
		if c := bytes.Compare(ops[a].key, ops[b].key); c != 0 {
			return c
		}
		return cmp.Compare(b, a) // the latest first: it is the one that stays
	})
	next = slices.CompactFunc(next, func(a, b int32) bool { return bytes.Equal(ops[a].key, ops[b].key) })
	runs := slices.Clone(o.runs)
	for len(runs) > 0 && len(runs[len(runs)-1]) < 2*len(next) {
		next = join(ops, runs[len(runs)-1], next)
		runs = runs[:len(runs)-1]
	}
	return overlay{ops, append(runs, next)}
}

// join merges two runs; the later one has the word.
func join(ops []entry, earlier, later run) run {
	both := make(run, 0, len(earlier)+len(later))
	for len(earlier) > 0 && len(later) > 0 {
		c := bytes.Compare(ops[earlier[0]].key, ops[later[0]].key)
		if c >= 0 {
			both, later = append(both, later[0]), later[1:]
		} else {
			both = append(both, earlier[0])
		}
		if c <= 0 {
			earlier = earlier[1:]
		}
	}
	return append(append(both, earlier...), later...)
}

// from returns the place in a run of the first key that is not less than key.
func (o overlay) from(r run, key []byte) int {
	return sort.Search(len(r), func(i int) bool { return bytes.Compare(o.ops[r[i]].key, key) >= 0 })
}

// get returns the last write of a key and whether there is one.
func (o overlay) get(key []byte) (entry, bool) {
	for _, r := range slices.Backward(o.runs) {
		if i := o.from(r, key); i < len(r) && bytes.Equal(o.ops[r[i]].key, key) {
			return o.ops[r[i]], true
		}
	}
	return entry{}, false
}

// A cursor walks the keys of an overlay in one direction.
type cursor struct {
	overlay
	left    []run // of each run what is still to come; in reverse its end is next
	reverse bool
	at      entry
	valid   bool
}

// seek returns a cursor at the first key that is not less than key; in reverse,
// at the last key that is less.
func (o overlay) seek(key []byte, reverse bool) *cursor {
	c := &cursor{overlay: o, left: make([]run, len(o.runs)), reverse: reverse}
	for i, r := range o.runs {
		if n := o.from(r, key); reverse {
			c.left[i] = r[:n]
		} else {
			c.left[i] = r[n:]
		}
	}
	c.next()
	return c
}

// next moves to the next key, in reverse to the one before.
func (c *cursor) next() {
	c.valid = false
	for _, r := range c.left { // of those with one key the last stays
		if len(r) == 0 {
			continue
		}
		e := c.ops[c.head(r)]
		if order := bytes.Compare(e.key, c.at.key); !c.valid || order == 0 || order < 0 != c.reverse {
			c.at, c.valid = e, true
		}
	}
	if !c.valid {
		return
	}
	for i, r := range c.left {
		if len(r) == 0 || !bytes.Equal(c.ops[c.head(r)].key, c.at.key) {
			continue
		}
		if c.reverse {
			c.left[i] = r[:len(r)-1]
		} else {
			c.left[i] = r[1:]
		}
	}
}

// head is the next of a run.
func (c *cursor) head(r run) int32 {
	if c.reverse {
		return r[len(r)-1]
	}
	return r[0]
}
