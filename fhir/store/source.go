package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"iter"
	"slices"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/search"
)

// A candidate is a resource that a source proposes. What the source happens to
// have read of it comes along, so that it is not read again.
type candidate struct {
	typ, id string
	facts   fhir.Facts // zero when the source does not know them: their Key is then empty
	rows    *rows      // likewise nil; valid until the source's next step
	tested  bool       // its rows passed the tests already
	version uint64     // the version a feedSource found; 0 for the current one
	keys    [][]byte   // what it sorts by, when sorted
}

func (c *candidate) known() bool { return c.facts.Key.ID != "" }

// A source proposes candidates after a position. A search that is not sorted is
// ordered by id, whatever its source: the choice of a source rests on estimates,
// which count withheld records too, and must not show.
type source interface {
	scan(ctx context.Context, r kv.Reader, after []byte) iter.Seq2[candidate, error]
}

// idSource proposes the ids of an _id parameter, in order.
type idSource struct {
	typ string
	ids []string // sorted
}

func (s *idSource) scan(_ context.Context, _ kv.Reader, after []byte) iter.Seq2[candidate, error] {
	return func(yield func(candidate, error) bool) {
		for _, id := range s.ids {
			if id > string(after) && !yield(candidate{typ: s.typ, id: id}, nil) {
				return
			}
		}
	}
}

// typeSource proposes everything of a type, by id.
type typeSource struct{ typ string }

func (s *typeSource) scan(ctx context.Context, r kv.Reader, after []byte) iter.Seq2[candidate, error] {
	return func(yield func(candidate, error) bool) {
		rng := kv.Prefix(currentPrefix(s.typ))
		if after != nil {
			rng.Start = append(currentKey(s.typ, string(after)), 0)
		}
		for e, err := range r.Scan(ctx, rng) {
			if err != nil {
				yield(candidate{}, err)
				return
			}
			id := lastName(e.Key)
			rec, err := decodeRecord(s.typ, id, e.Value)
			if err == nil && rec.effect == fhir.Deleted {
				continue
			}
			if err != nil {
				yield(candidate{}, err)
				return
			}
			if !yield(candidate{typ: s.typ, id: id, facts: rec.facts}, nil) {
				return
			}
		}
	}
}

// patientSource proposes everything of a type in the compartments of some
// patients, with its rows. For one patient it is ordered by id and goes on from
// a position; for several it is to be sorted, and may propose a resource twice.
type patientSource struct {
	typ      string
	patients []string
}

func (s *patientSource) scan(ctx context.Context, r kv.Reader, after []byte) iter.Seq2[candidate, error] {
	return func(yield func(candidate, error) bool) {
		ranges := make([]kv.Range, len(s.patients))
		for i, p := range s.patients {
			ranges[i] = kv.Prefix(rowsPrefix(p, s.typ))
			if after != nil {
				ranges[i].Start = append(rowsKey(p, s.typ, string(after)), 0)
			}
		}
		var rr rowsReader
		for e, err := range r.Scan(ctx, ranges...) {
			if err != nil {
				yield(candidate{}, err)
				return
			}
			id := lastName(e.Key)
			rs, err := rr.read(s.typ, id, e.Value)
			if err != nil {
				yield(candidate{}, err)
				return
			}
			if !yield(candidate{typ: s.typ, id: id, facts: rs.facts, rows: rs}, nil) {
				return
			}
		}
	}
}

// pointSource proposes the resources that have one of some exact values, by
// id: the merge of one ordered stream for each value.
type pointSource struct {
	typ      string
	prefixes [][]byte // one for each value, sorted
}

func newPointSource(typ string, t test) *pointSource {
	s := &pointSource{typ: typ}
	for _, p := range t.any {
		for _, r := range p.Ranges {
			s.prefixes = append(s.prefixes, pointPrefix(postingID(typ, p.Param), r.Lo))
		}
	}
	slices.SortFunc(s.prefixes, bytes.Compare)
	return s
}

func (s *pointSource) scan(ctx context.Context, r kv.Reader, after []byte) iter.Seq2[candidate, error] {
	if len(s.prefixes) > 1 {
		return s.merge(ctx, r, after)
	}
	return func(yield func(candidate, error) bool) {
		if len(s.prefixes) == 0 {
			return
		}
		var fr factsReader
		for e, err := range r.Scan(ctx, s.from(0, after, 0)) {
			if err != nil {
				yield(candidate{}, err)
				return
			}
			c, err := s.candidate(&fr, e, 0)
			if !yield(c, err) || err != nil {
				return
			}
		}
	}
}

// from is the range of one value after an id.
func (s *pointSource) from(i int, after []byte, limit int) kv.Range {
	rng := kv.Prefix(s.prefixes[i])
	if after != nil {
		rng.Start = append(append(slices.Clone(s.prefixes[i]), after...), 0)
	}
	rng.Limit = limit
	return rng
}

