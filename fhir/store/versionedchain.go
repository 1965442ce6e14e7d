package store

import (
	"bytes"
	"slices"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// A chain through a reference that names a version is evaluated against the
// current one: no other is indexed. R4 search.html#versions wants that said, and
// it is, of the matches of a page whose own reference is such a one: what else
// might have matched, and what lies further along the chain, may be withheld.
func (x *execution) versionedChain(matches []fhir.Resource) ([]fhir.Issue, error) {
	links := x.linksOfChains()
	if len(links) == 0 || x.q.Contained.Any() {
		return nil, nil
	}
	for i := range matches {
		named, err := x.namesVersion(&matches[i], links)
		if err != nil {
			return nil, err
		}
		if named {
			return []fhir.Issue{{ID: "search.versioned-chain", Severity: fhir.SeverityWarning, Code: fhir.CodeIncomplete, At: "http",
				Text: fhir.T("A match refers by a version to what the chain leads to; the chain was followed to the current version.", "Un résultat désigne par une version ce à quoi mène la chaîne ; la chaîne a été suivie jusqu'à la version courante."),
				Hint: fhir.T("Read the version that the reference names, or include it with _include.", "Lisez la version que désigne la référence, ou incluez-la avec _include.")}}, nil
		}
	}
	return nil, nil
}

// linksOfChains are the first links of the chains of the query that go forward.
func (x *execution) linksOfChains() (links []fhir.Link) {
	for i := range x.q.Params {
		x.q.Params[i].All(func(p *fhir.Param) {
			if len(p.Chain) > 0 && !p.Chain[0].Reverse {
				links = append(links, p.Chain[0])
			}
		})
	}
	return links
}

// namesVersion reports whether one of the links leads from a match by a version.
func (x *execution) namesVersion(m *fhir.Resource, links []fhir.Link) (bool, error) {
	if !bytes.Contains(m.Body, []byte("/_history/")) {
		return false, nil
	}
	doc, err := fhirjson.Parse(m.Body)
	if err != nil {
		return false, corrupt("body of a %s", m.Type)
	}
	entries, err := x.store.registry.Extract(m.Type, doc.Root())
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(links, func(l fhir.Link) bool {
		p, ok := x.store.registry.Param(m.Type, l.Code)
		return ok && slices.ContainsFunc(x.store.registry.Versions(m.Type, l.Code, p.Values(entries)), func(k fhir.Key) bool { return k.Type == l.Type })
	}), nil
}
