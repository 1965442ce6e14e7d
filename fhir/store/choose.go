package store

import (
	"slices"

	"github.com/cordee-sante/cordee/fhir/kv"
)

// What the steps of a plan cost, in units of one posting that is scanned
// (measured on Badger: 0.3 to 0.5 µs).
const (
	costRows    = 20 // to look up the rows of a candidate and test them
	costCompare = 2  // to accept a value of a range, and to put its resource in order
)

// An access is a way to the candidates: the postings of one test.
type access struct {
	test   int // index in plan.tests
	points bool
	n      int // about how many postings
}

// choose sets the source: ids, then the patients asked about, then the postings
// of the tests that bring the fewest, then all of the type.
func (x *execution) choose(p *plan, scope []string) error {
	p.all, p.n, p.bounded = slices.Clone(p.tests), -1, true
	if ids := idsOf(p.tests); ids != nil {
		p.source = &idSource{typ: p.typ, ids: ids}
		p.tests = slices.DeleteFunc(p.tests, func(t test) bool { return t.ids != nil && slices.Equal(t.ids, ids) && !t.any[0].Not })
		return nil
	}
	if scope != nil {
		p.source = &patientSource{names: x.store.names, kept: x.kept, typ: p.typ, patients: scope, distinct: x.limit == 0}
		if len(scope) > 1 && x.limit > 0 {
			p.sort()
		}
		return nil
	}
	p.bounded = false
	if err := x.spell(p); err != nil {
		return err
	}
	p.all = slices.Clone(p.tests)
	list, err := x.accesses(p)
	if err != nil {
		return err
	}
	best := -1
	for i := range list {
		if best < 0 || x.cost(p, list, i) < x.cost(p, list, best) {
			best = i
		}
	}
	if best >= 0 {
		p.n = list[best].n
	}
	byIndex := func() error {
		switch {
		case best < 0:
			p.source = &typeSource{typ: p.typ}
		case list[best].points:
			x.intersect(p, list, best)
		default:
			return x.chooseRange(p, list[best])
		}
		return nil
	}
	byFeed, sure, err := x.sortedByFeed(p, p.n)
	switch {
	case err != nil:
		return err
	case !byFeed:
		return byIndex()
	case !sure:
		p.instead, p.brings = byIndex, list[best].n
	}
	return nil
}

// accesses lists the tests that postings can drive, with estimates where there
// is a choice.
func (x *execution) accesses(p *plan) ([]access, error) {
	var list []access
	var ranges []kv.Range
	var of []int
	for i, t := range p.tests {
		if !t.indexed() {
			continue
		}
		for _, r := range postingsOf(p.typ, t) {
			ranges, of = append(ranges, r), append(of, len(list))
		}
		list = append(list, access{test: i, points: t.points()})
	}
	if len(list) == 0 || len(list) == 1 && list[0].points && p.sorted == nil {
		return list, nil // no choice to make
	}
	counts, err := kv.Estimate(x.ctx, x.r, ranges...)
	for i, n := range counts {
		list[of[i]].n += int(n)
	}
	return list, err
}

// cost is about what the plan costs with the postings of one access as its
// source: to scan them and, of those that are left, to look up the rows.
func (x *execution) cost(p *plan, list []access, drive int) int {
	a := list[drive]
	if !a.points {
		sum := a.n * costCompare
		if len(p.tests) > 1 {
			sum += a.n * costRows
		}
		return sum
	}
	meets, looked := x.meets(p, list, drive)
	sum := a.n
	for _, i := range meets {
		sum += list[i].n
	}
	if looked {
		sum += a.n * costRows
	}
	return sum
}

// meets returns the accesses that are read along with the postings of drive,
// and whether candidates are still to be looked up then. All of them together
// must cost less than looking up, or each cut down what is looked up.
func (x *execution) meets(p *plan, list []access, drive int) (meets []int, looked bool) {
	sum := 0
	for i, t := range p.tests {
		switch j := slices.IndexFunc(list, func(o access) bool { return o.test == i }); {
		case t.tree != nil:
			looked = true
		case j == drive, p.carries(x, list[drive], &t):
		case j >= 0 && list[j].points:
			meets = append(meets, j)
			sum += list[j].n
		default:
			looked = true
		}
	}
	if !looked && sum <= costRows*list[drive].n {
		return meets, false
	}
	all := len(meets)
	meets = slices.DeleteFunc(meets, func(j int) bool { return list[j].n > 2*list[drive].n })
	return meets, looked || len(meets) < all
}

