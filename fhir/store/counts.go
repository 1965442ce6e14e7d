package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"slices"
	"sync"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/recent"
)

// counts keeps, of posting lists that were counted lately, how many postings
// there are of each facts: a count then asks the view about those and reads no
// posting. Whatever it keeps is what the store holds, and nobody's view of it.
//
// All lists are known as of one stamp, which every transaction renews that writes
// a posting. The sequencer carries its own commits over to what is kept; a stamp
// that it did not expect is another process's, and drops everything. A reader
// whose snapshot has another stamp reads the postings.
type counts struct {
	mu    sync.Mutex
	kept  recent.Map[*counted]
	right uint64 // the stamp as of which all that is kept is right
	size  int    // of kept
}

// A counted is one posting list.
type counted struct {
	facts []fhir.Facts // without Key.ID
	n     []int        // of each facts
	index map[string]int
	size  int
}

func newCounts(size int) *counts {
	k := &counts{size: size}
	k.drop()
	return k
}

func (k *counts) drop() {
	k.kept = recent.New(k.size, func(key string, c *counted) int { return len(key) + c.size })
}

func newCounted() *counted { return &counted{index: map[string]int{}} }

// add counts n more postings of some facts.
func (c *counted) add(facts *fhir.Facts, n int) {
	canonical := string(appendFacts(nil, facts))
	i, known := c.index[canonical]
	if !known {
		i = len(c.facts)
		c.index[canonical] = i
		c.facts, c.n = append(c.facts, *facts), append(c.n, 0)
		c.size += 2*len(canonical) + 160
	}
	c.n[i] += n
}

// countable is the one posting list that a count adds up; nil when there are
// several, or further tests.
func (x *execution) countable(p *plan, s postings) []byte {
	points, ok := s.(*pointSource)
	if !ok || x.kept == nil || len(p.tests) > 0 || len(points.streams) != 1 || len(points.streams[0].prefixes) != 1 {
		return nil
	}
	return points.streams[0].prefixes[0]
}

// recall counts by what is kept. It reports false when nothing is, when that has
// more different facts than most, or when the view does not judge by facts alone.
func (x *execution) recall(p *plan, most int) (bool, error) {
	s, counted := x.tallies(p)
	if !counted {
		return false, nil
	}
	list := x.countable(p, s)
	if list == nil {
		return false, nil
	}
	stamp, err := x.stamp()
	if err != nil {
		return false, err
	}
	facts, n := x.store.counts.get(list, stamp)
	if len(facts) == 0 || len(facts) > most {
		return false, nil
	}
	proposed, seen := 0, 0
	for len(facts) > 0 {
		if err := x.ctx.Err(); err != nil {
			return false, err
		}
		part := min(len(facts), tallied)
		alike, err := x.sight.alike(facts[:part])
		if err != nil || slices.Contains(alike, false) {
			return false, err
		}
		visible, err := x.sight.sees(facts[:part])
		if err != nil {
			return false, err
		}
		for i, v := range visible {
			proposed += n[i]
			if v {
				seen += n[i]
			}
		}
		facts, n = facts[part:], n[part:]
	}
	p.proposed, p.matched, p.passed, p.seen = p.proposed+proposed, p.matched+proposed, p.passed+proposed, p.seen+seen
	x.total += seen
	return true, nil
}

// get returns what is kept of a list; nil when that is not as of the stamp.
func (k *counts) get(list []byte, stamp uint64) ([]fhir.Facts, []int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	c, ok := k.kept.Get(string(list))
	if !ok || k.right != stamp {
		return nil, nil
	}
	return slices.Clip(c.facts), slices.Clone(c.n)
}

// put keeps what was read of a list in a snapshot of the stamp.
func (k *counts) put(list []byte, stamp uint64, c *counted) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.right == 0 {
		k.right = stamp
	}
	if k.right == stamp && stamp != 0 && len(c.facts) > 0 {
		k.kept.Put(string(list), c)
	}
}

// carry takes over a transaction that is durable: the stamps before and after
// it, and what it wrote of postings.
func (k *counts) carry(names *naming, before, after uint64, posted []write) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.right != before {
		k.drop()
	}
	k.right = after
	if k.kept.Empty() {
		return
	}
	for _, w := range posted {
		list := string(w.key[:bytes.IndexByte(w.key[5:], 0)+6])
		c, ok := k.kept.Get(list)
		if !ok {
			continue
		}
		k.kept.Delete(list) // what an update changed or a deletion took away is counted anew
		d := decoder{b: w.value}
		nr := namedReader{names: names}
		if facts := nr.read(&d); w.fresh && !d.bad {
			facts.Key.Type = c.facts[0].Key.Type
			c.add(&facts, 1)
			k.kept.Put(list, c)
		}
	}
}

// stamp is that of the postings in the snapshot of the execution, read once.
func (x *execution) stamp() (uint64, error) {
	if x.stamped {
		return x.postings, nil
	}
	var err error
	x.postings, err = stampOf(x.ctx, x.r)
	x.stamped = err == nil
	return x.postings, err
}

// stampOf reads the stamp of all postings, 0 before there was any.
func stampOf(ctx context.Context, r kv.Reader) (uint64, error) {
	values, err := r.Get(ctx, postingsStamp)
	if err != nil || len(values[0]) != 8 {
		return 0, err
	}
	return binary.BigEndian.Uint64(values[0]), nil
}
