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

// A candidate is a resource that a source proposes. What has been read of it on
// the way comes along, so that it is not read again.
type candidate struct {
	typ, id string
	facts   fhir.Facts // zero when the source does not know them: their Key is then empty
	rows    *rows      // nil when the source does not know them; valid until its next step
	dates   []byte     // the values of the type's main date (posting.go), likewise
	dated   bool       // dates are known
	tested  bool       // it passed the tests already
	shown   bool       // so did the view let it pass
	lasting bool       // raw is not the source's
	version uint64     // the earlier version that an include names; 0 for the current one
	keys    [][]byte   // what it sorts by, when sorted
	raw     []byte     // its rows as stored, for what it refers to; of the source until kept or lasting
	value   []byte     // its current version as stored

	scope    string // the patient under whom a patientSource found it
	fragment string // the contained resource that is meant; empty for the resource itself
}

// proposes reports whether there is anything in it (sieve.go).
func (c *candidate) proposes() bool { return c.typ != "" }

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

// typeSource proposes everything of a type, by id. What a version says of itself
// comes along as rows when that is all that is tested.
type typeSource struct {
	typ    string
	enough bool // the tests look at nothing else
	sieve  *sieve
}

func (s *typeSource) through(v *sieve) { s.sieve = v }

func (s *typeSource) scan(ctx context.Context, r kv.Reader, after []byte) iter.Seq2[candidate, error] {
	return func(yield func(candidate, error) bool) {
		rng := kv.Prefix(currentPrefix(s.typ))
		if after != nil {
			rng.Start = append(currentKey(s.typ, string(after)), 0)
		}
		var records recordReader
		var own rows
		for e, err := range r.Scan(ctx, rng) {
			if err != nil {
				yield(candidate{}, err)
				return
			}
			if s.sieve != nil && s.sieve.record(e.Value) {
				if s.sieve.full() && !yield(candidate{}, nil) {
					return
				}
				continue
			}
			id := lastName(e.Key)
			rec, err := records.decode(s.typ, id, e.Value)
			if err == nil && rec.effect == fhir.Deleted {
				continue
			}
			c := candidate{typ: s.typ, id: id}
			if err == nil {
				c.facts = rec.facts
			}
			if err == nil && s.enough {
				own = rows{lastUpdated: rec.lastUpdated, seq: rec.seq, facts: rec.facts}
				c.rows = &own
			}
			if !yield(c, err) || err != nil {
				return
			}
		}
	}
}

// patientSource proposes everything of a type in the compartments of some
// patients, with its rows. For one patient it is ordered by id and goes on from
// a position; for several it is to be sorted, and proposes a resource of several
// of them that often, unless it is distinct.
type patientSource struct {
	names    *naming
	kept     *compartments
	typ      string
	patients []string // sorted
	distinct bool
}

// again reports whether a resource that was found with a patient was found with
// an earlier one.
func (s *patientSource) again(patient int, facts *fhir.Facts) bool {
	return slices.ContainsFunc(facts.Patients, func(p string) bool {
		i, found := slices.BinarySearch(s.patients, p)
		return found && i < patient
	})
}

func (s *patientSource) scan(ctx context.Context, r kv.Reader, after []byte) iter.Seq2[candidate, error] {
	if len(s.patients) == 1 {
		one := patientRows{names: s.names, kept: s.kept, patient: s.patients[0], typ: s.typ}
		var from fhir.Key
		if after != nil {
			from = fhir.Key{Type: s.typ, ID: string(after)}
		}
		return one.scan(ctx, r, from)
	}
	return func(yield func(candidate, error) bool) {
		ranges := make([]kv.Range, len(s.patients))
		for i, p := range s.patients {
			ranges[i] = kv.Prefix(rowsPrefix(p, s.typ))
			if after != nil {
				ranges[i].Start = append(rowsKey(p, s.typ, string(after)), 0)
			}
		}
		rr := rowsReader{facts: namedReader{names: s.names}}
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
			if s.distinct && s.again(e.Range, &rs.facts) {
				continue
			}
			if !yield(candidate{typ: s.typ, id: id, facts: rs.facts, rows: rs, raw: e.Value, scope: s.patients[e.Range]}, nil) {
				return
			}
		}
	}
}

// A postings is a source that is postings: what is counted need not become a
// candidate.
type postings interface {
	source
	postings(ctx context.Context, r kv.Reader, after []byte) iter.Seq2[posted, error]
}

// propose makes candidates of postings. One without an id makes the zero
// candidate.
func propose(names *naming, typ string, list iter.Seq2[posted, error]) iter.Seq2[candidate, error] {
	return func(yield func(candidate, error) bool) {
		fr := namedReader{names: names}
		for e, err := range list {
			if err == nil && e.id == nil {
				if !yield(candidate{}, nil) {
					return
				}
				continue
			}
			var p posting
			if err == nil {
				p, err = readPosting(&fr, typ, e.value)
			}
			if err != nil {
				yield(candidate{}, err)
				return
			}
			p.facts.Key = fhir.Key{Type: typ, ID: string(e.id)}
			if !yield(candidate{typ: typ, id: p.facts.Key.ID, facts: p.facts, dated: p.dated, dates: p.dates}, nil) {
				return
			}
		}
	}
}

// pointSource proposes the resources that have, for each of some tests, one of
// its exact values, by id.
type pointSource struct {
	names   *naming
	typ     string
	streams []*stream // one for each test
	block   int       // size of the first block that is read of each
	sieve   *sieve
}

func (s *pointSource) through(v *sieve) { s.sieve = v }