// carries reports whether the postings of an access tell if another test holds:
// it asks for the date, which they carry.
func (p *plan) carries(x *execution, a access, t *test) bool {
	cover := x.store.coverages[p.typ]
	if cover.date == 0 || t.tree != nil {
		return false
	}
	for _, pred := range t.any {
		if postingID(p.typ, pred.Param) != cover.date {
			return false
		}
	}
	for _, pred := range p.tests[a.test].any {
		if !cover.covers(postingID(p.typ, pred.Param)) {
			return false
		}
	}
	return true
}

// intersect makes the postings of a test the source, met with those of the
// other tests on exact values that it costs less to read than to look up.
func (x *execution) intersect(p *plan, list []access, drive int) {
	s := &pointSource{names: x.store.names, typ: p.typ, streams: []*stream{newStream(p.typ, p.tests[list[drive].test])}, block: blockLeast}
	if x.counting {
		s.block = blockMost
	}
	var used []int
	if p.tests[list[drive].test].tree == nil {
		used = append(used, list[drive].test)
	}
	meets, _ := x.meets(p, list, drive)
	for _, i := range meets {
		s.streams = append(s.streams, newStream(p.typ, p.tests[list[i].test]))
		used = append(used, list[i].test)
	}
	p.source = s
	p.drop(used...)
}

// drop removes the tests that the source fulfils.
func (p *plan) drop(used ...int) {
	kept := p.tests[:0:0]
	for i, t := range p.tests {
		if !slices.Contains(used, i) {
			kept = append(kept, t)
		}
	}
	p.tests = kept
}

// chooseRange weighs the postings of a range, which bring n candidates that
// must all be put in order, against the whole type in its order, of which a
// page needs as many as its matches are apart.
func (x *execution) chooseRange(p *plan, a access) error {
	p.source = &typeSource{typ: p.typ}
	if !x.counting && p.sorted == nil {
		all, err := kv.Estimate(x.ctx, x.r, kv.Prefix(currentPrefix(p.typ)))
		if err != nil || a.n > 0 && x.limit*int(all[0])/a.n < a.n {
			return err
		}
	}
	s := &rangeSource{names: x.store.names, typ: p.typ, test: p.tests[a.test]}
	p.source = s
	if s.test.tree == nil {
		p.drop(a.test)
	}
	if s.distinct = x.limit == 0; !s.distinct {
		p.sort()
	}
	return nil
}

// overstated is by how much more of a type there may seem to be than there is: versions
// that were replaced count until the engine has let go of them.
const overstated = 64

// sortedByFeed uses the last changes as the source when the order is theirs, and
// less than half as many of them are to be looked at as the index would bring to be
// sorted: least, less than 0 for everything. Where it is not sure of that, a page
// tries.
func (x *execution) sortedByFeed(p *plan, least int) (byFeed, sure bool, err error) {
	if p.sorted == nil || !p.byChange() {
		return false, false, nil
	}
	sure = true
	s := &feedSource{typ: p.typ, since: p.since(), oldest: !p.order[0].desc}
	if least >= 0 || s.since > 0 {
		counts, err := kv.Estimate(x.ctx, x.r, s.changes(), kv.Prefix(currentPrefix(p.typ)))
		if err != nil {
			return false, false, err
		}
		p.n = int(counts[0])
		looked := min(p.n, (x.limit+1)*int(counts[1])/max(least, 1))
		sure = least < 0 || 2*looked < least
		if !sure && (x.counting || least < 2*improveWorth || looked/overstated >= least) {
			p.n = least
			return false, false, nil
		}
	}
	p.source, p.sorted = s, nil
	return true, sure, nil
}

// walkWorth is the number of candidates above which it may pay to walk the
// postings of what is sorted by instead of sorting the candidates.
const walkWorth = 200

// worthWalking weighs a walk, which looks at as many resources as lie between
// the matches of a page, against sorting all candidates of the source.
func (x *execution) worthWalking(p *plan) bool {
	if p.bounded || !x.walkable(p) || p.n >= 0 && p.n < walkWorth {
		return false
	}
	all, err := kv.Estimate(x.ctx, x.r, kv.Prefix(currentPrefix(p.typ)))
	if err != nil || all[0] < walkWorth {
		return false
	}
	if p.n < 0 {
		return true
	}
	return (x.limit+1)*int(all[0])/p.n < p.n
}
