package search

import (
	"slices"
	"time"

	"github.com/cordee-sante/cordee/fhir"
)

// Matches reports whether the resource with these entries is among what the
// query asks for: its type, its parameters. It is the search of whoever keeps
// few resources and no index. Compartment, sorting and paging are not looked at;
// a chain is an error, for it needs other resources.
func (r *Registry) Matches(q fhir.Query, key fhir.Key, lastUpdated time.Time, entries []Entry) (bool, error) {
	if q.Type != "" && q.Type != key.Type || len(q.Types) > 0 && !slices.Contains(q.Types, key.Type) {
		return false, nil
	}
	for _, p := range q.Params {
		if len(p.Chain) > 0 {
			return false, fault(fhir.NotImplemented, "search.unsupported-chain", fhir.CodeNotSupported, p.Code,
				fhir.T("A chain is not supported here.", "Un paramètre chaîné n'est pas pris en charge ici."), fhir.Text{})
		}
		predicate, err := r.Compile(key.Type, p)
		if err != nil {
			return false, err
		}
		if !predicate.matchesResource(key, lastUpdated, entries) {
			return false, nil
		}
	}
	return true, nil
}

func (p *Predicate) matchesResource(key fhir.Key, lastUpdated time.Time, entries []Entry) bool {
	switch {
	case p.Param.Code == "_id":
		return p.Row(IDValue(key.ID)) != p.Not
	case p.Param.Code == "_lastUpdated":
		return p.Row(InstantValue(lastUpdated)) != p.Not
	}
	return p.Matches(entries)
}
