package rest

import (
	"net/http"
	"slices"

	"github.com/cordee-sante/cordee/fhir"
	tables "github.com/cordee-sante/cordee/fhir/r4"
	"github.com/cordee-sante/cordee/fhir/search"
)

// searchType answers GET [base]/Type and POST [base]/Type/_search
// (R4 http.html#search): a searchset of one page, whose self link tells what
// was used and whose next link holds a sealed cursor.
func (s *Server) searchType(w http.ResponseWriter, r *http.Request) error {
	typ, err := s.typeOf(w, r, "search-type")
	if err != nil {
		return err
	}
	return s.search(w, r, search.Request{Type: typ}, "/"+typ)
}

// searchSystem answers GET [base]? and POST [base]/_search: a search over
// several types, narrowed by _type.
func (s *Server) searchSystem(w http.ResponseWriter, r *http.Request) error {
	return s.search(w, r, search.Request{}, "/")
}

// searchCompartment answers GET [base]/Patient/id/Type, POST …/Type/_search, and
// with * the same over all types (R4 http.html#vsearch): the five compartments
// that R4 publishes.
func (s *Server) searchCompartment(w http.ResponseWriter, r *http.Request) error {
	key, err := s.key(w, r, "read")
	if err != nil {
		return err
	}
	member := r.PathValue("member")
	if len(tables.Compartment(key.Type)) == 0 {
		return fhir.Errorf(fhir.NotFound, "rest", "rest.compartment", fhir.CodeNotSupported, "",
			fhir.T("%s is not a compartment that is searched.", "%s n'est pas un compartiment interrogeable.", key.Type),
			fhir.T("There are those of %[1]s; else search [type] with a parameter of its own.", "Les compartiments sont ceux de %[1]s ; sinon cherchez [type] avec un paramètre propre.", "Patient, Encounter, Device, Practitioner, RelatedPerson"))
	}
	req := search.Request{Compartment: key, Type: member}
	if member == "*" {
		req.Type = ""
	} else if err := knownType(member, ""); err != nil {
		return err
	}
	return s.search(w, r, req, "/"+key.String()+"/"+member)
}

func (s *Server) search(w http.ResponseWriter, r *http.Request, req search.Request, path string) error {
	a, err := s.searchQuery(w, r)
	if err != nil {
		return err
	}
	out, err := a.output(r, true)
	if err != nil {
		return err
	}
	var explain bool
	if a.rest, explain, err = explained(a.rest); err != nil {
		return err
	}
	req.Values, req.Strict = append(a.rest, a.shape...), s.strict(prefer(r.Header))
	q, used, issues, err := search.Parse(s.cfg.Registry, req)
	if err != nil {
		return err
	}
	q.Cursor, q.Explain = a.cursor, explain
	repo, err := s.searched(&q)
	if err != nil {
		return err
	}
	page, err := repo.Search(r.Context(), q)
	if err != nil {
		return err
	}
	if q.Summary == "count" {
		page.Matches, page.Included, page.Next, page.Count = nil, nil, "", 0
	}
	if explain {
		used = append(used, search.Pair{Name: "_explain", Value: "true"})
		page.Matches, page.Included, page.Total, page.Next = nil, nil, -1, ""
		if page.Plan != nil {
			issues = append(issues, planIssues(page.Plan)...)
		}
	}
	self, next := s.pageLinks(path, used, page.Count, a.cursor, page.Next)
	return s.sendPage(w, r, &page, issues, self, next, out)
}

// searchQuery reads the parameters of the URL and, for POST, of the form: they
// count alike (R4 http.html#search).
func (s *Server) searchQuery(w http.ResponseWriter, r *http.Request) (asked, error) {
	query := r.URL.RawQuery
	if r.Method == http.MethodPost {
		form, err := s.readForm(w, r)
		if err != nil {
			return asked{}, err
		}
		if query != "" && form != "" {
			query += "&"
		}
		query += form
	}
	return ask(query)
}

// searched returns the repository of a search. A type that is kept elsewhere is
// searched by itself: totals, chains, includes and pages over two repositories
// would be neither's.
func (s *Server) searched(q *fhir.Query) (fhir.Repository, error) {
	elsewhere := func(typ string) bool { _, ok := s.cfg.Repos[typ]; return ok }
	var separate error
	for i := range q.Params {
		q.Params[i].All(func(p *fhir.Param) {
			for _, link := range p.Chain {
				if elsewhere(link.Type) && link.Reverse {
					separate = errSeparate(link.Type, "_has")
				}
			}
		})
	}
	if separate != nil {
		return nil, separate
	}
	for _, inc := range q.Includes {
		if inc.Reverse && elsewhere(inc.Type) {
			return nil, errSeparate(inc.Type, "_revinclude")
		}
	}
	if q.Type != "" {
		return s.repo(q.Type), nil
	}
	if i := slices.IndexFunc(q.Types, elsewhere); i >= 0 {
		if len(q.Types) == 1 {
			return s.repo(q.Types[0]), nil
		}
		return nil, errSeparate(q.Types[i], "_type")
	}
	return s.cfg.Repo, nil
}

func errSeparate(typ, param string) error {
	return fhir.Errorf(fhir.Malformed, "rest", "rest.separate-type", fhir.CodeNotSupported, "http."+param,
		fhir.T("%s is searched by itself.", "%s s'interroge séparément.", typ),
		fhir.T("Search [base]/%s.", "Cherchez [base]/%s.", typ))
}
