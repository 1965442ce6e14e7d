package store

import (
	"bytes"
	"slices"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/search"
)

// A canonical means the resources of this server that have its url and, where it
// names one, its version (R4 references.html#canonical): those that are there,
// and that the view shows, when the query runs. Which version is meant by one
// that names none is left to whoever reads: all are. The url is in the index;
// the version is told by the body, as tokens are indexed without case.

// urlAndVersion are those of a resource that a canonical may mean.
func urlAndVersion(typ string, body []byte) (url, version string, err error) {
	doc, err := fhirjson.Parse(body)
	if err != nil {
		return "", "", corrupt("body of a %s", typ)
	}
	return doc.Root().Get("url").Text(), doc.Root().Get("version").Text(), nil
}

// canonicalTypes are those of the types that a canonical may lead to; of all
// types when the parameter names none.
func (x *execution) canonicalTypes(types []string) []string {
	if len(types) == 0 {
		types = resourceTypes()
	}
	return slices.DeleteFunc(slices.Clone(types), func(typ string) bool {
		_, ok := x.store.registry.URLParam(typ)
		return !ok
	})
}

// canonicalValues are the values of a reference parameter that mean one of the
// resources that were found.
func (x *execution) canonicalValues(typ string, hits []candidate) (values []string, err error) {
	if _, ok := x.store.registry.URLParam(typ); !ok {
		return nil, nil
	}
	for chunk := range slices.Chunk(hits, chunkMost) {
		keys := make([]fhir.Key, len(chunk))
		for i := range chunk {
			keys[i] = fhir.Key{Type: typ, ID: chunk[i].id}
		}
		list, err := readAll(x.ctx, x.r, keys)
		if err != nil {
			return nil, err
		}
		for _, res := range list {
			url, version, err := urlAndVersion(typ, res.Body)
			if err != nil {
				return nil, err
			}
			_, some := search.CanonicalsOf(url, version)
			values = append(values, some...)
		}
	}
	return values, nil
}

// A meaning looks for what canonicals mean.
type meaning struct {
	x      *execution
	wanted map[search.Canonical]bool
	most   int // no more than one beyond it is found
	found  []fhir.Resource
	facts  []fhir.Facts
}

// meant returns the resources of some types that the canonicals mean, in the order
// of types, urls and ids: of more than most, one more than most.
func (x *execution) meant(types []string, named []search.Canonical, most int) ([]fhir.Resource, error) {
	m := &meaning{x: x, wanted: map[search.Canonical]bool{}, most: most}
	for _, c := range named {
		m.wanted[c] = true
	}
	url := &search.Predicate{}
	for c := range m.wanted {
		url.Ranges = append(url.Ranges, c.URL())
	}
	slices.SortFunc(url.Ranges, func(a, b search.Range) int { return bytes.Compare(a.Lo, b.Lo) })
	url.Ranges = slices.CompactFunc(url.Ranges, func(a, b search.Range) bool { return bytes.Equal(a.Lo, b.Lo) })
	var ranges []kv.Range
	var typeOf []string
	for _, typ := range x.canonicalTypes(types) {
		url.Param, _ = x.store.registry.URLParam(typ)
		for _, r := range postingsOf(typ, test{any: []*search.Predicate{url}}) {
			ranges, typeOf = append(ranges, r), append(typeOf, typ)
		}
	}
	if len(ranges) == 0 {
		return nil, nil
	}
	err := m.scan(ranges, typeOf)
	return m.found, err
}

// scan looks at everything that has one of the urls.
func (m *meaning) scan(ranges []kv.Range, typeOf []string) error {
	fr := m.x.store.namedReader()
	for e, err := range m.x.r.Scan(m.x.ctx, ranges...) {
		if err != nil {
			return err
		}
		typ := typeOf[e.Range]
		_, id, ok := splitPosting(e.Key)
		if !ok {
			return corrupt("posting of a %s", typ)
		}
		p, err := readPosting(&fr, typ, e.Value)
		if err != nil {
			return err
		}
		p.facts.Key = fhir.Key{Type: typ, ID: string(id)}
		if m.facts = append(m.facts, p.facts); len(m.facts) < chunkMost {
			continue
		}
		if err := m.judge(); err != nil || len(m.found) > m.most {
			return err
		}
	}
	return m.judge()
}

// judge keeps those that the view shows and that a canonical means.
func (m *meaning) judge() error {
	visible, err := m.x.sight.sees(m.facts)
	if err != nil {
		return err
	}
	var keys []fhir.Key
	for i, f := range m.facts {
		if visible[i] {
			keys = append(keys, f.Key)
		}
	}
	m.facts = m.facts[:0]
	if len(keys) == 0 {
		return nil
	}
	list, err := readAll(m.x.ctx, m.x.r, keys)
	if err != nil {
		return err
	}
	for _, res := range list {
		url, version, err := urlAndVersion(res.Type, res.Body)
		if err != nil {
			return err
		}
		own, _ := search.CanonicalsOf(url, version)
		if len(m.found) <= m.most && slices.ContainsFunc(own, func(c search.Canonical) bool { return m.wanted[c] }) {
			m.found = append(m.found, res)
		}
	}
	return nil
}
