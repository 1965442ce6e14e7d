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

// containers reads the resources of some types in which something of another may
// meet the condition.
func (x *execution) containers(types []string, within string, cover []*search.Predicate) ([]container, error) {
	var ranges []kv.Range
	var typeOf []string
	param := search.ContainedParam()
	for _, typ := range types {
		for _, r := range search.Contained(within, cover) {
			ranges, typeOf = append(ranges, rangeOf(typ, param, r)), append(typeOf, typ)
		}
	}
	keys, err := x.seen(ranges, typeOf)
	if err != nil || len(keys) == 0 {
		return nil, err
	}
	if x.bodies += len(keys); x.bodies > x.store.limits.Bodies {
		return nil, errBodies(x.store.limits.Bodies)
	}
	list, err := readAll(x.ctx, x.r, keys)
	if err != nil {
		return nil, err
	}
	found := make([]container, len(list))
	for i, res := range list {
		doc, err := fhirjson.Parse(res.Body)
		if err != nil {
			return nil, corrupt("body of a %s", res.Type)
		}
		found[i] = container{res, doc}
	}
	return found, nil
}

// seen returns the resources of some postings that the view lets be seen, each
// once.
func (x *execution) seen(ranges []kv.Range, typeOf []string) ([]fhir.Key, error) {
	var facts []fhir.Facts
	known := map[fhir.Key]bool{}
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
		if !known[f.Key] {
			known[f.Key] = true
			facts = append(facts, f)
		}
	}
	visible, err := x.sight.sees(facts)
	if err != nil {
		return nil, err
	}
	var keys []fhir.Key
	for i, f := range facts {
		if visible[i] {
			keys = append(keys, f.Key)
		}
	}
	return keys, nil
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
	if _, holder := x.store.holders.Load(typ); !ok || !holder || link.Reverse || link.Type == "" {
		return nil, nil
	}
	root, err := x.tree(link.Type, rest)
	if err != nil {
		return nil, err
	}
	cover, _ := root.cover()
	list, err := x.containers([]string{typ}, link.Type, cover)
	if err != nil {
		return nil, err
	}
	for i := range list {
		c := &list[i]
		entries, err := x.store.registry.Extract(typ, c.doc.Root())
		if err != nil {
			return nil, err
		}
		found, err := x.inside(c, link.Type, []tree{root}, search.ContainedIDs(p.Values(entries)))
		if err != nil {
			return nil, err
		}
		if len(found) > 0 {
			ids = append(ids, c.res.ID)
		}
	}
	slices.Sort(ids)
	return ids, nil
}

// contained runs a search for contained resources, and with _contained=both for
// the others as well. All matches are sorted in memory.
func (x *execution) contained(typ string, after []byte) error {
	sorted, err := x.sortKeys(typ)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(sorted, func(k sortKey) bool { return k.code == "_lastUpdated" }) {
		return fhir.Errorf(fhir.Malformed, "store.Search", "search.unsupported-sort", fhir.CodeNotSupported, "http._sort",
			fhir.T("Contained resources have no date of their own to sort by.", "Les ressources contenues n'ont pas de date propre pour le tri."), fhir.Text{})
	}
	pool, err := x.containedMatches(typ, sorted)
	if err != nil {
		return err
	}
	x.trace.contains(typ, len(pool))
	if x.q.Contained.Both {
		p, err := x.plan(typ)
		if err != nil {
			return err
		}
		p.sorted = sorted // also where the plan needs no order of its own
		p.sort()
		p.prepare(x)
		most := x.store.limits.Sorted
		err = x.judge(p, nil, func(c candidate) bool {
			pool = append(pool, c)
			return len(pool) <= most
		})
		if err != nil {
			return err
		}
		if len(pool) > most {
			return errSortCostly(most)
		}
		x.trace.note(x, p)
	}
	order := func(a, b candidate) int {
		if c := compareSorted(sorted, a, b); c != 0 {
			return c
		}
		return compareText(a.fragment, b.fragment)
	}
	x.pooled = len(pool)
	slices.SortFunc(pool, order)
	pool = slices.CompactFunc(pool, func(a, b candidate) bool { return a.id == b.id && a.typ == b.typ && a.fragment == b.fragment })
	x.total += len(pool)
	for _, c := range pool {
		if after != nil && order(c, containedAfter(after, len(sorted))) <= 0 {
			continue
		}
		if len(x.hits) == x.limit {
			x.more = x.limit > 0
			break
		}
		x.hits = append(x.hits, c)
	}
	return x.rowsOfHits()
}

func errSortCostly(most int) error {
	return fhir.Errorf(fhir.Forbidden, "store.Search", "search.sort-costly", fhir.CodeTooCostly, "http._contained",
		fhir.T("The search finds more than the %d resources that are put in order together with contained ones.",
			"La recherche trouve plus que les %d ressources triées avec celles qui sont contenues.", most),
		fhir.T("Narrow it, by patient or by date, or search contained resources by themselves with _contained=true.",
			"Restreignez-la, par patient ou par date, ou cherchez les ressources contenues seules avec _contained=true."))
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
		if some, _ := all[i].cover(); some != nil && cover == nil {
			cover = some
		}
	}
	list, err := x.containers(resourceTypes(), typ, cover)
	if err != nil {
		return nil, err
	}
	for i := range list {
		found, err := x.inside(&list[i], typ, all, nil)
		if err != nil {
			return nil, err
		}
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
	}
	return pool, nil
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
