package store

import (
	"bytes"
	"math"
)

// A tally counts postings by the facts they carry, so that the view is asked
// once for all records of the same facts and no posting becomes a candidate:
// a count over millions costs the scan of their postings.
type tally struct {
	x      *execution
	p      *plan
	counts map[string]*int
	last   []byte // facts of the posting before, and where they are counted
	at     *int
	unsure []candidate // whose postings or facts do not tell

	record *counted // of all postings, to be kept; nil for none

	apart map[string]bool // facts of which each record is judged by itself
	again bool            // those are counted now, and nothing else
}

// tallied is how many different facts are counted before the view is asked.
const tallied = 4096

// tallies reports whether the plan can be counted by its postings.
func (x *execution) tallies(p *plan) (postings, bool) {
	s, ok := p.source.(postings)
	return s, ok && x.limit == 0 && x.counting && x.sight.grouping != nil && p.sorted == nil && (len(p.tests) == 0 || p.datesSuffice)
}

// count adds up all matches of a plan.
func (x *execution) count(p *plan, s postings) error {
	if done, err := x.recall(p, math.MaxInt); done || err != nil {
		return err
	}
	t := &tally{x: x, p: p, counts: map[string]*int{}, apart: map[string]bool{}}
	var stamp uint64
	list := x.countable(p, s)
	if list != nil {
		var err error
		if stamp, err = x.stamp(); err != nil {
			return err
		}
		t.record = newCounted()
	}
	if err := t.run(s); err != nil {
		return err
	}
	if t.record != nil {
		x.store.counts.put(list, stamp, t.record)
	}
	if len(t.apart) == 0 {
		return nil
	}
	t.again, t.record, p.proposed = true, nil, 0
	return t.run(s)
}

// run counts all postings or, again, those that were set apart.
func (t *tally) run(s postings) error {
	x, p := t.x, t.p
	for e, err := range s.postings(x.ctx, x.r, nil) {
		if err != nil {
			return err
		}
		p.proposed++
		if err := t.add(e); err != nil {
			return err
		}
	}
	if err := t.ask(); err != nil {
		return err
	}
	return t.judge()
}

func (t *tally) add(e posted) error {
	facts, rest, ok := splitFacts(e.value)
	if !ok {
		return corrupt("posting of a %s", t.p.typ)
	}
	if t.again && !t.apart[string(facts)] {
		return nil
	}
	if len(t.p.tests) > 0 {
		switch {
		case len(rest) == 0 || rest[0]&postingDated == 0:
			if t.again {
				return nil // it was judged by itself the first time
			}
			return t.doubt(e)
		case !t.p.datesHold("", rest[1:]):
			return nil
		}
	}
	if t.again {
		return t.doubt(e)
	}
	if t.at == nil || !bytes.Equal(facts, t.last) {
		if t.at = t.counts[string(facts)]; t.at == nil {
			if len(t.counts) == tallied {
				if err := t.ask(); err != nil {
					return err
				}
			}
			t.at = new(int)
			t.counts[string(facts)] = t.at
		}
		t.last = append(t.last[:0], facts...)
	}
	*t.at++
	return nil
}

// ask puts all facts to the view and counts those that it lets be seen.
func (t *tally) ask() error {
	if len(t.counts) == 0 {
		return nil
	}
	var groups []string
	facts := t.x.facts[:0]
	fr := t.x.store.namedReader()
	for raw := range t.counts {
		f := fr.read(&decoder{b: []byte(raw)})
		f.Key.Type = t.p.typ
		groups, facts = append(groups, raw), append(facts, f)
	}
	t.x.facts = facts
	alike, err := t.x.sight.alike(facts)
	if err != nil {
		return err
	}
	visible, err := t.x.sight.sees(facts)
	if err != nil {
		return err
	}
	for i, raw := range groups {
		n := *t.counts[raw]
		if t.record != nil {
			t.record.add(&facts[i], n)
		}
		switch {
		case !alike[i]:
			t.apart[raw] = true
			continue
		case visible[i]:
			t.p.seen += n
			t.x.total += n
		}
		t.p.passed, t.p.matched = t.p.passed+n, t.p.matched+n
	}
	clear(t.counts)
	t.at = nil
	return nil
}

// doubt keeps a posting to be judged as a candidate.
func (t *tally) doubt(e posted) error {
	for c, err := range propose(t.x.store.names, t.p.typ, func(yield func(posted, error) bool) { yield(e, nil) }, nil) {
		if err != nil {
			return err
		}
		t.unsure = append(t.unsure, c)
	}
	if len(t.unsure) < chunkMost {
		return nil
	}
	return t.judge()
}

func (t *tally) judge() error {
	passed, err := t.x.pass(t.p, t.unsure)
	t.unsure, t.p.matched = t.unsure[:0], t.p.matched+len(passed)
	if err != nil || len(passed) == 0 {
		return err
	}
	seen, err := t.x.see(t.p, passed)
	t.x.total += len(seen)
	return err
}
