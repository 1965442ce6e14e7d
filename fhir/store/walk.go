package store

import (
	"bytes"
	"slices"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/search"
)

// A walk answers a sorted search in the order of the postings of the first
// parameter that sorts, so that a page costs what the page needs however many
// resources match. A resource with several values comes by each of them: it
// counts where SortValue places it, which its rows tell, and which a posting
// that is the only one need not ask. What agrees is put in order by the other
// parameters, then by id. What has no value comes last.
type walk struct {
	x     *execution
	p     *plan
	g     gathering
	lanes []*lane
	last  *candidate // the position of the page; nil for the first
	sieve *sieve
}

// A lane is one of the ranges whose postings sort, each in order of what sorts.
type lane struct {
	rng   kv.Range
	block []walked
	read  int // for the block, what a sieve held back of it too
	done  bool
	shelf shelf
}

// walked is a posting on the way: what it sorts by, and what it is.
type walked struct{ key, id, value []byte }

// walkable reports whether a plan can be answered by a walk.
func (x *execution) walkable(p *plan) bool {
	if x.q.Type == "" || x.limit == 0 || len(p.sorted) == 0 {
		return false
	}
	code := p.sorted[0].code
	return code != "_id" && code != "_lastUpdated" && search.SortRanges(p.sorted[0].param) != nil
}

// runWalk takes the page. A total is counted by itself.
func (x *execution) runWalk(p *plan, last *candidate) error {
	if x.counting {
		n, err := x.countOf(p.typ)
		if err != nil {
			return err
		}
		x.counting = false
		defer func() { x.counting, x.total = true, n }()
	}
	p.restore(x)
	p.walked = true
	w := &walk{x: x, p: p, last: last, g: gathering{x: x, p: p, last: last}}
	var err error
	if w.sieve, err = x.sieveOf(p.typ); err != nil {
		return err
	}
	if w.last == nil || w.last.keys[0] != nil {
		w.enter()
		if err := w.valued(); err != nil || x.more {
			return err
		}
	}
	return w.valueless()
}

// enter makes the lanes begin with what sorts as the position does.
func (w *walk) enter() {
	key := w.p.sorted[0]
	for _, part := range key.param.Parts() {
		param := postingID(w.p.typ, part)
		for _, r := range search.SortRanges(key.param) {
			rng := postingRange(param, r.Lo, r.Hi)
			if rng.Reverse = key.desc; w.last != nil {
				from := postingRange(param, search.SortStart(r, w.last.keys[0]), r.Hi).Start
				if key.desc {
					rng.End = kv.PrefixEnd(from)
				} else {
					rng.Start = from
				}
			}
			w.lanes = append(w.lanes, &lane{rng: rng})
		}
	}
}

// fill reads the next block of the lanes that have none, in one round.
func (w *walk) fill(limit int) error {
	var ranges []kv.Range
	var open []*lane
	for _, l := range w.lanes {
		if len(l.block) == 0 && !l.done {
			l.rng.Limit = limit
			ranges, open = append(ranges, l.rng), append(open, l)
			l.shelf, l.read = shelf{}, 0
		}
	}
	if len(open) == 0 {
		return nil
	}
	var end []byte
	for e, err := range w.x.r.Scan(w.x.ctx, ranges...) {
		if err != nil {
			return err
		}
		l := open[e.Range]
		if l.read++; w.sieve == nil || !w.sieve.posting(e.Value) {
			if err := l.keep(w, e); err != nil {
				return err
			}
		}
		end = append(end[:0], e.Key...)
		if l.read == limit {
			if l.rng.Reverse {
				l.rng.End = bytes.Clone(end)
			} else {
				l.rng.Start = append(bytes.Clone(end), 0)
			}
		}
	}
	for _, l := range open {
		l.done = l.read < limit
	}
	return nil
}

// keep copies a posting into the block of its lane.
func (l *lane) keep(w *walk, e kv.Entry) error {
	value, id, ok := splitPosting(e.Key)
	if !ok {
		return corrupt("posting of a %s", w.p.typ)
	}
	key := w.x.store.registry.SortValue([][]byte{value}, false)
	if key == nil {
		return corrupt("posting of a %s", w.p.typ)
	}
	l.block = append(l.block, walked{l.shelf.keep(key), l.shelf.keep(id), l.shelf.keep(e.Value)})
	return nil
}

// next takes the posting that comes next of all lanes; ok is false at the end. It
// is none when all that was read was held back.
func (w *walk) next(limit *int) (next walked, ok bool, err error) {
	lacking := func(l *lane) bool { return len(l.block) == 0 && !l.done }
	if slices.ContainsFunc(w.lanes, lacking) {
		if err := w.fill(*limit); err != nil {
			return walked{}, false, err
		}
		if *limit = min(2**limit, blockMost); slices.ContainsFunc(w.lanes, lacking) {
			return walked{}, true, nil
		}
	}
	var from *lane
	for _, l := range w.lanes {
		if len(l.block) == 0 {
			continue
		}
		if from == nil || bytes.Compare(l.block[0].key, from.block[0].key) < 0 != w.p.sorted[0].desc {
			from = l
		}
	}
	if from == nil {
		return walked{}, false, nil
	}
	next, from.block = from.block[0], from.block[1:]
	return next, true, nil
}

