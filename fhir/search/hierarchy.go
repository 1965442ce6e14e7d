package search

import (
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	tables "github.com/cordee-sante/cordee/fhir/r4"
)

// Some references make a hierarchy: a Location is part of another. The modifiers
// above and below go along it (R4 search.html#recursive): Procedure?location:below=42
// finds what refers to Location/42 or to any that is part of it, Location?partof:above=42
// what is part of Location/42 or of any that it is part of. The hierarchy lies in
// resources, so that only who holds them can go along (Registry.Hierarchy).

// partOf are the codes of the parameters that say what a resource is part of.
var partOf = []string{"partof", "part-of"}

// hierarchies are, by type, the published parameters by which resources are part
// of others of their type.
func hierarchies(published []tables.SearchParameter) map[string]string {
	found := map[string]string{}
	for i := range published {
		if p := &published[i]; slices.Contains(partOf, p.Code) && slices.Contains(p.Targets, p.Base) {
			found[p.Base] = p.Code
		}
	}
	return found
}

// along is the reference by which resources of the target type, to which p leads,
// lie below each other: p itself where it leads to its own type, else that of
// the type; empty for none.
func (p *parameter) along(target string, of map[string]string) string {
	switch {
	case p.Type != Reference || p.Canonical || !slices.Contains(p.Targets, target):
		return ""
	case p.Base == target:
		return p.Code
	}
	return of[target]
}

// climbing reports whether something that p leads to lies in a hierarchy.
func (p *parameter) climbing(of map[string]string) bool {
	return slices.ContainsFunc(p.Targets, func(target string) bool { return p.along(target, of) != "" })
}

// Hierarchy returns the parameter of the target type along which the modifiers
// above and below of a reference parameter go; empty for none.
func (r *Registry) Hierarchy(typ, code, target string) (param string) {
	if p, ok := r.find(typ, code); ok {
		return p.along(target, r.hierarchies)
	}
	return ""
}

// Roots are the resources that a value of above or below names: of a bare id one
// of each type that the parameter leads to.
func (r *Registry) Roots(typ, code, value string) (roots []fhir.Key) {
	p, ok := r.find(typ, code)
	s, plain := unescape(value)
	if !ok || !plain {
		return nil
	}
	if key, ok := fhir.ParseReference(strings.TrimPrefix(s, r.base)); ok {
		return []fhir.Key{key}
	}
	if fhir.ValidID(s) {
		for _, typ := range p.Targets {
			roots = append(roots, fhir.Key{Type: typ, ID: s})
		}
	}
	return roots
}

// climb is the clause of above and below, as far as it is known without the
// resources: it finds what refers to the value itself. Whoever does not know the
// resources must not take it for the answer.
func (c *compiler) climb(modifier, s string) ([]clause, error) {
	if c.codings == nil {
		return nil, c.unsupported("search.unsupported-modifier", modifier)
	}
	if key, ok := fhir.ParseReference(strings.TrimPrefix(s, c.base)); ok && key.Version == "" {
		return c.local(s, key.String(), key), nil
	}
	if fhir.ValidID(s) {
		return c.id(s), nil
	}
	return nil, c.malformedReference()
}
