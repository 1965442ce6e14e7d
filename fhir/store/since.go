package store

import (
	"context"
	"iter"
	"slices"
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
	r := kv.Range{Start: feedPrefix(s.typ), End: feedKey(s.typ, uint64(s.since)*1000, ""), KeysOnly: true}
	r.End = append(r.End, 0xff) // no id begins with it
	return r
}

func (s *sinceSource) scan(ctx context.Context, r kv.Reader, after []byte) iter.Seq2[candidate, error] {
	return func(yield func(candidate, error) bool) {
		var ids []string
		for e, err := range r.Scan(ctx, s.changes()) {
			if err != nil {
				yield(candidate{}, err)
				return
			}
			if _, _, id, ok := splitFeed(e.Key); ok && id > string(after) {
				ids = append(ids, id)
			}
		}
		slices.Sort(ids)
		for _, id := range slices.Compact(ids) {
			if !yield(candidate{typ: s.typ, id: id}, nil) {
				return
			}
		}
	}
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
