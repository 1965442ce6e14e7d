package store

import (
	"container/heap"
	"context"
	"iter"
	"sort"
	"strings"
	"time"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/search"
)

// sinceSource proposes what has changed since a moment, by id: what a platform
// asks for that keeps up with a store (_lastUpdated=gt…). The history of a type
// is ordered by sequence numbers, and these are never behind the time of their
// change (sequencer.attempt).
type sinceSource struct {
	typ   string
	since int64 // UnixMilli
}

func (s *sinceSource) changes() kv.Range {
	r := kv.Range{Start: feedPrefix(s.typ), End: feedKey(s.typ, uint64(s.since)*1000, "")}
	r.End = append(r.End, 0xff) // no id begins with it
	return r
}

// scan reads all changes, and puts as many in the order of ids as it is asked
// for. The newest change of a resource is its current version.
func (s *sinceSource) scan(ctx context.Context, r kv.Reader, after []byte) iter.Seq2[candidate, error] {
	return func(yield func(candidate, error) bool) {
		var list changes
		for e, err := range r.Scan(ctx, s.changes()) {
			if err == nil {
				err = list.read(e, after)
			}
			if err != nil {
				yield(candidate{}, err)
				return
			}
		}
		heap.Init(&list)
		var fr factsReader
		for last := ""; list.Len() > 0; {
			next := heap.Pop(&list).(changed)
			if next.id == last {
				continue
			}
			last = next.id
			c, live := next.candidate(&fr, s.typ)
			if live && !yield(c, nil) {
				return
			}
		}
	}
}

// A changed is an entry of a type's history: its place there, and its value.
type changed struct {
	id    string
	place int
	value []byte
}

// candidate is what an entry proposes, nothing when it is a deletion.
func (e *changed) candidate(fr *factsReader, typ string) (c candidate, live bool) {
	d := decoder{b: e.value}
	d.uvarint() // version
	effect := fhir.Effect(d.byte())
	c = candidate{typ: typ, id: e.id, facts: fr.read(&d)}
	c.facts.Key = fhir.Key{Type: typ, ID: e.id}
	return c, !d.bad && effect != fhir.Deleted
}

// changes is a heap of entries, by id and newest first.
type changes struct {
	list  []changed
	arena []byte
}

// read takes an entry that comes after an id.
func (h *changes) read(e kv.Entry, after []byte) error {
	_, _, id, ok := splitFeed(e.Key)
	if !ok {
		return corrupt("history key")
	}
	if id <= string(after) {
		return nil
	}
	if cap(h.arena)-len(h.arena) < len(e.Value) {
		h.arena = make([]byte, 0, max(1<<16, len(e.Value)))
	}
	start := len(h.arena)
	h.arena = append(h.arena, e.Value...)
	h.list = append(h.list, changed{id, len(h.list), h.arena[start:len(h.arena):len(h.arena)]})
	return nil
}

func (h *changes) Len() int      { return len(h.list) }
func (h *changes) Swap(i, j int) { h.list[i], h.list[j] = h.list[j], h.list[i] }
func (h *changes) Push(x any)    { h.list = append(h.list, x.(changed)) }

func (h *changes) Less(i, j int) bool {
	a, b := &h.list[i], &h.list[j]
	return a.id < b.id || a.id == b.id && a.place < b.place
}

func (h *changes) Pop() any {
	last := len(h.list) - 1
	e := h.list[last]
	h.list = h.list[:last]
	return e
}

// sinceOf is the moment, UnixMilli, from which on all that matches a parameter
// was changed; 0 for one that says none.
func sinceOf(param fhir.Param, pred *search.Predicate) int64 {
	if param.Code != "_lastUpdated" || param.Modifier != "" || param.Compare != "" || len(param.Values) != 1 {
		return 0
	}
	switch v := param.Values[0]; {
	case strings.HasPrefix(v, "gt"), strings.HasPrefix(v, "ge"), strings.HasPrefix(v, "sa"):
	default:
		return 0
	}
	const end = 1 << 48 // some thousand years on
	first := sort.Search(end, func(ms int) bool { return pred.Row(search.InstantValue(time.UnixMilli(int64(ms)))) })
	if first == end {
		return 0
	}
	return int64(first)
}

// changes makes what was changed since the moment that the tests name a source
// of the plan; nil when they name none, or when another order is asked for.
func (p *plan) changes() *sinceSource {
	s := &sinceSource{typ: p.typ}
	for i := range p.all {
		s.since = max(s.since, p.all[i].since)
	}
	if _, same := p.source.(*sinceSource); same || s.since == 0 || p.order != nil {
		return nil
	}
	return s
}
