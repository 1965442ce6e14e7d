package store

import (
	"bytes"
	"container/heap"
	"context"
	"iter"
	"sort"
	"time"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/search"
)

// sinceSource proposes what has changed since a moment, by id, for which it holds
// some hundred bytes of each: what a platform asks for that keeps up with a store
// (_lastUpdated=gt…). Last changes are ordered by sequence numbers, and these are
// never behind the time of their change (sequencer.attempt).
type sinceSource struct {
	typ   string
	since int64 // UnixMilli

	found int // changes, once they are read
}

func (s *sinceSource) changes() kv.Range { return changesOf(s.typ, s.since) }

// changesOf are the last changes of what there is of a type from a moment (UnixMilli)
// on; all of them for 0.
func changesOf(typ string, since int64) kv.Range {
	return kv.Range{Start: feedKey(typ, uint64(since)*1000, ""), End: append(feedPrefix(typ), 0xff)} // greater than any seq
}

// scan reads all changes, and puts as many in the order of ids as it is asked
// for.
func (s *sinceSource) scan(ctx context.Context, r kv.Reader, after []byte) iter.Seq2[candidate, error] {
	return func(yield func(candidate, error) bool) {
		list := changes{head: len(feedPrefix(s.typ)) + 8}
		for e, err := range r.Scan(ctx, s.changes()) {
			if err == nil {
				err = list.read(e, after)
			}
			if err != nil {
				yield(candidate{}, err)
				return
			}
		}
		s.found = list.Len()
		heap.Init(&list)
		var fr factsReader
		for list.Len() > 0 {
			next := list.next()
			if c, err := next.candidate(&fr, s.typ); !yield(c, err) || err != nil {
				return
			}
		}
	}
}

// A changed is the last change of a resource.
type changed struct{ id, value []byte }

func (e *changed) candidate(fr *factsReader, typ string) (c candidate, err error) {
	d := decoder{b: e.value}
	d.uvarint() // version
	d.byte()    // effect
	c = candidate{typ: typ, id: string(e.id), facts: fr.read(&d)}
	if c.facts.Key = (fhir.Key{Type: typ, ID: c.id}); d.bad {
		err = corrupt("history of a %s", typ)
	}
	return c, err
}

// changes is a heap of entries, by id.
type changes struct {
	head  int // bytes of a key before the id
	list  []changed
	arena []byte
}

// read takes an entry that comes after an id.
func (h *changes) read(e kv.Entry, after []byte) error {
	if len(e.Key) <= h.head {
		return corrupt("history key")
	}
	id := e.Key[h.head:]
	if bytes.Compare(id, after) <= 0 {
		return nil
	}
	if n := len(id) + len(e.Value); cap(h.arena)-len(h.arena) < n {
		h.arena = make([]byte, 0, max(1<<16, n))
	}
	start := len(h.arena)
	mid := start + len(id)
	h.arena = append(append(h.arena, id...), e.Value...)
	h.list = append(h.list, changed{h.arena[start:mid:mid], h.arena[mid:len(h.arena):len(h.arena)]})
	return nil
}

// next takes the first entry.
func (h *changes) next() changed {
	first, last := h.list[0], len(h.list)-1
	h.list[0], h.list = h.list[last], h.list[:last]
	if last > 0 {
		heap.Fix(h, 0)
	}
	return first
}

func (h *changes) Len() int           { return len(h.list) }
func (h *changes) Swap(i, j int)      { h.list[i], h.list[j] = h.list[j], h.list[i] }
func (h *changes) Less(i, j int) bool { return bytes.Compare(h.list[i].id, h.list[j].id) < 0 }

// Push and Pop are not used: what is read is made a heap at once (heap.Interface).
func (h *changes) Push(any) {}
func (h *changes) Pop() any { return nil }

// sinceOf is the moment, UnixMilli, from which on all that matches a parameter
// was changed; 0 for one that says none.
func sinceOf(param fhir.Param, pred *search.Predicate) int64 {
	if !asksSince(param) {
		return 0
	}
	const end = 1 << 48 // some thousand years on
	first := sort.Search(end, func(ms int) bool { return pred.Row(search.InstantValue(time.UnixMilli(int64(ms)))) })
	if first == end {
		return 0
	}
	return int64(first)
}

// changes makes what was changed since the moment that the tests name another
// source of the plan, in the order that it asks for; nil when they name none.
func (p *plan) changes() latest {
	since := p.since()
	if since == 0 {
		return nil
	}
	if p.byChange() {
		if s, same := p.source.(*feedSource); same && s.since == since {
			return nil
		}
		return &feedSource{typ: p.typ, since: since, oldest: !p.order[0].desc}
	}
	if _, same := p.source.(*sinceSource); same || p.order != nil {
		return nil
	}
	return &sinceSource{typ: p.typ, since: since}
}

// latest is a source that is the latest changes.
type latest interface {
	source
	changes() kv.Range
	ahead() int // what it costs to read of each before the first is proposed
}

// since is the latest moment that the tests name; 0 for none.
func (p *plan) since() (since int64) {
	for i := range p.all {
		since = max(since, p.all[i].since)
	}
	return since
}

// byChange reports whether the order is that of the changes.
func (p *plan) byChange() bool { return len(p.order) == 1 && p.order[0].code == "_lastUpdated" }

func (s *sinceSource) ahead() int { return costChange }
func (s *feedSource) ahead() int  { return 0 }
