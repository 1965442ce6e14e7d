package store

import (
	"context"
	"slices"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/search"
)

// Contained resources (R4 search.html#contained) are found by the rows of what
// contains them, and proved in its body: the rows of one do not tell it from its
// neighbours. What contains them is what the view judges.

// learnHolders notes the types of which a resource contains another: most never
// do, and a chain then costs no look at contained resources.
func (s *Store) learnHolders(ctx context.Context) error {
	var ranges []kv.Range
	for _, typ := range resourceTypes() {
		rng := kv.Prefix(paramKey(nil, postingID(typ, search.ContainedParam())))
		rng.Limit, rng.KeysOnly = 1, true
		ranges = append(ranges, rng)
	}
	return s.engine.View(ctx, func(r kv.Reader) error {
		for e, err := range r.Scan(ctx, ranges...) {
			if err != nil {
				return err
			}
			s.holders.Store(resourceTypes()[e.Range], true)
		}
		return nil
	})
}

// noteHolder notes what a change is about to write: rows of what is contained
// come last.
func (s *Store) noteHolder(typ string, entries []search.Entry) {
	if n := len(entries); n > 0 && entries[n-1].Param == search.ContainedParam() {
		s.holders.Store(typ, true)
	}
}

// A container is a resource that contains something of a type, as a document.
type container struct {
	res fhir.Resource
	doc *fhirjson.Doc
}

// containers calls each with the resources of some types in which something of
// another may meet the condition, some of them in memory at a time.
func (x *execution) containers(types []string, within string, cover []*search.Predicate, each func(*container) error) error {
	var ranges []kv.Range
	var typeOf []string
	param := search.ContainedParam()
	for _, typ := range types {
		for _, r := range search.Contained(within, cover) {
			ranges, typeOf = append(ranges, rangeOf(typ, param, r)), append(typeOf, typ)
		}
	}
	keys, err := x.seen(ranges, typeOf)
	if err != nil {
		return err
	}
	x.bodies += len(keys)
	for chunk := range slices.Chunk(keys, chunkMost) {
		list, err := readAll(x.ctx, x.r, chunk)
		if err != nil {
			return err
		}
		for _, res := range list {
			doc, err := fhirjson.Parse(res.Body)
			if err != nil {
				return corrupt("body of a %s", res.Type)
			}
			if err := each(&container{res, doc}); err != nil {
				return err
			}
		}
	}
	return nil
}

// seen returns the resources of some postings that the view lets be seen, each
// once. It refuses more than may be read through.
func (x *execution) seen(ranges []kv.Range, typeOf []string) (keys []fhir.Key, err error) {
	var facts []fhir.Facts
	known := map[fhir.Key]bool{}
	judge := func() error {
		visible, err := x.sight.sees(facts)
		if err != nil {
			return err
		}
		for i, f := range facts {
			if visible[i] && !known[f.Key] {
				known[f.Key] = true
				keys = append(keys, f.Key)
			}
		}
		if facts = facts[:0]; x.bodies+len(keys) > x.store.limits.Bodies {
			return errBodies(x.store.limits.Bodies)
		}
		return nil
	}
	fr := x.store.namedReader()
	for e, err := range x.r.Scan(x.ctx, ranges...) {
		if err != nil {
			return nil, err
		}
		_, id, ok := splitPosting(e.Key)
		d := decoder{b: e.Value}
		f := fr.read(&d)
		if !ok || d.bad {
			return nil, corrupt("posting of a %s", typeOf[e.Range])
		}
		f.Key = fhir.Key{Type: typeOf[e.Range], ID: string(id)}
		if known[f.Key] {
			continue
		}
		if facts = append(facts, f); len(facts) == chunkMost {
			if err := judge(); err != nil {
				return nil, err
			}
		}
	}
	return keys, judge()
}

// inside returns the contained resources of the type that meet the condition,
// with their rows.
func (x *execution) inside(c *container, typ string, all []tree, ids map[string]bool) (list []candidate, err error) {
	for n := range c.doc.Root().Get("contained").Items() {
		id := n.Get("id").Text()
		if n.Get("resourceType").Text() != typ || ids != nil && !ids[id] {
			continue
		}
		entries, err := x.store.registry.Extract(typ, n)
		if err != nil {
			return nil, err
		}
		rs := &rows{lastUpdated: c.res.LastUpdated.UnixMilli(), facts: c.res.Facts, list: newRows(typ, entries)}
		rs.facts.Key = fhir.Key{Type: typ, ID: id}
		if !slices.ContainsFunc(all, func(t tree) bool { return t.judge(id, rs, &document{n}) != holds }) {
			list = append(list, candidate{typ: c.res.Type, id: c.res.ID, facts: c.res.Facts, fragment: id, rows: rs})
		}
	}
	return list, nil
}

// followContained finds the resources of the type whose link leads to a resource
// contained in them that meets the rest of the chain.
func (x *execution) followContained(typ string, param fhir.Param) (ids []string, err error) {
	link, rest := param.Chain[0], param
	rest.Chain = param.Chain[1:]
	p, ok := x.store.registry.Param(typ, link.Code)
	if _, holder := x.store.holders.Load(typ); !ok || !holder || link.Reverse {
		return nil, nil
	}
	root, err := x.tree(link.Type, rest)
	if err != nil {
		return nil, err
	}
	cover, _ := root.cover()
	err = x.containers([]string{typ}, link.Type, cover, func(c *container) error {
		entries, err := x.store.registry.Extract(typ, c.doc.Root())
		if err != nil {
			return err
		}
		found, err := x.inside(c, link.Type, []tree{root}, search.ContainedIDs(p.Values(entries)))
		if len(found) > 0 {
			ids = append(ids, c.res.ID)
		}
		return err
	})
	return ids, err
}

