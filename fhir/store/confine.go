package store

import (
	"errors"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
)

// A search over the whole store looks at candidates until its page is full. Of
// whom it may see little, or of what has changed lately, it would look at very
// many: the bounds of the view (fhir.Bounds) or the latest changes are then the
// better source. What it costs to go on is known beforehand when all candidates
// are looked at; for a page it is told by what was found so far, so that a
// search which finds enough asks for neither. As for every choice of a source,
// the answer does not show it (docs/adr/0007).

// Costs in the unit of choose.go, on Badger.
const (
	costJudge  = 4  // to have the view judge a candidate
	costSeek   = 30 // to find the rows of a patient
	costChange = 2  // to read a change, and to put its resource in order
	costSieve  = 2  // to read what a sieve holds back
)

// improveWorth is the number of candidates that are looked at before another
// source is thought of.
const improveWorth = 128

// errImproved stops a search whose plan has got another source.
var errImproved = errors.New("store: another source is better")

// perform answers the query by its plan, which carryOut runs, and gives the plan
// another source when that turns out to be better.
func (x *execution) perform(p *plan, carryOut func() error) error {
	all := x.limit == 0 || x.counting || p.sorted != nil && !x.worthWalking(p)
	if err := x.consider(p, all); err != nil {
		return err
	}
	hits, total := len(x.hits), x.total
	err := carryOut()
	for errors.Is(err, errImproved) { // at most once to the index, once to changes, and once to bounds
		x.hits, x.total, x.more = x.hits[:hits], total, false
		err = carryOut()
	}
	return err
}

// consider gives the plan another source before it begins, where that is
// certain to be better. all says that all candidates will be looked at.
func (x *execution) consider(p *plan, all bool) error {
	switch {
	case x.store.prefer != "":
		return x.preferred(p)
	case all:
		_, err := x.improve(p, x.exhausting(p), -1)
		return err
	}
	return x.glean(p)
}

// each is what the plan costs for each candidate.
func (p *plan) each() int {
	if p.needsRows || p.needsRecord {
		return costRows + costJudge
	}
	return 1 + costJudge
}

// exhausting is about what the plan costs when all its candidates are looked at.
func (x *execution) exhausting(p *plan) int {
	if p.bounded {
		return 0
	}
	if groups := x.groups(p); groups > 0 {
		return groups * costJudge
	}
	n := p.n
	if n <= 0 {
		n = x.describe(p).Estimate
	}
	return n * p.each()
}

// reconsider replaces the source of a plan that has looked at much and found
// little, and then fails with errImproved.
func (x *execution) reconsider(p *plan) error {
	looked := p.proposed + p.sieved
	if p.bounded || looked < max(p.pause, improveWorth) || x.limit == 0 || x.counting {
		return nil
	}
	p.pause = 2 * looked
	if s, ok := p.source.(*sinceSource); ok {
		p.n = s.found
	}
	lacking := x.limit + 1 - len(x.hits)
	if byIndex := p.instead; byIndex != nil && 2*looked/max(p.seen, 1)*lacking >= p.brings {
		x.replace(p, nil, p.brings)
		if err := byIndex(); err != nil {
			return err
		}
		p.prepare(x)
		return errImproved
	}
	spent := p.proposed*p.each() + p.sieved*costSieve
	improved, err := x.improve(p, spent/max(p.seen, 1)*lacking, lacking)
	if err == nil && improved {
		err = errImproved
	}
	return err
}

// glean makes the latest changes the source of a page when they are so few that
// nothing else need be tried.
func (x *execution) glean(p *plan) error {
	s := p.changes()
	if s == nil || p.bounded {
		return nil
	}
	n, err := kv.Estimate(x.ctx, x.r, s.changes())
	if err == nil && int(n[0])*costChange < improveWorth*p.each() {
		x.replace(p, s, int(n[0]))
	}
	return err
}

