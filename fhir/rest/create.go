package rest

import (
	"net/http"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/search"
)

// create answers POST [base]/Type: 201 with the place of the new resource
// (R4 http.html#create). With If-None-Exist it is conditional: one match makes
// it 200 and changes nothing, several 412. An id in the body is ignored.
func (s *Server) create(w http.ResponseWriter, r *http.Request) error {
	typ, err := s.typeOf(w, r, "create")
	if err != nil {
		return err
	}
	out, err := s.readOutput(r)
	if err != nil {
		return err
	}
	if err := refuseConditions(r.Header, "If-Match", "If-None-Match"); err != nil {
		return err
	}
	change := fhir.Change{Method: fhir.Create, Key: fhir.Key{Type: typ}}
	if header := r.Header["If-None-Exist"]; header != nil {
		if change.IfNoneExist, err = s.condition(typ, strings.Join(header, "&"), "http.If-None-Exist"); err != nil {
			return err
		}
	}
	if change.Body, _, err = s.readResource(w, r, typ); err != nil {
		return err
	}
	return s.commit(w, r, change, &out)
}

// condition reads the search of a conditional interaction. It is always strict:
// a dropped parameter would widen what the condition matches. The type and a
// question mark in front are tolerated.
func (s *Server) condition(typ, query, at string) (*fhir.Query, error) {
	query = strings.TrimPrefix(strings.TrimPrefix(query, typ), "?")
	pairs, err := search.Pairs(query)
	if err != nil {
		return nil, err
	}
	q, _, _, err := search.Parse(s.cfg.Registry, search.Request{Type: typ, Values: pairs, Strict: true})
	if err != nil {
		return nil, err
	}
	if len(q.Params) == 0 {
		return nil, fhir.Errorf(fhir.Malformed, "rest", "rest.condition-empty", fhir.CodeRequired, at,
			fhir.T("The condition holds no search parameter, so everything would match.", "La condition ne contient aucun paramètre de recherche : tout y répondrait."),
			fhir.T("Give at least one, as in identifier=system|value.", "Donnez-en au moins un, par exemple identifier=system|value."))
	}
	if len(q.Includes) > 0 || len(q.Sort) > 0 || q.Summary != "" || len(q.Elements) > 0 || q.Count != 0 || q.Contained.Any() {
		return nil, fhir.Errorf(fhir.Malformed, "rest", "rest.condition-result", fhir.CodeNotSupported, at,
			fhir.T("The condition holds a parameter that shapes results, such as _include or _sort.", "La condition contient un paramètre de résultat, comme _include ou _sort."),
			fhir.T("Give only parameters that say which resource is meant.", "Ne donnez que des paramètres qui désignent la ressource."))
	}
	return &q, nil
}
