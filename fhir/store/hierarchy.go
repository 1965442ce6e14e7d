package store

import (
	"slices"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/search"
)

// The reference modifiers above and below go along a hierarchy, level by level
// (R4 search.html#recursive). Each level is a search of its own within the view
// of the query: through a resource that is withheld nothing is reached, as
// through one that is absent. What a visible resource says that it is part of is
// above it, whether or not that is there.

// compileClimb compiles a reference parameter with above or below: it asks for
// what refers to one of the resources that its values reach.
func (x *execution) compileClimb(typ string, param fhir.Param) (*search.Predicate, error) {
	codings := func(string, string) ([]search.Coding, error) { return nil, nil } // for tokens
	if _, err := x.store.registry.CompileWith(typ, param, codings); err != nil {
		return nil, err
	}
	plain := fhir.Param{Code: param.Code}
	byAlong := map[string][]fhir.Key{} // those of a type together
	for _, value := range param.Values {
		plain.Values = append(plain.Values, value)
		for _, root := range x.store.registry.Roots(typ, param.Code, value) {
			if x.store.registry.Hierarchy(typ, param.Code, root.Type) != "" {
				byAlong[root.Type] = append(byAlong[root.Type], root)
			}
		}
	}
	for target, roots := range byAlong {
		c := &climb{x: x, name: param.Code + ":" + param.Modifier, typ: target, along: x.store.registry.Hierarchy(typ, param.Code, target), known: map[string]bool{}}
		step := c.below
		if param.Modifier == "above" {
			step = c.above
		}
		if err := c.run(roots, step); err != nil {
			return nil, err
		}
		for id := range c.known {
			plain.Values = append(plain.Values, target+"/"+id)
		}
	}
	slices.Sort(plain.Values)
	return x.store.registry.Compile(typ, plain)
}

// A climb goes up or down the hierarchy of one type.
type climb struct {
	x     *execution
	name  string // of the parameter, for errors
	typ   string
	along string
	known map[string]bool // ids reached: in a circle each once
}

// run goes level by level until nothing new is reached.
func (c *climb) run(roots []fhir.Key, step func(ids []string) ([]string, error)) error {
	level := c.fresh(nil, roots)
	for depth := 0; len(level) > 0; depth++ {
		next, err := step(level)
		if err != nil {
			return err
		}
		var keys []fhir.Key
		for _, id := range next {
			keys = append(keys, fhir.Key{Type: c.typ, ID: id})
		}
		if level = c.fresh(nil, keys); len(level) > 0 && depth == c.x.store.limits.Levels {
			return c.costly()
		}
		if limit := c.x.store.limits.Chain; len(c.known) > limit {
			return errChainCostly(c.name, limit)
		}
	}
	return nil
}

// fresh appends the ids that were not reached before.
func (c *climb) fresh(ids []string, keys []fhir.Key) []string {
	for _, k := range keys {
		if !c.known[k.ID] {
			c.known[k.ID] = true
			ids = append(ids, k.ID)
		}
	}
	return ids
}

// below are the resources that say that they are part of these.
func (c *climb) below(ids []string) (found []string, err error) {
	param := fhir.Param{Code: c.along, Values: make([]string, len(ids))}
	for i, id := range ids {
		param.Values[i] = c.typ + "/" + id
	}
	hits, err := c.x.inner(c.typ, param, false)
	for _, h := range hits {
		found = append(found, h.id)
	}
	return found, err
}

// above are those that these say that they are part of.
func (c *climb) above(ids []string) (found []string, err error) {
	hits, err := c.x.inner(c.typ, fhir.Param{Code: "_id", Values: ids}, true)
	if err != nil {
		return nil, err
	}
	p, ok := c.x.store.registry.Param(c.typ, c.along)
	if !ok {
		return nil, nil
	}
	for _, h := range hits {
		rs, err := c.x.rows.read(h.typ, h.id, h.raw)
		if err != nil {
			return nil, err
		}
		for _, key := range c.x.store.registry.References(c.typ, c.along, rs.values(p)) {
			if key.Type == c.typ {
				found = append(found, key.ID)
			}
		}
	}
	return found, nil
}

// costly tells of resources that the view lets be seen, and of what they say.
func (c *climb) costly() error {
	return fhir.Errorf(fhir.Forbidden, "store.Search", "search.hierarchy-costly", fhir.CodeTooCostly, "http."+c.name,
		fhir.T("The hierarchy has more than %d levels.", "La hiérarchie a plus de %d niveaux.", c.x.store.limits.Levels),
		fhir.T("Begin nearer to what you look for, and go on from what is found.", "Commencez plus près de ce que vous cherchez, et continuez depuis ce qui est trouvé."))
}
