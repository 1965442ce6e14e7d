package rest

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
)

// transaction performs all entries or none (R4 http.html#transaction): the
// changes in one Commit in the order DELETE, POST, PUT (#trules), then the
// reads, on what the changes made. The repository rewrites references between
// the entries and refuses that one resource be changed twice. A read that finds
// nothing answers for itself: the changes are durable by then.
func (s *Server) transaction(w http.ResponseWriter, r *http.Request, entries []entry, out output) error {
	s.cfg.Trail.Envelope(r.Context(), "transaction", len(entries))
	changes, order, err := s.changes(entries)
	if err != nil {
		return err
	}
	var results []fhir.Resource
	if len(changes) > 0 {
		if results, err = s.cfg.Repo.Commit(r.Context(), changes); err != nil {
			return relocate(err, entries, order)
		}
	}
	result := make([]*fhir.Resource, len(entries)) // by entry
	for i, index := range order {
		result[index] = &results[i]
	}
	b := s.newBundle("transaction-response", out)
	returns, x := wanted(r.Header), current(r.Context())
	for i := range entries {
		e := &entries[i]
		if res := result[i]; res != nil {
			if err := b.changed(e, res, returns, x); err != nil {
				return err
			}
			continue
		}
		b.perform(r, e)
	}
	return b.send(w)
}

// changes turns the writing entries into changes, in the order in which they
// are made; order[i] is the entry of changes[i]. All entries are checked before
// any is refused, so that the client learns of everything at once.
func (s *Server) changes(entries []entry) (changes []fhir.Change, order []int, err error) {
	refused := &fhir.Error{Kind: fhir.Malformed, Op: "rest"}
	byEntry := make([]*fhir.Change, len(entries))
	for i := range entries {
		e := &entries[i]
		err := e.check()
		if err == nil && e.method != http.MethodGet && e.method != http.MethodHead {
			byEntry[i], err = s.change(e)
		}
		if err != nil {
			refused.Issues = append(refused.Issues, asError(e.locate(err)).Issues...)
		}
	}
	if len(refused.Issues) > 0 {
		return nil, nil, refused
	}
	for _, method := range []fhir.Method{fhir.Delete, fhir.Create, fhir.Update} {
		for i, c := range byEntry {
			if c != nil && c.Method == method {
				changes, order = append(changes, *c), append(order, i)
			}
		}
	}
	return changes, order, nil
}

// change reads one writing entry: Type, Type/id, or Type?search.
func (s *Server) change(e *entry) (*fhir.Change, error) {
	path, query, conditional := strings.Cut(e.url, "?")
	typ, id, named := strings.Cut(path, "/")
	if err := knownType(typ, e.at+".request.url"); err != nil {
		return nil, err
	}
	c := &fhir.Change{Key: fhir.Key{Type: typ, ID: id}, FullURL: e.fullURL}
	switch e.method {
	case http.MethodDelete:
		c.Method = fhir.Delete
	case http.MethodPost:
		c.Method = fhir.Create
	default:
		c.Method = fhir.Update
	}
	fits := named && !conditional && fhir.ValidID(id) || conditional && !named
	if c.Method == fhir.Create {
		fits = !named && !conditional
	}
	if !fits || !s.offers(typ, "update") || e.ifNoneMatch != "" {
		return nil, fhir.Errorf(fhir.Malformed, "rest", "bundle.interaction", fhir.CodeNotSupported, e.at+".request",
			fhir.T("The entry is no change that a transaction makes.", "L'entrée n'est pas une modification qu'une transaction effectue."),
			fhir.T("Use POST [type], PUT [type]/[id], PUT [type]?[search], DELETE [type]/[id] or DELETE [type]?[search]; operations go into a batch.",
				"Utilisez POST [type], PUT [type]/[id], PUT [type]?[recherche], DELETE [type]/[id] ou DELETE [type]?[recherche] ; les opérations vont dans un batch."))
	}
	return c, s.complete(c, e, query, conditional)
}

// complete reads the conditions and the body of a change.
func (s *Server) complete(c *fhir.Change, e *entry, query string, conditional bool) (err error) {
	if conditional {
		if c.Where, err = s.condition(c.Key.Type, query, e.at+".request.url"); err != nil {
			return err
		}
	}
	if e.ifNoneExist != "" {
		if c.Method != fhir.Create {
			return refuseConditions(http.Header{"If-None-Exist": {""}}, "If-None-Exist")
		}
		if c.IfNoneExist, err = s.condition(c.Key.Type, e.ifNoneExist, "http.If-None-Exist"); err != nil {
			return err
		}
	}
	if e.ifMatch != "" {
		if c.Method == fhir.Create {
			return refuseConditions(http.Header{"If-Match": {""}}, "If-Match")
		}
		if c.IfMatch, err = ifMatch([]string{e.ifMatch}, "http.If-Match"); err != nil {
			return err
		}
	}
	if c.Method == fhir.Delete {
		return nil
	}
	c.Body = []byte(e.resource.Raw())
	if err := checkType(e.resource, c.Key.Type, ""); err != nil {
		return err
	}
	if c.Method == fhir.Update && !conditional {
		return checkID(e.resource, c.Key, "")
	}
	if id := e.resource.Get("id").Text(); c.Method == fhir.Update && id != "" {
		if c.Key.ID = id; !fhir.ValidID(id) {
			return errInvalidID(c.Key.Type + ".id")
		}
	}
	return nil
}

// relocate makes the entries that an error of Commit names, which counts
// changes in the order of their making, those of the Bundle.
func relocate(err error, entries []entry, order []int) error {
	var e *fhir.Error
	if !errors.As(err, &e) || asError(err) != e { // nothing of it is shown, and the log wants its cause
		return err
	}
	if len(order) == 1 {
		return entries[order[0]].locate(err)
	}
	moved := *e
	moved.Issues = make([]fhir.Issue, len(e.Issues))
	for i, issue := range e.Issues {
		if rest, ok := strings.CutPrefix(issue.At, "Bundle.entry["); ok {
			number, path, _ := strings.Cut(rest, "]")
			if n, err := strconv.Atoi(number); err == nil && n >= 0 && n < len(order) {
				issue.At = entries[order[n]].at + path
			}
		}
		moved.Issues[i] = issue
	}
	return &moved
}

// changed writes the entry of a transaction-response for a change.
func (b *bundle) changed(e *entry, res *fhir.Resource, returns string, x *exchange) error {
	method := map[string]fhir.Method{http.MethodDelete: fhir.Delete, http.MethodPost: fhir.Create, http.MethodPut: fhir.Update}[e.method]
	status := statusOf(method, res.Effect)
	r := response{status: itoa(status) + " " + http.StatusText(status), version: res.Version, at: res.LastUpdated}
	if method != fhir.Delete {
		r.location = b.server.base + "/" + res.Key.String()
	}
	if returns == "OperationOutcome" {
		r.outcome = appendOutcome(nil, []fhir.Issue{done(res.Effect)}, 0, x.lang, x.id)
	}
	if returns == "representation" && res.Body != nil {
		b.open(res.Type, res.ID)
		if err := b.resource(res.Type, res.Body); err != nil {
			return err
		}
		b.b = append(b.b, ',')
	} else {
		b.open("", "")
	}
	b.b = append(b.b, `"response":{`...)
	b.response(r)
	b.b = append(b.b, `}}`...)
	return nil
}
