package store

import (
	"context"
	"slices"
	"time"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/kv/counting"
)

// Search answers one page (R4 search.html). The whole of it, the view's
// decisions included, reads one snapshot.
func (s *Store) Search(ctx context.Context, q fhir.Query) (page fhir.Page, err error) {
	err = s.engine.View(ctx, func(r kv.Reader) error {
		page, err = s.execute(ctx, r, q, &s.epochs)
		return err
	})
	return page, err
}

// execute runs a query on a Reader: the snapshot of a search with the epochs
// that all searches share, or the transaction in which a condition is
// evaluated, without.
func (s *Store) execute(ctx context.Context, r kv.Reader, q fhir.Query, shared *epochCache) (fhir.Page, error) {
	if q.Within == nil {
		return fhir.Page{}, errNoView("store.Search")
	}
	began, trips := time.Now(), func() int { return 0 }
	if q.Explain {
		r, trips = counting.Reader(r)
	}
	countOnly := q.Summary == "count"
	q.Count, q.Sort = s.limits.count(q.Count), orderOf(&q)
	var after []byte
	if q.Cursor != "" {
		var err error
		if after, err = s.openCursor(q.Cursor, s.binding(&q)); err != nil {
			return fhir.Page{}, err
		}
	}
	x := &execution{ctx: ctx, store: s, rows: s.rowsReader(), r: r, q: &q, limit: q.Count, counting: countOnly || q.Total == fhir.TotalAccurate,
		sight: newSight(ctx, r, q.Within, shared), sending: true, keepRows: !countOnly && refers(&q, after)}
	if countOnly {
		x.limit = 0
	}
	if shared != nil {
		x.kept = s.kept
	}
	if q.Explain {
		x.trace = &trace{}
	}
	if err := x.types(after); err != nil {
		return fhir.Page{}, err
	}
	page := fhir.Page{Total: -1, Count: q.Count}
	if x.counting || after == nil && !x.more {
		page.Total = x.total
	}
	if countOnly && !q.Explain {
		return page, nil
	}
	in := x.inclusion()
	var err error
	if page.Matches, err = x.matches(in); err != nil {
		return fhir.Page{}, err
	}
	if page.Included, page.Issues, err = in.run(page.Matches); err != nil {
		return fhir.Page{}, err
	}
	warnings, err := x.versionedChain(page.Matches)
	if err != nil {
		return fhir.Page{}, err
	}
	page.Issues = append(page.Issues, warnings...)
	var further []byte
	if q.Care.Support {
		if further, err = x.support(&page, after); err != nil {
			return fhir.Page{}, err
		}
	}
	if err := reveal(ctx, r, page.Matches, page.Included); err != nil {
		return fhir.Page{}, err
	}
	if q.Explain {
		plan := x.trace.end(x, &page)
		plan.RoundTrips, plan.Took = trips(), time.Since(began)
		return fhir.Page{Total: -1, Count: q.Count, Issues: page.Issues, Plan: plan}, nil
	}
	if x.more {
		further = x.position(&x.hits[len(x.hits)-1])
	}
	if further != nil {
		page.Next = s.sealCursor(further, s.binding(&q))
	}
	return page, nil
}

// refers reports whether what the matches of a page refer to is asked for.
func refers(q *fhir.Query, after []byte) bool {
	return q.Care.Support && after == nil || slices.ContainsFunc(q.Includes, func(i fhir.Include) bool { return !i.Reverse })
}

// An execution is one query under way.
type execution struct {
	ctx   context.Context
	store *Store
	r     kv.Reader
	q     *fhir.Query

	sight *sight
	kept  *compartments // nil within a transaction

	postings uint64 // their stamp, when stamped
	stamped  bool

	limit    int  // matches wanted
	counting bool // go on to the end, for the total
	passing  bool // while counting: the page begins in a later type
	among    bool // the type is one of several that are sorted together
	sending  bool // the matches are to be sent
	keepRows bool // what the matches refer to is asked for

	rows    rowsReader
	records recordReader
	facts   []fhir.Facts // of the chunk that the view is asked about
	values  [][]byte     // of the parameter that is sorted by
	shelf   shelf        // what is sorted by

	hits  []candidate
	more  bool // there is at least one match after hits
	total int  // matches seen

	bodies int // read to the end, for what no row tells

	trace  *trace // for _explain; nil for none
	pooled int    // sorted in memory
}

