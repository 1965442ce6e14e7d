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
	for i := range q.Params {
		if ok, err := r.meets(&q.Params[i], key, lastUpdated, entries); err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}

func (r *Registry) meets(p *fhir.Param, key fhir.Key, lastUpdated time.Time, entries []Entry) (bool, error) {
	if len(p.Chain) > 0 || WordsOf(p) != nil {
		return false, fault(fhir.NotImplemented, "search.unsupported-chain", fhir.CodeNotSupported, p.Code,
			fhir.T("A chain, or a look into the text, is not supported here.", "Un paramètre chaîné, ou une recherche dans le texte, n'est pas pris en charge ici."), fhir.Text{})
	}
	if p.Join == 0 {
		predicate, err := r.Compile(key.Type, *p)
		return err == nil && predicate.matchesResource(key, lastUpdated, entries), err
	}
	for i := range p.Of {
		ok, err := r.meets(&p.Of[i], key, lastUpdated, entries)
		switch {
		case err != nil:
			return false, err
		case p.Join == fhir.Not:
			return !ok, nil
		case ok == (p.Join == fhir.Or):
			return ok, nil
		}
	}
	return p.Join == fhir.And, nil
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
