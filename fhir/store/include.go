package store

import (
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/search"
)

// include finds what _include and _revinclude ask for beside the matches (R4
// search.html#include), within the view of the query. With :iterate it goes on
// from what was included until nothing new comes.
func (x *execution) include(matches []fhir.Resource) ([]fhir.Resource, []fhir.Issue, error) {
	if len(x.q.Includes) == 0 || len(matches) == 0 {
		return nil, nil, nil
	}
	in := inclusion{x: x, known: map[fhir.Key]bool{}, room: x.store.limits.Included}
	for _, m := range matches {
		in.known[m.Current()] = true
	}
	for from, first := matches, true; len(from) > 0; first = false {
		before := len(in.included)
		if err := in.step(from, first); err != nil {
			return nil, nil, err
		}
		from = in.included[before:]
	}
	var issues []fhir.Issue
	if in.cut {
		issues = append(issues, fhir.Issue{ID: "search.include-cut", Severity: fhir.SeverityWarning, Code: fhir.CodeTooCostly, At: "http._include",
			Text: fhir.T("Not everything that was to be included is in this page: at most %d resources are.", "Cette page ne contient pas tout ce qui devait être inclus : %d ressources au plus.", x.store.limits.Included),
			Hint: fhir.T("Ask for smaller pages with _count.", "Demandez des pages plus petites avec _count.")})
	}
	return in.included, issues, nil
}

// An inclusion collects what is included in one page.
type inclusion struct {
	x        *execution
	known    map[fhir.Key]bool // matches, included, and what was found absent or withheld
	included []fhir.Resource
	room     int
	cut      bool
}

// step adds what the includes find from some resources. After the first step
// only those with :iterate count.
func (in *inclusion) step(from []fhir.Resource, first bool) error {
	var keys []fhir.Key
	for _, inc := range in.x.q.Includes {
		if !first && !inc.Iterate {
			continue
		}
		var found []fhir.Key
		var err error
		if inc.Reverse {
			found, err = in.referring(from, inc)
		} else {
			found, err = in.referred(from, inc)
		}
		if err != nil {
			return err
		}
		for _, k := range found {
			if !in.known[k] {
				in.known[k] = true
				keys = append(keys, k)
			}
		}
	}
	return in.add(keys)
}

// add reads the resources and keeps those that the view lets be seen.
func (in *inclusion) add(keys []fhir.Key) error {
	list, err := readAll(in.x.ctx, in.x.r, keys)
	if err != nil {
		return err
	}
	facts := make([]fhir.Facts, len(list))
	for i := range list {
		facts[i] = list[i].Facts
	}
	visible, err := sees(in.x.ctx, in.x.r, in.x.q.Within, facts)
	if err != nil {
		return err
	}
	for i, res := range list {
		if !visible[i] {
			continue
		}
		if in.room == 0 {
			in.cut = true
			return nil
		}
		in.room--
		in.included = append(in.included, res)
	}
	return nil
}

// referred follows the references that the resources hold.
func (in *inclusion) referred(from []fhir.Resource, inc fhir.Include) ([]fhir.Key, error) {
	var holders []candidate
	for _, res := range from {
		if inc.Type == "*" || inc.Type == res.Type {
			holders = append(holders, candidate{typ: res.Type, id: res.ID, facts: res.Facts})
		}
	}
	values, err := readRows(in.x.ctx, in.x.r, holders)
	if err != nil {
		return nil, err
	}
	var keys []fhir.Key
	var rr rowsReader
	for i, h := range holders {
		rs, err := rr.read(h.typ, h.id, values[i])
		if err != nil {
			return nil, err
		}
		for _, p := range in.x.referenceParams(h.typ, inc.Code) {
			for _, key := range in.x.store.registry.References(h.typ, p.Code, valuesOf(rs, postingID(h.typ, p))) {
				if inc.Target == "" || inc.Target == key.Type {
					keys = append(keys, key.Current())
				}
			}
		}
	}
	return keys, nil
}

// referring finds the resources of a type that hold a reference to any of
// these: one scan of the postings for all of them.
func (in *inclusion) referring(from []fhir.Resource, inc fhir.Include) ([]fhir.Key, error) {
	types := []string{inc.Type}
	if inc.Type == "*" {
		types = resourceTypes()
	}
	var ranges []kv.Range
	var typeOf []string
	for _, typ := range types {
		for _, p := range in.x.referenceParams(typ, inc.Code) {
			for _, res := range from {
				if inc.Target != "" && inc.Target != res.Type {
					continue
				}
				pred, err := in.x.store.registry.Compile(typ, fhir.Param{Code: p.Code, Values: []string{res.Current().String()}})
				if err != nil {
					return nil, err
				}
				for _, r := range pred.Ranges {
					ranges, typeOf = append(ranges, rangeOf(typ, p, r)), append(typeOf, typ)
				}
			}
		}
	}
	return in.seen(ranges, typeOf)
}

// seen returns the resources of some postings that the view lets be seen, no
// more than may still be included: what is withheld must not count, or a page
// that is cut short would tell of it.
func (in *inclusion) seen(ranges []kv.Range, typeOf []string) ([]fhir.Key, error) {
	var keys []fhir.Key
	var facts []fhir.Facts
	flush := func() error {
		visible, err := sees(in.x.ctx, in.x.r, in.x.q.Within, facts)
		for i, f := range facts {
			if err == nil && visible[i] {
				keys = append(keys, f.Key)
			}
		}
		facts = facts[:0]
		return err
	}
	var fr factsReader
	for e, err := range in.x.r.Scan(in.x.ctx, ranges...) {
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
		if facts = append(facts, f); len(facts) < chunkMost {
			continue
		}
		if err := flush(); err != nil {
			return nil, err
		}
		if len(keys) > in.room+len(in.known) {
			return keys, nil // add cuts what is too much, and says so
		}
	}
	return keys, flush()
}

// referenceParams are the reference parameters of a type that a code names.
func (x *execution) referenceParams(typ, code string) []*search.Param {
	if code != "*" {
		if p, ok := x.store.registry.Param(typ, code); ok && p.Type == search.Reference {
			return []*search.Param{p}
		}
		return nil
	}
	var list []*search.Param
	for _, p := range x.store.registry.Params(typ) {
		if p.Type == search.Reference {
			list = append(list, p)
		}
	}
	return list
}
