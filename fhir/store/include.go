package store

import (
	"slices"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/search"
)

// An inclusion collects what _include and _revinclude ask for beside the matches
// of one page (R4 search.html#include), within the view of the query.
type inclusion struct {
	x        *execution
	known    map[fhir.Key]bool          // matches, included, and what was found absent or withheld
	read     map[fhir.Key][]byte        // what was read ahead, versions as well as current ones; nil for what is absent
	named    map[fhir.Key]fhir.Resource // what canonicals mean, which was read to tell
	older    map[fhir.Key]bool          // included that are not the current version
	epochs   []fhir.Facts               // of what referring has found
	included []fhir.Resource
	room     int
	cut      bool
}

func (x *execution) inclusion() *inclusion {
	return &inclusion{x: x, room: x.store.limits.Included}
}

// foresee returns what the matches refer to as the includes ask, to be read
// together with the matches.
func (in *inclusion) foresee() ([]fhir.Key, error) {
	if !in.x.keepRows {
		return nil, nil
	}
	var keys []fhir.Key
	in.read = map[fhir.Key][]byte{}
	for i := range in.x.hits {
		for _, inc := range in.x.q.Includes {
			found, err := in.references(&in.x.hits[i], inc)
			if err != nil {
				return nil, err
			}
			for _, k := range found {
				if _, twice := in.read[k]; !twice && len(keys) < in.room {
					in.read[k] = nil
					keys = append(keys, k)
				}
			}
		}
	}
	return keys, nil
}

// run finds what is to be included. With :iterate it goes on from what was
// included until nothing new comes.
func (in *inclusion) run(matches []fhir.Resource) ([]fhir.Resource, []fhir.Issue, error) {
	if len(in.x.q.Includes) == 0 || len(matches) == 0 {
		return nil, nil, nil
	}
	in.known = map[fhir.Key]bool{}
	for _, m := range matches {
		in.known[m.Current()] = true
	}
	holders := in.x.hits
	for from, first := matches, true; len(from) > 0; first = false {
		before := len(in.included)
		if err := in.step(from, holders, first); err != nil {
			return nil, nil, err
		}
		from = in.included[before:]
		var err error
		if holders, err = in.holders(from); err != nil {
			return nil, nil, err
		}
	}
	var issues []fhir.Issue
	if in.cut {
		issues = append(issues, fhir.Issue{ID: "search.include-cut", Severity: fhir.SeverityWarning, Code: fhir.CodeTooCostly, At: "http._include",
			Text: fhir.T("Not everything that was to be included is in this page: at most %d resources are.", "Cette page ne contient pas tout ce qui devait être inclus : %d ressources au plus.", in.x.store.limits.Included),
			Hint: fhir.T("Ask for smaller pages with _count.", "Demandez des pages plus petites avec _count.")})
	}
	return in.included, issues, nil
}

// holders returns resources with their rows, when a further step follows
// references from them.
func (in *inclusion) holders(from []fhir.Resource) ([]candidate, error) {
	asked := func(typ string) bool {
		return slices.ContainsFunc(in.x.q.Includes, func(inc fhir.Include) bool {
			return inc.Iterate && !inc.Reverse && (inc.Type == "*" || inc.Type == typ)
		})
	}
	var list []candidate
	var older []fhir.Resource
	for _, res := range from {
		switch {
		case !asked(res.Type):
		case in.older[res.Key]:
			older = append(older, res)
		default:
			list = append(list, candidate{typ: res.Type, id: res.ID, facts: res.Facts})
		}
	}
	values, err := readRows(in.x.ctx, in.x.r, list)
	for i := range values {
		list[i].raw = values[i]
	}
	for _, res := range older {
		if err == nil {
			list, err = in.holdersOfOlder(list, res)
		}
	}
	return list, err
}

