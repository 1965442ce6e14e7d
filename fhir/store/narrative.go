package store

import (
	"slices"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// A document is the body of a candidate, parsed.
type document struct {
	root fhirjson.Node
}

// asksBody reports whether a test comes down to the body.
func (p *plan) asksBody() bool {
	return slices.ContainsFunc(p.tests, func(t test) bool { return t.tree != nil && t.tree.asksBody() })
}

// read looks into the bodies of candidates that have passed every test on rows,
// where a test comes down to the body (_content, a phrase of _text): so it costs
// what the other parameters leave over. What is read is counted, and only what
// the view lets be seen.
func (x *execution) read(p *plan, list []candidate) ([]candidate, error) {
	var tests []*tree
	for i := range p.tests {
		if t := p.tests[i].tree; t != nil && t.asksBody() {
			tests = append(tests, t)
		}
	}
	if len(tests) == 0 || len(list) == 0 {
		return list, nil
	}
	if x.bodies += len(list); x.bodies > x.store.limits.Bodies {
		return nil, errBodies(x.store.limits.Bodies)
	}
	keys := make([]fhir.Key, len(list))
	for i := range list {
		keys[i] = fhir.Key{Type: list[i].typ, ID: list[i].id}
	}
	bodies, err := readAll(x.ctx, x.r, keys)
	if err != nil {
		return nil, err
	}
	kept, next := list[:0], 0
	for _, c := range list {
		if next == len(bodies) || bodies[next].ID != c.id || bodies[next].Type != c.typ {
			continue
		}
		ok, err := x.decides(tests, &bodies[next])
		if err != nil {
			return nil, err
		}
		if next++; ok {
			kept = append(kept, c)
		}
	}
	return kept, nil
}

// decides applies tests to a resource as it is.
func (x *execution) decides(tests []*tree, res *fhir.Resource) (bool, error) {
	doc, err := fhirjson.Parse(res.Body)
	if err != nil {
		return false, corrupt("body of a %s", res.Type)
	}
	entries, err := x.store.registry.Extract(res.Type, doc.Root())
	if err != nil {
		return false, err
	}
	rs := rows{lastUpdated: res.LastUpdated.UnixMilli(), facts: res.Facts, list: newRows(res.Type, entries)}
	for _, t := range tests {
		if t.judge(res.ID, &rs, &document{doc.Root()}) != holds {
			return false, nil
		}
	}
	return true, nil
}

func errBodies(limit int) error {
	return fhir.Errorf(fhir.Forbidden, "store.Search", "search.content-costly", fhir.CodeTooCostly, "http._content",
		fhir.T("More than %d resources would have to be read through.", "Il faudrait lire plus de %d ressources en entier.", limit),
		fhir.T("Narrow the search with other parameters, such as patient, code or date; _text looks for the words of the narrative in an index.",
			"Précisez la recherche avec d'autres paramètres, comme patient, code ou date ; _text cherche les mots du texte narratif dans un index."))
}