// types runs the query on its type or, for a search over the system, on each
// type in turn. The position then begins with the type.
func (x *execution) types(after []byte) error {
	if x.q.Contained.Any() {
		return x.contained(x.q.Type, after)
	}
	if x.q.Type != "" {
		return x.one(x.q.Type, after)
	}
	if x.q.Compartment.Type == "Patient" && len(x.q.Sort) == 0 {
		return x.everything(after)
	}
	list := slices.Compact(slices.Sorted(slices.Values(x.q.Types)))
	if len(list) == 0 {
		list = resourceTypes()
	}
	if x.q.Compartment.ID != "" {
		list = x.compartmentTypes()
	}
	if len(x.q.Sort) > 0 && x.limit > 0 {
		return x.together(list, after)
	}
	from, rest := "", after
	if after != nil {
		d := decoder{b: after}
		from = string(d.bytes())
		rest = d.b
	}
	for _, typ := range list {
		if !x.counting && (typ < from || x.more) {
			continue
		}
		x.passing = typ < from
		start := rest
		if typ != from {
			start = nil
		}
		if err := x.one(typ, start); err != nil {
			return err
		}
	}
	return nil
}

// position is where the next page begins: after the match in the order of the
// search and, in a search over several types, of the types.
func (x *execution) position(last *candidate) []byte {
	if x.q.Contained.Any() {
		return containedPosition(last)
	}
	var b []byte
	if x.q.Type == "" {
		b = appendString(b, last.typ)
	}
	return append(b, encodeSorted(*last)...)
}

// one plans and runs the query on one type.
func (x *execution) one(typ string, after []byte) error {
	p, err := x.plan(typ)
	if err != nil {
		return err
	}
	done, err := x.recall(p, tallied) // before another source is thought of
	if !done && err == nil {
		began := time.Now()
		if err = x.perform(p, func() error { return x.carryOut(p, after) }); err == nil && p.unjudged != nil {
			err = x.learn(p.unjudged, time.Since(began))
		}
	}
	x.trace.note(x, p)
	return err
}

// carryOut answers the query by its plan.
func (x *execution) carryOut(p *plan, after []byte) error {
	if s, counted := x.tallies(p); counted {
		return x.count(p, s)
	}
	if p.sorted != nil {
		return x.runSorted(p, lastOf(p, after))
	}
	return x.run(p, after)
}

// matches returns those of the page. Bodies that were not read on the way are read in
// one batch, with what the matches refer to.
func (x *execution) matches(in *inclusion) ([]fhir.Resource, error) {
	keys := lackingKeys(nil, x.hits)
	own := len(keys)
	ahead, err := in.foresee()
	if err != nil {
		return nil, err
	}
	for _, k := range ahead {
		keys = append(keys, storedKey(k))
	}
	for _, k := range ahead {
		if k.Type == "Patient" {
			keys = x.sight.wantEpoch(keys, k.ID)
		}
	}
	if len(keys) > 0 {
		values, err := x.r.Get(x.ctx, keys...)
		if err != nil {
			return nil, err
		}
		if err := x.sight.learn(values); err != nil {
			return nil, err
		}
		fillValues(x.hits, values[:own])
		for i, k := range ahead {
			in.read[k] = values[own+i]
		}
	}
	list := make([]fhir.Resource, 0, len(x.hits))
	for i := range x.hits {
		c := &x.hits[i]
		if c.value == nil {
			continue
		}
		rec, err := x.records.decode(c.typ, c.id, c.value)
		if err != nil {
			return nil, err
		}
		if rec.effect != fhir.Deleted {
			res, err := rec.whole(x.ctx, x.r)
			if err != nil {
				return nil, err
			}
			res.Fragment = c.fragment
			list = append(list, res)
		}
	}
	return list, nil
}