// contained runs a search for contained resources, and with _contained=both for
// the others as well: so much of either as fits into the page after a position.
// Those that are contained are found anew for each page, as there are no more of
// them than may be read through; the others are walked as in any search.
func (x *execution) contained(typ string, after []byte) error {
	x.among = true // the id of a contained resource is not the only one
	sorted, err := x.sortKeys(typ)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(sorted, func(k sortKey) bool { return k.code == "_lastUpdated" }) {
		return fhir.Errorf(fhir.Malformed, "store.Search", "search.unsupported-sort", fhir.CodeNotSupported, "http._sort",
			fhir.T("Contained resources have no date of their own to sort by.", "Les ressources contenues n'ont pas de date propre pour le tri."), fhir.Text{})
	}
	var last *candidate
	if after != nil {
		c := containedAfter(after, len(sorted))
		last = &c
	}
	pool, err := x.containedMatches(typ, sorted)
	if err != nil {
		return err
	}
	x.trace.contains(typ, len(pool))
	if x.q.Contained.Both {
		if pool, err = x.containedAlone(typ, pool); err != nil {
			return err
		}
		if err := x.pageOf(typ, amongOthers(typ, sorted, last)); err != nil {
			return err
		}
		for i := range x.hits {
			x.hits[i].keys = x.hits[i].keys[:len(sorted)]
		}
	}
	x.pooled = len(pool)
	x.total += len(pool)
	if x.limit == 0 {
		return nil
	}
	order := func(a, b candidate) int { return compareContained(sorted, a, b) }
	x.hits = append(x.hits, slices.DeleteFunc(pool, func(c candidate) bool { return last != nil && order(c, *last) <= 0 })...)
	slices.SortFunc(x.hits, order)
	if len(x.hits) > x.limit {
		x.hits, x.more = x.hits[:x.limit], true
	}
	return x.rowsOfHits()
}

// amongOthers is a position among the matches that are not contained. Sorted by
// _id alone these come in the order of their sources, where a contained resource
// lies at its own id, and not at that of what contains it.
func amongOthers(typ string, sorted []sortKey, last *candidate) *candidate {
	if last == nil || len(sorted) != 1 || sorted[0].code != "_id" || sorted[0].desc {
		return last
	}
	at := *last
	switch at.id = string(last.keys[0]); {
	case at.id == "":
		return nil
	case at.id < last.id:
		at.typ = typ // before it
	case at.id > last.id:
		at.typ = "" // after it
	}
	return &at
}

// compareContained is compareSorted, and the contained resources of one in the
// order of their ids.
func compareContained(sorted []sortKey, a, b candidate) int {
	if c := compareSorted(sorted, &a, &b); c != 0 {
		return c
	}
	return compareText(a.fragment, b.fragment)
}

// containedAlone leaves out what matches by itself as well: it comes where it
// sorts by itself.
func (x *execution) containedAlone(typ string, pool []candidate) ([]candidate, error) {
	var ids []string
	for _, c := range pool {
		if c.typ == typ && c.fragment == "" {
			ids = append(ids, c.id)
		}
	}
	if len(ids) == 0 {
		return pool, nil
	}
	q := *x.q
	q.Params, q.Sort = append(slices.Clone(q.Params), fhir.Param{Code: "_id", Values: ids}), nil
	in := &execution{ctx: x.ctx, store: x.store, rows: x.store.rowsReader(), r: x.r, q: &q, limit: len(ids), sight: x.sight, bodies: x.bodies, trace: x.trace.inside()}
	if err := in.one(typ, nil); err != nil {
		return nil, err
	}
	x.bodies = in.bodies
	both := map[string]bool{}
	for _, h := range in.hits {
		both[h.id] = true
	}
	return slices.DeleteFunc(pool, func(c candidate) bool { return c.typ == typ && c.fragment == "" && both[c.id] }), nil
}

// rowsOfHits reads the rows of the page where includes will ask for them.
func (x *execution) rowsOfHits() error {
	if !x.keepRows || len(x.hits) == 0 {
		return nil
	}
	values, err := readRows(x.ctx, x.r, x.hits)
	for i := range values {
		x.hits[i].raw = values[i]
	}
	return err
}

// containedMatches are the matches among contained resources, with what they
// sort by; of what contains them, unless they are returned alone, once each.
func (x *execution) containedMatches(typ string, sorted []sortKey) (pool []candidate, err error) {
	all := make([]tree, len(x.q.Params))
	var cover []*search.Predicate
	for i, param := range x.q.Params {
		if all[i], err = x.tree(typ, param); err != nil {
			return nil, err
		}
		if cover == nil {
			cover, _ = all[i].cover()
		}
	}
	err = x.containers(resourceTypes(), typ, cover, func(c *container) error {
		found, err := x.inside(c, typ, all, nil)
		if len(found) > 1 && !x.q.Contained.Inner {
			found = found[:1]
		}
		for _, c := range found {
			c.keys = x.keysOf(sorted, c.fragment, c.rows)
			if c.rows = nil; !x.q.Contained.Inner {
				c.fragment = ""
			}
			pool = append(pool, c)
		}
		return err
	})
	return pool, err
}

// containedPosition is the position after a match of such a search.
func containedPosition(c *candidate) []byte {
	return append(appendString(appendString(nil, c.typ), c.fragment), encodeSorted(*c)...)
}

func containedAfter(position []byte, keys int) candidate {
	d := decoder{b: position}
	typ, fragment := string(d.bytes()), string(d.bytes())
	c := decodeSorted(d.b, keys)
	c.typ, c.fragment = typ, fragment
	return c
}