func (s *pointSource) candidate(fr *factsReader, e kv.Entry, i int) (candidate, error) {
	d := decoder{b: e.Value}
	facts := fr.read(&d)
	id := string(e.Key[len(s.prefixes[i]):])
	facts.Key = fhir.Key{Type: s.typ, ID: id}
	if d.bad {
		return candidate{}, corrupt("posting of a %s", s.typ)
	}
	return candidate{typ: s.typ, id: id, facts: facts}, nil
}

// mergeStep is how much of each value's stream one round of a merge reads.
const mergeStep = 64

// merge reads a step of every stream in one round, and yields what is certain:
// up to the least of the last ids of those that have more.
func (s *pointSource) merge(ctx context.Context, r kv.Reader, after []byte) iter.Seq2[candidate, error] {
	return func(yield func(candidate, error) bool) {
		live := make([]int, len(s.prefixes))
		for i := range live {
			live[i] = i
		}
		var fr factsReader
		for len(live) > 0 {
			ranges := make([]kv.Range, len(live))
			for k, i := range live {
				ranges[k] = s.from(i, after, mergeStep)
			}
			var found []candidate
			count, last := make([]int, len(live)), make([]string, len(live))
			for e, err := range r.Scan(ctx, ranges...) {
				if err != nil {
					yield(candidate{}, err)
					return
				}
				c, err := s.candidate(&fr, e, live[e.Range])
				if err != nil {
					yield(candidate{}, err)
					return
				}
				found = append(found, c)
				count[e.Range]++
				last[e.Range] = c.id
			}
			horizon, open := "", live[:0:0]
			for k, i := range live {
				if count[k] < mergeStep {
					continue
				}
				if open = append(open, i); horizon == "" || last[k] < horizon {
					horizon = last[k]
				}
			}
			slices.SortFunc(found, func(a, b candidate) int { return compareText(a.id, b.id) })
			before := ""
			for _, c := range found {
				if c.id == before || horizon != "" && c.id > horizon {
					continue
				}
				before = c.id
				if !yield(c, nil) {
					return
				}
			}
			if horizon == "" {
				return
			}
			after = []byte(horizon)
		}
	}
}

func compareText(a, b string) int {
	if a < b {
		return -1
	} else if a > b {
		return 1
	}
	return 0
}

// rangeSource proposes the resources that have a value within some ranges, by
// value: it is to be sorted, and proposes a resource once for each such value.
type rangeSource struct {
	typ  string
	test test
}

func (s *rangeSource) scan(ctx context.Context, r kv.Reader, _ []byte) iter.Seq2[candidate, error] {
	return func(yield func(candidate, error) bool) {
		var fr factsReader
		for e, err := range r.Scan(ctx, postingsOf(s.typ, s.test)...) {
			if err != nil {
				yield(candidate{}, err)
				return
			}
			_, id, ok := splitPosting(e.Key)
			d := decoder{b: e.Value}
			facts := fr.read(&d)
			if !ok || d.bad {
				yield(candidate{}, corrupt("posting of a %s", s.typ))
				return
			}
			facts.Key = fhir.Key{Type: s.typ, ID: string(id)}
			if !yield(candidate{typ: s.typ, id: facts.Key.ID, facts: facts}, nil) {
				return
			}
		}
	}
}

// postingsOf lists the key ranges of a test's predicates in their order.
func postingsOf(typ string, t test) []kv.Range {
	var ranges []kv.Range
	for _, p := range t.any {
		for _, r := range p.Ranges {
			ranges = append(ranges, rangeOf(typ, p.Param, r))
		}
	}
	slices.SortFunc(ranges, func(a, b kv.Range) int { return bytes.Compare(a.Start, b.Start) })
	return ranges
}

func rangeOf(typ string, p *search.Param, r search.Range) kv.Range {
	if r.Point {
		return kv.Prefix(pointPrefix(postingID(typ, p), r.Lo))
	}
	return postingRange(postingID(typ, p), r.Lo, r.Hi)
}

// feedSource proposes what a type's history names, newest change first. A
// version that is no longer the current one is dropped by the filter, so each
// resource comes where its last change stands. Its positions are those of a
// search sorted by _lastUpdated.
type feedSource struct{ typ string }

func (s *feedSource) scan(ctx context.Context, r kv.Reader, after []byte) iter.Seq2[candidate, error] {
	return func(yield func(candidate, error) bool) {
		rng := kv.Prefix(feedPrefix(s.typ))
		if after != nil {
			last := decodeSorted(after, 1)
			if len(last.keys[0]) == 8 {
				rng.Start = append(feedKey(s.typ, binary.BigEndian.Uint64(last.keys[0]), last.id), 0)
			}
		}
		for e, err := range r.Scan(ctx, rng) {
			if err != nil {
				yield(candidate{}, err)
				return
			}
			f, err := decodeFeed(e)
			c := candidate{typ: s.typ, id: f.id, facts: f.facts, version: f.version, keys: [][]byte{seqBytes(f.seq)}}
			if !yield(c, err) || err != nil {
				return
			}
		}
	}
}
