package store

import (
	"context"
	"encoding/binary"
	"slices"
	"sync"

	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/recent"
)

// counts keeps what posting lists that were counted lately come to: how many
// postings there are of each facts and, where dates were asked about, when. A
// count then reads no posting (docs/adr/0022). Whatever it keeps is what the
// store holds, and what views have said of that (groups.go).
//
// All lists are known as of one stamp, which every transaction renews that writes
// a posting. The sequencer carries its own commits over to what is kept; a stamp
// that it did not expect is another process's, and drops everything. A reader
// whose snapshot has another stamp reads the postings.
type counts struct {
	mu     sync.Mutex
	kept   recent.Map[*counted]
	groups *groups
	right  uint64 // the stamp as of which all that is kept is right
	size   int

	recordings uint64 // begun
}

// countsPart is the part of the memory that the lists may take; the groups
// may take as much, and the opinions half.
const countsPart = 5

func newCounts(size int) *counts {
	k := &counts{size: size}
	k.drop()
	return k
}

func (k *counts) drop() {
	k.kept = recent.New(2*k.size/countsPart, func(key string, c *counted) int { return len(key) + c.size() })
	k.groups = newGroups(2*k.size/countsPart, k.size/countsPart)
}

// A counted is one posting list. What it holds is never changed, only replaced,
// and tail appended to: readers go on with what they have.
type counted struct {
	base  []sum     // by group
	dates *timeline // of the same postings; nil when they are not known
	tail  []carried // what was written since
	vast  bool      // there is too much to keep
	dated bool      // dates are known, or will be
	under uint64    // the recording that base and dates are to come from; 0 when it has ended
}

// A sum is how many postings there are of a group.
type sum struct{ group, n uint32 }

// A carried is one posting that was written, n = 1, or taken away, n = -1.
type carried struct {
	group uint32
	n     int
	dates string
}

// size is about what the list takes, in bytes.
func (c *counted) size() int {
	const perList, perSum, perCarried = 200, 8, 64
	return perList + perSum*cap(c.base) + perCarried*cap(c.tail) + c.dates.size()
}

const (
	tailMost    = 512     // postings that wait to be added up, at least
	carriedMost = 1 << 16 // that are written during a recording
)

// settle adds up what has been written since.
func (c *counted) settle() {
	more := map[uint32]int{}
	for _, e := range c.tail {
		more[e.group] += e.n
	}
	base := make([]sum, 0, len(c.base)+len(more))
	for _, s := range c.base {
		s.n = uint32(int(s.n) + more[s.group])
		delete(more, s.group)
		base = append(base, s)
	}
	for group, n := range more {
		base = append(base, sum{group, uint32(n)})
	}
	c.base = slices.DeleteFunc(base, func(s sum) bool { return s.n == 0 })
	if c.dates != nil {
		c.dates = c.dates.after(c.tail)
	}
	c.tail = nil
}

// A holding is what is kept of a list, as a snapshot has it.
type holding struct {
	counted
	groups *groups
	texts  []string // of the groups
}

// get returns what is kept of a list; nil when that is not as of the stamp, or
// lacks the dates that are asked for.
func (k *counts) get(list []byte, stamp uint64, dated bool) *holding {
	k.mu.Lock()
	defer k.mu.Unlock()
	c, ok := k.kept.Get(string(list))
	if !ok || k.right != stamp || stamp == 0 || c.under != 0 || dated && !c.dated {
		return nil
	}
	return &holding{*c, k.groups, k.groups.texts}
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
	nr := namedReader{names: names}
	for _, w := range posted {
		list := string(listOf(w.key))
		c, ok := k.kept.Get(list)
		if !ok {
			continue
		}
		k.kept.Delete(list) // its size changes
		if next := k.follow(&nr, c, w); next != nil {
			k.kept.Put(list, next)
		}
	}
}

// follow is a list after one of its postings was written; nil when that cannot
// be told.
func (k *counts) follow(nr *namedReader, c *counted, w write) *counted {
	if c.vast {
		return c
	}
	if w.typ == "" {
		return nil
	}
	next := *c
	for _, side := range []struct {
		value []byte
		n     int
	}{{w.was, -1}, {w.value, 1}} {
		if side.value == nil {
			continue
		}
		p, err := readPosting(nr, w.typ, side.value)
		if err != nil || c.dated && !p.dated {
			return nil
		}
		p.facts.Key.Type = w.typ
		group, ok := k.groups.number(groupText(&p.facts))
		if !ok {
			return nil
		}
		one := carried{group: group, n: side.n}
		if c.dated {
			one.dates = string(p.dates)
		}
		next.tail = append(next.tail, one)
	}
	switch n := len(next.tail); {
	case next.under != 0 && n > carriedMost:
		return nil // the recording takes too long, or was given up
	case next.under == 0 && n >= tailMost && n >= next.length()/64:
		next.settle()
	}
	return &next
}

// length is the number of entries that settle goes through.
func (c *counted) length() int { return len(c.base) + c.dates.length() }

// stamps reads those of the postings and of the policies in the snapshot of the
// execution, once.
func (x *execution) stamps() (uint64, error) {
	if x.stamped {
		return x.postings, nil
	}
	values, err := x.r.Get(x.ctx, x.sight.wantVersion([][]byte{postingsStamp})...)
	if err != nil {
		return 0, err
	}
	if err := x.sight.learn(values); err != nil {
		return 0, err
	}
	if len(values[0]) == 8 {
		x.postings = binary.BigEndian.Uint64(values[0])
	}
	x.stamped = true
	return x.postings, nil
}

// stampOf reads the stamp of all postings, 0 before there was any.
func stampOf(ctx context.Context, r kv.Reader) (uint64, error) {
	values, err := r.Get(ctx, postingsStamp)
	if err != nil || len(values[0]) != 8 {
		return 0, err
	}
	return binary.BigEndian.Uint64(values[0]), nil
}
