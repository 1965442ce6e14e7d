package rest

import (
	"net/http"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"

	"github.com/cordee-sante/cordee/fhir"
)

// An interaction answers one request, or fails; Error renders the failure.
type interaction func(w http.ResponseWriter, r *http.Request) error

// A route is one line of the package comment.
type route struct {
	method, pattern string // pattern below the base
	code            string // of http://hl7.org/fhir/restful-interaction
	do              interaction
}

func (s *Server) table() []route {
	return []route{
		{"GET", "/metadata", "capabilities", s.capabilities},

		{"GET", "/{type}/{id}", "read", s.read},
		{"GET", "/{type}/{id}/_history/{version}", "vread", s.vread},
		{"POST", "/{type}", "create", s.create},
		{"PUT", "/{type}/{id}", "update", s.update},
		{"PUT", "/{type}", "update", s.conditionalUpdate},
		{"DELETE", "/{type}/{id}", "delete", s.delete},
		{"DELETE", "/{type}", "delete", s.conditionalDelete},

		{"GET", "/{type}/{id}/_history", "history-instance", s.historyInstance},
		{"GET", "/{type}/_history", "history-type", s.historyType},
		{"GET", "/_history", "history-system", s.historySystem},

		{"GET", "/{type}", "search-type", s.searchType},
		{"POST", "/{type}/_search", "search-type", s.searchType},
		{"GET", "/{type}/{id}/{member}", "search-type", s.searchCompartment},
		{"POST", "/{type}/{id}/{member}/_search", "search-type", s.searchCompartment},
		{"GET", "", "search-system", s.searchSystem},
		{"POST", "/_search", "search-system", s.searchSystem},

		{"POST", "", "transaction", s.bundle},

		{"GET", "/${operation}", "operation", s.operation},
		{"POST", "/${operation}", "operation", s.operation},
		{"GET", "/{type}/${operation}", "operation", s.operation},
		{"POST", "/{type}/${operation}", "operation", s.operation},
		{"GET", "/{type}/{id}/${operation}", "operation", s.operation},
		{"POST", "/{type}/{id}/${operation}", "operation", s.operation},
	}
}

// mount puts the routes into the router, HEAD beside every GET.
func (s *Server) mount() {
	s.routes = s.table()
	s.router = chi.NewRouter()
	for _, rt := range s.routes {
		patterns := []string{s.path + rt.pattern}
		if rt.pattern == "" {
			patterns = []string{s.path + "/"}
			if s.path != "" {
				patterns = append(patterns, s.path)
			}
		}
		for _, p := range patterns {
			s.router.Method(rt.method, p, handle(rt.do))
			if rt.method == http.MethodGet {
				s.router.Method(http.MethodHead, p, handle(rt.do))
			}
		}
	}
	s.router.NotFound(handle(s.noRoute))
	s.router.MethodNotAllowed(handle(s.noMethod))
}

// handle renders the failure of an interaction, a panic among them, inside of
// authentication, so that the trail closes its record.
func handle(do interaction) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		defer recovered(w, r)
		if err := do(w, r); err != nil {
			Error(w, r, err)
		}
	}
}

// route checks what holds for every request and hands it to the router.
func (s *Server) route(w http.ResponseWriter, r *http.Request) {
	if err := s.admit(r); err != nil {
		Error(w, r, err)
		return
	}
	s.router.ServeHTTP(w, r)
}

// admit refuses what no interaction takes, and makes the router see the
// decoded path.
func (s *Server) admit(r *http.Request) error {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodDelete:
		if r.ContentLength != 0 { // A22
			return fhir.Errorf(fhir.Malformed, "rest", "rest.body-not-expected", fhir.CodeInvalid, "http.Content-Length",
				fhir.T("A %s request has no body.", "Une requête %s n'a pas de corps.", r.Method),
				fhir.T("Send parameters in the URL, or use POST.", "Envoyez les paramètres dans l'URL, ou utilisez POST."))
		}
	default:
		for _, name := range []string{"X-Http-Method-Override", "X-Http-Method", "X-Method-Override"} {
			if r.Header[name] != nil { // A21: ignoring it would do something else than was meant
				return fhir.Errorf(fhir.Malformed, "rest", "rest.method-override", fhir.CodeNotSupported, "http."+name,
					fhir.T("The method of a request cannot be overridden by a header.", "La méthode d'une requête ne peut pas être remplacée par un en-tête."),
					fhir.T("Send the request with the method that is meant.", "Envoyez la requête avec la méthode voulue."))
			}
		}
	}
	if r.URL.RawPath != "" && strings.Count(r.URL.RawPath, "/") != strings.Count(r.URL.Path, "/") { // P13: %2F would move the borders of segments
		return fhir.Errorf(fhir.Malformed, "rest", "rest.path", fhir.CodeValue, "",
			fhir.T("The path holds an escaped slash.", "Le chemin contient une barre oblique échappée."),
			fhir.T("No type, id, version or operation has one.", "Aucun type, id, version ni opération n'en contient."))
	}
	chi.RouteContext(r.Context()).RoutePath = r.URL.Path // whatever a router around this one has cut off
	return nil
}

func (s *Server) noRoute(w http.ResponseWriter, r *http.Request) error {
	return fhir.Errorf(fhir.NotFound, "rest", "rest.unknown-path", fhir.CodeNotFound, "",
		fhir.T("Nothing is served at this path.", "Rien n'est servi à ce chemin."),
		fhir.T("Paths have the form %s/Type/id; /metadata lists what is offered.", "Les chemins ont la forme %s/Type/id ; /metadata énumère ce qui est proposé.", s.base))
}

func (s *Server) noMethod(w http.ResponseWriter, r *http.Request) error {
	if len(s.allowed(r.URL.Path)) == 0 { // the method was refused by a router around this one
		return s.noRoute(w, r)
	}
	return s.notAllowed(w, r)
}

// notAllowed is the 405 with its Allow header: the methods of the path whose
// interactions the type has.
func (s *Server) notAllowed(w http.ResponseWriter, r *http.Request) error {
	allow := strings.Join(s.allowed(r.URL.Path), ", ")
	w.Header()["Allow"] = []string{allow}
	return fhir.Errorf(fhir.NotAllowed, "rest", "rest.method-not-allowed", fhir.CodeNotSupported, "",
		fhir.T("%s is not offered at this path.", "%s n'est pas proposé à ce chemin.", safeMethod(r.Method)),
		fhir.T("Offered: %s.", "Possible : %s.", allow))
}

// allowed lists the methods that have a route at the path.
func (s *Server) allowed(path string) []string {
	return slices.DeleteFunc(slices.Clone(corsMethods), func(m string) bool {
		rctx := chi.NewRouteContext()
		pattern := strings.TrimSuffix(s.router.Find(rctx, m, path), "/")
		i := slices.IndexFunc(s.routes, func(rt route) bool {
			return s.path+rt.pattern == pattern && (rt.method == m || m == http.MethodHead && rt.method == http.MethodGet)
		})
		id := rctx.URLParam("id")
		return i < 0 || !s.offers(rctx.URLParam("type"), s.routes[i].code) ||
			id != "" && !fhir.ValidID(id) // _history and the like, taken for an id
	})
}

// offers reports whether resources of the type have the interaction.
func (s *Server) offers(typ, code string) bool {
	if _, elsewhere := s.cfg.Repos[typ]; elsewhere {
		return code == "read" || code == "search-type"
	}
	return true
}

// safeMethod is the method for a message: it is text of the client's.
func safeMethod(m string) string {
	if len(m) > 16 || sanitise(m) != m {
		return "?"
	}
	return m
}
