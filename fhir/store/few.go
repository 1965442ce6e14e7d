package store

import (
	"bytes"
	"slices"

	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/search"
)

// fewRounds is in how many round trips the values of a range of few are looked
// for: two values each, so that one or two systems of a code take one.
const fewRounds = 4

// A few is a range of few values (search.Range) among the postings of one part
// of a parameter, of which the values are being looked for.
type few struct {
	predicate *search.Predicate // whose range it is
	index     int               // of the range
	param     uint32
	rest      kv.Range // what may hold further values
	values    [][]byte
	done      bool
}

// spell finds which values there are in the ranges of few of a plan's tests, so
// that their postings are lists in order of ids as those of any value are. A
// test that has too many keeps its range.
func (x *execution) spell(p *plan) error {
	var list []*few
	for i := range p.tests {
		t := &p.tests[i]
		if !t.indexed() {
			continue
		}
		if err := x.thin(p.typ, t); err != nil {
			return err
		}
		list = append(list, fewOf(p.typ, t)...)
	}
	if len(list) == 0 {
		return nil
	}
	open := list
	for round := 0; len(open) > 0 && round < fewRounds; round++ {
		if err := x.outermost(open); err != nil {
			return err
		}
		open = slices.DeleteFunc(slices.Clone(open), func(f *few) bool { return f.done })
	}
	for i := range p.tests {
		p.tests[i].spell(list)
	}
	return nil
}

// thinFrom is how many references a test asks for when it pays to know first
// to which types there are any.
const thinFrom = 64

// thin leaves out of a test that asks for many references, as one for bare ids
// does, those to types to which no resource refers.
func (x *execution) thin(typ string, t *test) error {
	for i, pred := range t.any {
		if pred.Param.Type != search.Reference || len(pred.Ranges) < thinFrom {
			continue
		}
		var ranges []kv.Range
		var of []string
		there := map[string]bool{}
		for _, r := range pred.Ranges {
			all, ok := r.RefersTo()
			if _, known := there[string(all.Lo)]; !ok || known {
				continue
			}
			there[string(all.Lo)] = false
			for _, part := range pred.Param.Parts() {
				rng := rangeOf(typ, part, all)
				rng.Limit, rng.KeysOnly = 1, true
				ranges, of = append(ranges, rng), append(of, string(all.Lo))
			}
		}
		for e, err := range x.r.Scan(x.ctx, ranges...) {
			if err != nil {
				return err
			}
			there[of[e.Range]] = true
		}
		if t.spelled == nil {
			t.spelled = slices.Clone(t.any)
		}
		t.spelled[i] = &search.Predicate{Param: pred.Param, Accept: pred.Accept, Not: pred.Not,
			Ranges: slices.DeleteFunc(slices.Clone(pred.Ranges), func(r search.Range) bool {
				all, ok := r.RefersTo()
				return ok && !there[string(all.Lo)]
			})}
	}
	return nil
}

// fewOf lists the ranges of few of a test.
func fewOf(typ string, t *test) (list []*few) {
	for _, pred := range t.any {
		if pred.Accept != nil {
			continue
		}
		for i, r := range pred.Ranges {
			if !r.Few {
				continue
			}
			for _, part := range pred.Param.Parts() {
				list = append(list, &few{predicate: pred, index: i, param: postingID(typ, part), rest: rangeOf(typ, part, r)})
			}
		}
	}
	return list
}

// outermost finds the first and the last value of each.
func (x *execution) outermost(list []*few) error {
	ranges := make([]kv.Range, 0, 2*len(list))
	for _, f := range list {
		first, last := f.rest, f.rest
		first.Limit, first.KeysOnly = 1, true
		last.Limit, last.KeysOnly, last.Reverse = 1, true, true
		ranges = append(ranges, first, last)
		f.done = true
	}
	for e, err := range x.r.Scan(x.ctx, ranges...) {
		if err != nil {
			return err
		}
		value, _, ok := splitPosting(e.Key)
		if !ok {
			return corrupt("posting key")
		}
		f := list[e.Range/2]
		prefix := pointPrefix(f.param, value)
		switch {
		case e.Range%2 == 0:
			f.values = append(f.values, bytes.Clone(value))
			f.rest.Start = kv.PrefixEnd(prefix)
		case !bytes.Equal(value, f.values[len(f.values)-1]):
			f.values = append(f.values, bytes.Clone(value))
			f.rest.End = prefix
			f.done = bytes.Compare(f.rest.Start, f.rest.End) >= 0
		}
	}
	return nil
}

// spell puts the values that were found in place of the test's ranges of few.
func (t *test) spell(list []*few) {
	var spelled []*search.Predicate
	found := false
	for at, pred := range t.any {
		if t.spelled != nil && t.spelled[at] != pred {
			spelled = append(spelled, t.spelled[at])
			continue
		}
		var ranges []search.Range
		for i, r := range pred.Ranges {
			if !r.Few {
				ranges = append(ranges, r)
				continue
			}
			var values [][]byte
			for _, f := range list {
				if f.predicate != pred || f.index != i {
					continue
				}
				if !f.done {
					return
				}
				found = true
				values = append(values, f.values...)
			}
			slices.SortFunc(values, bytes.Compare)
			for _, v := range slices.CompactFunc(values, bytes.Equal) {
				ranges = append(ranges, search.Range{Lo: v, Point: true})
			}
		}
		spelled = append(spelled, &search.Predicate{Param: pred.Param, Ranges: ranges, Accept: pred.Accept, Not: pred.Not})
	}
	if found {
		t.spelled = spelled
	}
}

// drives are the predicates of which postings are read.
func (t *test) drives() []*search.Predicate {
	if t.spelled != nil {
		return t.spelled
	}
	return t.any
}
