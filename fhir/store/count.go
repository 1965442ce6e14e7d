package store

import (
	"bytes"
	"encoding/binary"
	"math"
)

// Counts are added up from what memory keeps of posting lists (counts.go), which
// the first count of a list reads. What cannot be kept, or of which the view must
// see each record, is tallied.

// countable returns the one posting list that a count adds up, and the tests on
// the date that are to hold besides; false for any other count.
func (x *execution) countable(p *plan) (list []byte, dates []test, ok bool) {
	if x.kept == nil || x.limit != 0 || !x.counting || x.sight.grouping == nil || p.sorted != nil || p.bounded || p.care != nil || p.typ == "Binary" {
		return nil, nil, false // whose view depends on what it belongs to (binary.go)
	}
	cover, covered := x.store.coverages[p.typ], false
	for i := range p.all {
		t := &p.all[i]
		switch {
		case p.date != 0 && p.asksDate(t):
			dates = append(dates, *t)
		case list != nil || t.tree != nil || !t.indexed() || !t.points():
			return nil, nil, false
		default:
			lists := newStream(p.typ, *t).prefixes
			if len(lists) != 1 {
				return nil, nil, false // a resource may be in several
			}
			list, covered = lists[0], cover.covers(binary.BigEndian.Uint32(lists[0][1:]))
		}
	}
	return list, dates, list != nil && (covered || len(dates) == 0)
}

// recall counts by what is kept. It reports false when nothing is, when the view
// would have to judge more than most groups, or does not judge by groups alone.
func (x *execution) recall(p *plan, most int) (bool, error) {
	list, dates, ok := x.countable(p)
	if !ok {
		return false, nil
	}
	stamp, err := x.stamps()
	if err != nil {
		return false, err
	}
	h := x.store.counts.get(list, stamp, len(dates) > 0)
	if h == nil || h.vast {
		return false, nil
	}
	return x.add(p, h, dates, most)
}

// groups is how many groups the view would judge to count a plan from memory; 0
// when it cannot be counted so.
func (x *execution) groups(p *plan) int {
	list, dates, ok := x.countable(p)
	if !ok || !x.stamped {
		return 0
	}
	h := x.store.counts.get(list, x.postings, len(dates) > 0)
	if h == nil || h.vast {
		return 0
	}
	return len(h.base) + len(h.tail)
}

// record reads the postings of a plan to keep them; nil for what cannot be kept.
func (x *execution) record(p *plan, s postings) (h *holding, dates []test, err error) {
	list, dates, ok := x.countable(p)
	points, isPoints := s.(*pointSource)
	if !ok || !isPoints || len(points.streams) != 1 || len(points.streams[0].prefixes) != 1 {
		return nil, nil, nil
	}
	stamp, err := x.stamps()
	if err != nil || stamp == 0 {
		return nil, nil, err
	}
	if h := x.store.counts.get(list, stamp, len(dates) > 0); h != nil {
		return nil, nil, nil // vast, or not judged by groups alone
	}
	r := x.store.counts.begin(list, stamp, len(dates) > 0)
	names := x.store.namedReader()
	r.names, r.typ = &names, p.typ
	for e, err := range s.postings(x.ctx, x.r, nil) {
		if err != nil {
			return nil, nil, err
		}
		if goesOn, err := r.add(e); err != nil {
			return nil, nil, err
		} else if !goesOn {
			r.giveUp()
			return nil, nil, nil
		}
	}
	return r.end(), dates, nil
}

// add adds up what the view lets be seen of a list, as recall does.
func (x *execution) add(p *plan, h *holding, dates []test, most int) (bool, error) {
	v, err := x.opinion(h, most)
	if v == nil {
		p.unjudged = h
	}
	if err != nil || v == nil || !h.all(v, alike) {
		return false, err
	}
	var n, seen int
	count := func(group uint32, by int) {
		if n += by; v.said[group]&visible != 0 {
			seen += by
		}
	}
	if len(dates) == 0 {
		for _, s := range h.base {
			count(s.group, int(s.n))
		}
	} else {
		x.between(p, h, dates, count)
	}
	for _, e := range h.tail {
		if len(dates) == 0 || p.fulfil(dates, []byte(e.dates)) {
			count(e.group, e.n)
		}
	}
	p.proposed, p.matched, p.passed, p.seen = p.proposed+n, p.matched+n, p.passed+n, p.seen+seen
	x.total += seen
	return true, nil
}

// between counts what lies in time as the tests ask.
func (x *execution) between(p *plan, h *holding, dates []test, count func(group uint32, by int)) {
	buf := make([]byte, 0, 32)
	for i := range h.dates.columns {
		part, ask := h.dates.between(i, dates)
		var moment uint64
		holds := true
		for k, e := range part {
			if at := e >> timelineBits; len(ask) > 0 && (k == 0 || at != moment) {
				moment, holds = at, accepted(ask, valueOf(buf, i, e))
			}
			if holds {
				count(groupOf(e), 1)
			}
		}
	}
	for _, o := range h.dates.odd {
		if p.fulfil(dates, []byte(o.dates)) {
			count(o.group, 1)
		}
	}
}

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
	h, dates, err := x.record(p, s)
	if err != nil {
		return err
	}
	if h != nil {
		if done, err := x.add(p, h, dates, math.MaxInt); done || err != nil {
			return err
		}
	}
	t := &tally{x: x, p: p, counts: map[string]*int{}, apart: map[string]bool{}}
	if err := t.run(s); err != nil || len(t.apart) == 0 {
		return err
	}
	t.again, p.proposed = true, 0
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
		d := decoder{b: []byte(raw)}
		f := fr.read(&d)
		if f.Key.Type = t.p.typ; d.bad {
			return corrupt("posting of a %s", t.p.typ)
		}
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
	for c, err := range propose(t.x.store.names, t.p.typ, func(yield func(posted, error) bool) { yield(e, nil) }) {
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