// valued takes what has a value: whole groups of the same, as many as make a
// page, each put in order by id.
func (w *walk) valued() error {
	size := w.x.limit + 1
	block := min(max(size, blockLeast), blockMost)
	fr := w.x.store.namedReader()
	var group []byte
	var chunk []candidate
	for !w.x.more {
		e, ok, err := w.next(&block)
		if err != nil {
			return err
		}
		if held := w.sieve.take(); held > 0 {
			if err := w.think(held, len(chunk)); err != nil {
				return err
			}
		}
		if ok && e.key == nil {
			continue
		}
		ended := !ok || !bytes.Equal(e.key, group)
		if len(chunk) >= chunkMost || ended && len(w.g.pool)+len(chunk) >= size || !ok {
			if err := w.take(chunk); err != nil {
				return err
			}
			chunk = chunk[:0]
		}
		if ended && (len(w.g.pool) >= size || !ok) {
			if err := w.show(); err != nil {
				return err
			}
			if w.x.more {
				return nil
			}
			if err := w.x.reconsider(w.p); err != nil {
				return err
			}
		}
		if !ok {
			return nil
		}
		w.p.proposed++
		c, pass, err := w.candidate(&fr, e)
		if err != nil {
			return err
		}
		if group = e.key; pass {
			chunk = append(chunk, c)
		}
	}
	return nil
}

// think reconsiders the plan when some was held back. What came through the sieve
// and was not put before the view yet is taken for open.
func (w *walk) think(held, chunk int) error {
	w.p.sieved += held
	seen := w.p.seen
	w.p.seen += len(w.g.pool) + chunk
	err := w.x.reconsider(w.p)
	if err == nil {
		w.p.seen = seen
	}
	return err
}

// candidate makes one of a posting, and tests what can be tested of it.
func (w *walk) candidate(fr *namedReader, e walked) (c candidate, pass bool, err error) {
	p, err := readPosting(fr, w.p.typ, e.value)
	if err != nil {
		return c, false, err
	}
	p.facts.Key = fhir.Key{Type: w.p.typ, ID: string(e.id)}
	c = candidate{typ: w.p.typ, id: p.facts.Key.ID, facts: p.facts, keys: [][]byte{e.key}}
	if len(w.p.sorted) > 1 {
		return c, true, nil // its rows tell the rest
	}
	if w.last != nil && compareSorted(w.p.sorted, &c, w.last) <= 0 {
		return c, false, nil
	}
	c.tested = p.sole && len(w.p.tests) == 0 && w.p.sorted[0].param.Whole()
	return c, true, nil
}

// take adds what exists and matches of a chunk to the pool. Rows say whether a
// resource of several values sorts by this one.
func (w *walk) take(chunk []candidate) error {
	by := make(map[string][][]byte, len(chunk))
	for i := range chunk {
		if c := &chunk[i]; !c.tested {
			by[c.id] = append(by[c.id], c.keys[0])
		}
	}
	passed, err := w.x.pass(w.p, chunk)
	if err != nil {
		return err
	}
	w.p.matched += len(passed)
	passed = slices.DeleteFunc(passed, func(c candidate) bool {
		return !c.tested && !slices.ContainsFunc(by[c.id], func(key []byte) bool { return bytes.Equal(key, c.keys[0]) })
	})
	return w.g.append(passed, false)
}

// show puts the pool in order and takes from it what fits into the page.
func (w *walk) show() error {
	g := w.g
	w.g = gathering{x: w.x, p: w.p, last: w.last}
	if g.seen > 0 { // the view was asked because there were so many
		if err := g.seeRest(); err != nil {
			return err
		}
		g.full = true
	}
	g.order()
	if g.full {
		w.x.total += len(g.pool)
	}
	return g.page(g.pool)
}

// valueless takes what has no value of the first parameter: all of the type is
// looked at, in the order of ids, which has to be sorted by the others.
func (w *walk) valueless() error {
	w.p.source = &typeSource{typ: w.p.typ}
	w.p.prepare(w.x)
	without := func(chunk []candidate) []candidate {
		return slices.DeleteFunc(chunk, func(c candidate) bool { return c.keys[0] != nil })
	}
	if len(w.p.sorted) > 1 {
		g := gathering{x: w.x, p: w.p, last: w.last}
		err := w.x.sift(w.p, nil, func(chunk []candidate) (bool, error) {
			err := g.append(without(chunk), false)
			return err == nil, err
		})
		if err != nil {
			return err
		}
		return g.cut()
	}
	var after []byte
	if w.last != nil && w.last.keys[0] == nil {
		after = positionIn(w.p, w.last)
	}
	g := gathering{x: w.x, p: w.p}
	return w.x.sift(w.p, after, func(chunk []candidate) (bool, error) {
		err := g.page(slices.Clone(without(chunk)))
		return !w.x.more, err
	})
}
