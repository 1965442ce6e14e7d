package store

import (
	"context"
	"slices"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
)

// Search answers one page (R4 search.html). The whole of it, the view's
// decisions included, reads one snapshot.
func (s *Store) Search(ctx context.Context, q fhir.Query) (page fhir.Page, err error) {
	err = s.engine.View(ctx, func(r kv.Reader) error {
		page, err = s.execute(ctx, r, q)
		return err
	})
	return page, err
}

// execute runs a query on a Reader: the snapshot of a search, or the
// transaction in which a condition is evaluated.
func (s *Store) execute(ctx context.Context, r kv.Reader, q fhir.Query) (fhir.Page, error) {
	if q.Within == nil {
		return fhir.Page{}, errNoView("store.Search")
	}
	countOnly := q.Summary == "count"
	q.Count = s.limits.count(q.Count)
	var after []byte
	if q.Cursor != "" {
		var err error
		if after, err = s.openCursor(q.Cursor, bindingOfQuery(&q)); err != nil {
			return fhir.Page{}, err
		}
	}
	x := &execution{ctx: ctx, store: s, r: r, q: &q, limit: q.Count, counting: countOnly || q.Total == fhir.TotalAccurate}
	if countOnly {
		x.limit = 0
	}
	if err := x.types(after); err != nil {
		return fhir.Page{}, err
	}
	page := fhir.Page{Total: -1, Count: q.Count}
	if x.counting || after == nil && !x.more {
		page.Total = x.total
	}
	if countOnly {
		return page, nil
	}
	var err error
	if page.Matches, err = x.load(x.hits); err != nil {
		return fhir.Page{}, err
	}
	if page.Included, page.Issues, err = x.include(page.Matches); err != nil {
		return fhir.Page{}, err
	}
	if x.more {
		page.Next = s.sealCursor(x.position(&x.hits[len(x.hits)-1]), bindingOfQuery(&q))
	}
	return page, nil
}

// An execution is one query under way.
type execution struct {
	ctx   context.Context
	store *Store
	r     kv.Reader
	q     *fhir.Query

	limit    int  // matches wanted
	counting bool // go on to the end, for the total
	passing  bool // while counting: the page begins in a later type

	hits  []candidate
	more  bool // there is at least one match after hits
	total int  // matches seen

	bodies int // read to the end, for what no row tells
}

// types runs the query on its type or, for a search over the system, on each
// type in turn. The position then begins with the type.
func (x *execution) types(after []byte) error {
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
	if len(x.q.Sort) > 0 {
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

// together runs a sorted query over several types: one order for all of them.
func (x *execution) together(types []string, after []byte) error {
	var pool []candidate
	var sorted []sortKey
	for _, typ := range types {
		p, err := x.plan(typ)
		if err != nil {
			return err
		}
		sorted = p.sorted
		if pool, err = x.collect(p, pool); err != nil {
			return err
		}
	}
	last := candidate{}
	if after != nil {
		d := decoder{b: after}
		typ := string(d.bytes())
		last = decodeSorted(d.b, len(sorted))
		last.typ = typ
	}
	x.cut(sorted, pool, last, after != nil)
	return nil
}

// position is where the next page begins: after the match in the order of the
// search and, in a search over several types, of the types.
func (x *execution) position(last *candidate) []byte {
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
	if p.sorted != nil {
		return x.runSorted(p, after)
	}
	return x.run(p, after)
}

// load reads the bodies of hits in one batch.
func (x *execution) load(hits []candidate) ([]fhir.Resource, error) {
	keys := make([]fhir.Key, len(hits))
	for i := range hits {
		keys[i] = fhir.Key{Type: hits[i].typ, ID: hits[i].id}
	}
	return readAll(x.ctx, x.r, keys)
}