// step adds what the includes find from some resources. After the first step
// only those with :iterate count.
func (in *inclusion) step(from []fhir.Resource, holders []candidate, first bool) error {
	var includes []fhir.Include
	for _, inc := range in.x.q.Includes {
		if first || inc.Iterate {
			includes = append(includes, inc)
		}
	}
	found, err := in.referring(from, includes)
	if err != nil {
		return err
	}
	var keys []fhir.Key
	for i, inc := range includes {
		if !inc.Reverse {
			if found[i], err = in.referred(from, holders, inc); err != nil {
				return err
			}
		}
		for _, k := range found[i] {
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
	keys, versions := apart(keys)
	list, err := in.bring(keys)
	if err != nil {
		return err
	}
	facts := make([]fhir.Facts, len(list))
	for i := range list {
		facts[i] = list[i].Facts
	}
	visible, err := in.x.sight.sees(facts)
	if err != nil {
		return err
	}
	for i, res := range list {
		if visible[i] && !in.keep(res) {
			return nil
		}
	}
	return in.addVersions(versions)
}

// keep includes a resource, and reports false when there is no room for it.
func (in *inclusion) keep(res fhir.Resource) bool {
	if in.room == 0 {
		in.cut = true
		return false
	}
	in.room--
	in.included = append(in.included, res)
	return true
}

// bring returns those of the resources that are there, in one batched read of
// what was not read ahead and of the epochs that the view will ask for.
func (in *inclusion) bring(keys []fhir.Key) ([]fhir.Resource, error) {
	var raw [][]byte
	for _, k := range keys {
		if !in.has(k) {
			raw = append(raw, currentKey(k.Type, k.ID))
		}
	}
	missing := len(raw)
	for i := range in.epochs {
		raw = in.x.sight.want(raw, &in.epochs[i])
	}
	in.epochs = in.epochs[:0]
	var values [][]byte
	if len(raw) > 0 {
		var err error
		if values, err = in.x.r.Get(in.x.ctx, raw...); err != nil {
			return nil, err
		}
		if err := in.x.sight.learn(values); err != nil {
			return nil, err
		}
		values = values[:missing]
	}
	list := make([]fhir.Resource, 0, len(keys))
	for _, k := range keys {
		value := in.read[k]
		if !in.has(k) {
			value, values = values[0], values[1:]
		} else if res, named := in.named[k]; named {
			list = append(list, res)
			continue
		}
		if value == nil {
			continue
		}
		rec, err := in.x.records.decode(k.Type, k.ID, value)
		if err != nil {
			return nil, err
		}
		if rec.effect != fhir.Deleted {
			res, err := rec.whole(in.x.ctx, in.x.r)
			if err != nil {
				return nil, err
			}
			list = append(list, res)
		}
	}
	return list, nil
}

// has reports whether the current version of a resource, or its absence, is known.
func (in *inclusion) has(k fhir.Key) bool {
	_, read := in.read[k]
	_, named := in.named[k]
	return read || named
}

// referred follows the references that the resources hold.
func (in *inclusion) referred(from []fhir.Resource, holders []candidate, inc fhir.Include) ([]fhir.Key, error) {
	var keys []fhir.Key
	for i := range holders {
		found, err := in.references(&holders[i], inc)
		if err != nil {
			return nil, err
		}
		keys = append(keys, asNamed(from, &holders[i], found)...)
	}
	meant, err := in.meant(holders, inc)
	return append(keys, meant...), err
}

// references are what one resource refers to as an include asks: where it names
// a version, that version after the resource.
func (in *inclusion) references(h *candidate, inc fhir.Include) ([]fhir.Key, error) {
	if inc.Reverse || inc.Type != "*" && inc.Type != h.typ {
		return nil, nil
	}
	rs, err := in.x.rows.read(h.typ, h.id, h.raw)
	if err != nil {
		return nil, err
	}
	var keys []fhir.Key
	for _, p := range in.x.referenceParams(h.typ, inc.Code) {
		values := rs.values(p)
		for _, key := range append(in.x.store.registry.References(h.typ, p.Code, values), in.x.store.registry.Versions(h.typ, p.Code, values)...) {
			if inc.Target == "" || inc.Target == key.Type {
				keys = append(keys, key)
			}
		}
	}
	return keys, nil
}

// A backlink is one range of postings in which a reverse include looks.
type backlink struct {
	kv.Range
	typ     string // that holds the reference
	include int    // index of the include
}

// referring finds, for each include that is reverse, the resources that hold a
// reference to any of these: one scan of postings for all of them.
func (in *inclusion) referring(from []fhir.Resource, includes []fhir.Include) ([][]fhir.Key, error) {
	var links []backlink
	known := map[string]bool{} // subject and patient are found in the same postings
	for i, inc := range includes {
		if !inc.Reverse {
			continue
		}
		types := []string{inc.Type}
		if inc.Type == "*" {
			types = resourceTypes()
		}
		for _, typ := range types {
			for _, p := range in.x.referenceParams(typ, inc.Code) {
				ranges, err := in.backlinks(from, inc, typ, p)
				if err != nil {
					return nil, err
				}
				for _, r := range ranges {
					if list := string(append([]byte{byte(i)}, r.Start...)); !known[list] {
						known[list] = true
						links = append(links, backlink{r, typ, i})
					}
				}
				if most := in.x.store.limits.Breadth; len(links) > most {
					return nil, errBroad(most)
				}
			}
		}
	}
	return in.posted(links, len(includes))
}

// errBroad tells of matches alone, which the view lets be seen.
func errBroad(most int) error {
	return fhir.Errorf(fhir.Forbidden, "store.Search", "search.include-costly", fhir.CodeTooCostly, "http._revinclude",
		fhir.T("References to the resources of this page would be looked for in more than %d places.", "Il faudrait chercher en plus de %d endroits ce qui se réfère aux ressources de cette page.", most),
		fhir.T("Name type and parameter in place of *, or ask for smaller pages with _count.", "Nommez le type et le paramètre au lieu de *, ou demandez des pages plus petites avec _count."))
}

// backlinks are the postings of one parameter that refer to any of these.
func (in *inclusion) backlinks(to []fhir.Resource, inc fhir.Include, typ string, p *search.Param) ([]kv.Range, error) {
	param := fhir.Param{Code: p.Code}
	for _, res := range to {
		if inc.Target == "" || inc.Target == res.Type {
			param.Values = append(param.Values, res.Current().String())
		}
	}
	if p.Canonical {
		var err error
		if param.Values, err = in.canonicalValues(param.Values, to, inc); err != nil {
			return nil, err
		}
	}
	if len(param.Values) == 0 {
		return nil, nil
	}
	pred, err := in.x.store.registry.Compile(typ, param)
	if err != nil {
		return nil, err
	}
	return postingsOf(typ, test{any: []*search.Predicate{pred}}), nil
}

// posted returns the resources of some postings, by include. Where they are
// more than may still be included it returns those that the view lets be seen,
// no more than enough: what is withheld must not count, or a page that is cut
// short would tell of it.
func (in *inclusion) posted(links []backlink, includes int) ([][]fhir.Key, error) {
	keys, n := make([][]fhir.Key, includes), 0
	if len(links) == 0 {
		return keys, nil
	}
	ranges := make([]kv.Range, len(links))
	for i := range links {
		ranges[i] = links[i].Range
	}
	enough := in.room + 1
	counted := map[fhir.Key]bool{} // one that several parameters lead to is one
	var facts []fhir.Facts
	var of []int
	keep := func(visible []bool) {
		for i, f := range facts {
			if visible != nil && !visible[i] {
				continue
			}
			keys[of[i]] = append(keys[of[i]], f.Key)
			if !in.known[f.Key] && !counted[f.Key] {
				counted[f.Key] = true
				n++
			}
		}
	}
	fr := in.x.store.namedReader()
	for e, err := range in.x.r.Scan(in.x.ctx, ranges...) {
		if err != nil {
			return nil, err
		}
		typ := links[e.Range].typ
		_, id, ok := splitPosting(e.Key)
		if !ok {
			return nil, corrupt("posting of a %s", typ)
		}
		p, err := readPosting(&fr, typ, e.Value)
		if err != nil {
			return nil, err
		}
		p.facts.Key = fhir.Key{Type: typ, ID: string(id)}
		facts, of = append(facts, p.facts), append(of, links[e.Range].include)
		if len(facts) < enough {
			continue
		}
		visible, err := in.x.sight.sees(facts)
		if err != nil {
			return nil, err
		}
		if keep(visible); n >= enough {
			return keys, nil // add cuts what is too much, and says so
		}
		facts, of = facts[:0], of[:0]
	}
	keep(nil)
	in.epochs = append(in.epochs, facts...)
	return keys, nil
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