func newStream(typ string, t test) *stream {
	s := &stream{name: t.name}
	for _, p := range t.drives() {
		for _, part := range p.Param.Parts() {
			for _, r := range p.Ranges {
				if !part.Lacks(r) {
					s.prefixes = append(s.prefixes, pointPrefix(postingID(typ, part), r.Lo))
				}
			}
		}
	}
	slices.SortFunc(s.prefixes, bytes.Compare)
	s.prefixes = slices.CompactFunc(s.prefixes, bytes.Equal)
	return s
}

func (s *pointSource) scan(ctx context.Context, r kv.Reader, after []byte) iter.Seq2[candidate, error] {
	var from place
	if after != nil {
		from = place{string(after), true}
	}
	return propose(s.names, s.typ, s.sieve.along(s.course(ctx, r), from))
}

// course are the postings as one list, in the order of ids.
func (s *pointSource) course(ctx context.Context, r kv.Reader) course {
	c := course{held: s.sieve.posting, read: func(from, end place) iter.Seq2[posted, error] {
		return until(end, s.begin(ctx, r, from.start()))
	}}
	name := []byte{famPosting}
	for _, one := range s.streams {
		if one.whole != nil {
			return c
		}
		name = binary.AppendUvarint(name, uint64(len(one.prefixes)))
		for _, p := range one.prefixes {
			name = append(binary.AppendUvarint(name, uint64(len(p))), p...)
		}
		c.lists = append(c.lists, one.prefixes...)
	}
	c.name = string(name)
	return c
}

// until is what comes before a place of a list that goes forward, all of it for
// the zero place.
func until(end place, list iter.Seq2[posted, error]) iter.Seq2[posted, error] {
	if end == (place{}) {
		return list
	}
	return func(yield func(posted, error) bool) {
		for e, err := range list {
			if err == nil && !(&course{}).before(e.id, end) || !yield(e, err) {
				return
			}
		}
	}
}

func (s *pointSource) postings(ctx context.Context, r kv.Reader, after []byte) iter.Seq2[posted, error] {
	if after == nil {
		return s.begin(ctx, r, nil)
	}
	return s.begin(ctx, r, place{string(after), true}.start())
}

// begin yields the postings from an id on.
func (s *pointSource) begin(ctx context.Context, r kv.Reader, from []byte) iter.Seq2[posted, error] {
	if len(s.streams) > 1 || len(s.streams[0].prefixes) != 1 {
		return meet(ctx, r, s.streams, from, s.block)
	}
	prefix := s.streams[0].prefixes[0]
	return func(yield func(posted, error) bool) {
		rng := kv.Prefix(prefix)
		rng.Start = append(slices.Clip(prefix), from...)
		for e, err := range r.Scan(ctx, rng) {
			if err != nil {
				yield(posted{}, err)
				return
			}
			if !yield(posted{e.Key[len(prefix):], e.Value}, nil) {
				return
			}
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
// value: it is to be sorted, and proposes a resource once for each such value,
// unless it is distinct.
type rangeSource struct {
	names    *naming
	typ      string
	test     test
	distinct bool
	sieve    *sieve
}

func (s *rangeSource) through(v *sieve) { s.sieve = v }

func (s *rangeSource) scan(ctx context.Context, r kv.Reader, _ []byte) iter.Seq2[candidate, error] {
	c := course{held: s.sieve.posting, read: func(place, place) iter.Seq2[posted, error] { return s.postings(ctx, r, nil) }}
	return propose(s.names, s.typ, s.sieve.along(c, place{}))
}

// postings yields those that the test accepts. To be distinct it remembers the
// resources that may come again: those that have several values.
func (s *rangeSource) postings(ctx context.Context, r kv.Reader, _ []byte) iter.Seq2[posted, error] {
	return func(yield func(posted, error) bool) {
		ranges, predicates := rangesOf(s.typ, s.test)
		again := map[string]struct{}{}
		for e, err := range r.Scan(ctx, ranges...) {
			value, id, ok := splitPosting(e.Key)
			if err == nil && !ok {
				err = corrupt("posting of a %s", s.typ)
			}
			if err != nil {
				yield(posted{}, err)
				return
			}
			p := predicates[e.Range]
			if p.Accept != nil && !p.Accept(value) {
				continue
			}
			if s.distinct && !(p.Param.Whole() && soleValue(e.Value)) {
				if _, known := again[string(id)]; known {
					continue
				}
				again[string(id)] = struct{}{}
			}
			if !yield(posted{id, e.Value}, nil) {
				return
			}
		}
	}
}

// rangesOf lists the key ranges of a test's predicates in their order, each
// with its predicate. A parameter has some under each of its parts.
func rangesOf(typ string, t test) ([]kv.Range, []*search.Predicate) {
	type owned struct {
		kv.Range
		of *search.Predicate
	}
	var list []owned
	for _, p := range t.drives() {
		for _, part := range p.Param.Parts() {
			for _, r := range p.Ranges {
				if !part.Lacks(r) {
					list = append(list, owned{rangeOf(typ, part, r), p})
				}
			}
		}
	}
	slices.SortFunc(list, func(a, b owned) int { return bytes.Compare(a.Start, b.Start) })
	ranges, of := make([]kv.Range, len(list)), make([]*search.Predicate, len(list))
	for i, o := range list {
		ranges[i], of[i] = o.Range, o.of
	}
	return ranges, of
}

// postingsOf lists the key ranges of a test.
func postingsOf(typ string, t test) []kv.Range {
	ranges, _ := rangesOf(typ, t)
	return ranges
}

func rangeOf(typ string, p *search.Param, r search.Range) kv.Range {
	if r.Point {
		return kv.Prefix(pointPrefix(postingID(typ, p), r.Lo))
	}
	return postingRange(postingID(typ, p), r.Lo, r.Hi)
}