// improve gives the plan another source when one costs less. lacking is how many
// more matches are wanted; less than 0 for all.
func (x *execution) improve(p *plan, cost, lacking int) (bool, error) {
	if p.bounded || cost < improveWorth*p.each() {
		return false, nil
	}
	e, err := x.extent(p, cost)
	if err != nil {
		return false, err
	}
	each := p.each()
	cost = min(cost, max(e.all, 1)*each)
	if left := p.n - p.proposed - p.sieved; left > 0 && !p.walked {
		cost = min(cost, left*each)
	}
	looked := e.changed // of the latest changes
	switch {
	case lacking < 0:
	case p.seen > 0:
		looked = min(looked, lacking*(p.passed+p.sieved)/p.seen)
	case e.view != nil:
		looked = min(looked, lacking*e.all/max(e.held, 1))
	}
	if e.since != nil {
		ahead := e.changed * e.since.ahead()
		if c := ahead + looked*each; c < cost && (ahead == 0 || e.changed <= 2*x.store.limits.Sorted) {
			cost = c
		} else {
			e.since = nil
		}
	}
	if e.view != nil && e.held <= x.store.limits.Sorted && e.held*costSeek < cost {
		x.confine(p, &e)
		return true, nil
	}
	if e.since != nil {
		x.replace(p, e.since, e.changed)
	}
	return e.since != nil, nil
}

// confine makes what the bounds of the view hold the source of the plan.
func (x *execution) confine(p *plan, e *extent) {
	x.replace(p, e.view, e.held)
	p.bounded = true
	if x.limit > 0 {
		p.sort()
	}
}

// preferred gives the plan the source that the configuration prefers.
func (x *execution) preferred(p *plan) error {
	if p.bounded {
		return nil
	}
	e, err := x.extent(p, 0)
	switch {
	case x.store.prefer == fhir.AccessView && e.view != nil:
		x.confine(p, &e)
	case x.store.prefer == fhir.AccessFeed && e.since != nil:
		x.replace(p, e.since, e.changed)
	}
	return err
}

// replace gives the plan another source, which brings about n candidates.
func (x *execution) replace(p *plan, s source, n int) {
	if p.sorted = p.order; isFeed(s) {
		p.sorted = nil // that is its own
	}
	p.restore(x)
	p.source, p.n, p.pause, p.walked, p.instead = s, n, 0, false, nil
}

// An extent is how much the other sources of a plan bring.
type extent struct {
	all     int // of the type
	since   latest
	changed int
	view    *boundSource
	held    int
}

// extent estimates the other sources of a plan, nil for one that there is not.
// What does not cost cost need not be known closer.
func (x *execution) extent(p *plan, cost int) (e extent, err error) {
	bounds, err := x.sight.boundsOf(p.typ)
	if err != nil {
		return e, err
	}
	counts, err := kv.Estimate(x.ctx, x.r, kv.Prefix(currentPrefix(p.typ)), kv.Prefix(currentPrefix("Patient")))
	if err != nil {
		return e, err
	}
	e.all = int(counts[0])
	if e.since = p.changes(); e.since != nil {
		if e.changed, err = x.about([]kv.Range{e.since.changes()}, cost/costChange); err != nil {
			return e, err
		}
	}
	if bounds == nil || p.typ == "Binary" { // which follows its context (binary.go)
		return e, nil
	}
	e.view = &boundSource{names: x.store.names, kept: x.kept, typ: p.typ, bounds: bounds}
	own, err := x.about(e.view.contributed(), cost/costSeek)
	if err != nil {
		return e, err
	}
	patients, err := x.about(e.view.named(), cost/costSeek)
	e.held = own + (patients+len(bounds.Patients))*(1+e.all/max(int(counts[1]), 1))
	return e, err
}

// about is how many keys the ranges hold. Estimates of a large store are coarse:
// where they are less than most, and so is what to count costs, it counts.
func (x *execution) about(ranges []kv.Range, most int) (sum int, err error) {
	counts, err := kv.Estimate(x.ctx, x.r, ranges...)
	if err != nil {
		return 0, err
	}
	for i, n := range counts {
		if most := min(most, countMost); n > kv.SmallRange && int(n) < most {
			if exact, err := kv.Count(x.ctx, x.r, ranges[i], most); err != nil {
				return 0, err
			} else if exact > int(n) {
				n = int64(exact)
			}
		}
		sum += int(n)
	}
	return sum, nil
}

// countMost is how many keys it is worth to count: half a millisecond.
const countMost = 2000

// boundsOf asks the view for its bounds, once for each type.
func (s *sight) boundsOf(typ string) (*fhir.Bounds, error) {
	view, ok := s.view.(fhir.Bounding)
	if !ok {
		return nil, nil
	}
	if b, known := s.bounds[typ]; known {
		return b, nil
	}
	b, err := view.Bounds(s.ctx, s, typ)
	if err != nil {
		return nil, err
	}
	if s.bounds == nil {
		s.bounds = map[string]*fhir.Bounds{}
	}
	s.bounds[typ] = b
	return b, nil
}
