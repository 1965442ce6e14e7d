package rest

import (
	"net/http"
	"strconv"
	"time"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/search"
)

var historyParameters = []string{"_since", "_count", "_cursor", "_format", "_pretty", "_summary", "_elements"}

// historyInstance answers GET [base]/Type/id/_history: the versions of a
// resource, newest first (R4 http.html#history).
func (s *Server) historyInstance(w http.ResponseWriter, r *http.Request) error {
	key, err := s.key(w, r, "history-instance")
	if err != nil {
		return err
	}
	return s.history(w, r, fhir.HistoryQuery{Type: key.Type, ID: key.ID}, "/"+key.String()+"/_history")
}

// historyType answers GET [base]/Type/_history.
func (s *Server) historyType(w http.ResponseWriter, r *http.Request) error {
	typ, err := s.typeOf(w, r, "history-type")
	if err != nil {
		return err
	}
	return s.history(w, r, fhir.HistoryQuery{Type: typ}, "/"+typ+"/_history")
}

// historySystem answers GET [base]/_history.
func (s *Server) historySystem(w http.ResponseWriter, r *http.Request) error {
	return s.history(w, r, fhir.HistoryQuery{}, "/_history")
}

func (s *Server) history(w http.ResponseWriter, r *http.Request, q fhir.HistoryQuery, path string) error {
	a, err := ask(r.URL.RawQuery)
	if err != nil {
		return err
	}
	out, err := a.output(r, false)
	if err != nil {
		return err
	}
	used, err := historyQuery(&q, a, s.strict(prefer(r.Header)))
	if err != nil {
		return err
	}
	page, err := s.repo(q.Type).History(r.Context(), q)
	if err != nil {
		return err
	}
	self, next := s.pageLinks(path, used, page.Count, a.cursor, page.Next)
	b := s.newBundle("history", out)
	b.head(page.Total, self, next)
	for i := range page.Matches {
		if err := b.version(&page.Matches[i]); err != nil {
			return err
		}
	}
	return b.send(w)
}

// historyQuery reads _since and _count and returns the parameters that were
// used.
func historyQuery(q *fhir.HistoryQuery, a asked, strict bool) (used []search.Pair, err error) {
	q.Cursor = a.cursor
	seen := map[string]bool{}
	for _, p := range a.rest {
		if (p.Name == "_since" || p.Name == "_count") && seen[p.Name] {
			return nil, errParameter(p.Name, fhir.T("Give it once.", "Donnez-le une seule fois."))
		}
		seen[p.Name] = true
		switch p.Name {
		case "_since":
			if q.Since, err = time.Parse(time.RFC3339Nano, p.Value); err != nil {
				return nil, errParameter("_since", fhir.T("Give an instant with its zone, as in 2026-11-21T08:00:00Z; a plus sign must be escaped in a URL.",
					"Donnez un instant avec son fuseau, par exemple 2026-11-21T08:00:00Z ; un signe plus doit être échappé dans une URL."))
			}
			used = append(used, p)
		case "_count":
			if q.Count, err = strconv.Atoi(p.Value); err != nil || q.Count < 1 {
				return nil, errParameter("_count", fhir.T("Give a number from 1.", "Donnez un nombre à partir de 1."))
			}
			used = append(used, p)
		default:
			if strict {
				return nil, &fhir.Error{Kind: fhir.Malformed, Op: "rest", Issues: []fhir.Issue{unknownParameter(p.Name, historyParameters)}}
			}
		}
	}
	return used, nil
}
