package rest

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/search"
)

// A Config is what a Server is made of. Base, Repo and Registry are required.
type Config struct {
	// Base is the URL of the API as clients know it, "https://gateway.example/fhir".
	// Every link is built from it, never from what a request says of its host (N05).
	Base string

	Repo     fhir.Repository            // guarded
	Repos    map[string]fhir.Repository // types kept elsewhere, "AuditEvent": read and searched, never written
	Registry *search.Registry

	Operations []Operation

	// Authenticate wraps everything but /metadata. Nil refuses everything but
	// /metadata.
	Authenticate func(http.Handler) http.Handler

	// Trail is told of Bundles; nil for none. The repositories record by
	// themselves what they are asked.
	Trail Trail

	OAuth    OAuth  // endpoints of the authorization server, for the CapabilityStatement
	Version  string // of the software
	Released time.Time
	Lenient  bool // leave unknown search parameters out unless the client asks for strict handling
	Limits   Limits

	Origins  []string // web origins, see EnvelopeConfig
	Language Language
	Log      *slog.Logger
}

// Limits bound what a request may send. A zero field has its default.
type Limits struct {
	Body    int64 // bytes of a body, 10 MiB
	Binary  int64 // bytes of a Binary, 50 MiB: images and scanned letters as base64
	Form    int64 // bytes of a POST _search, 1 MiB
	Entries int   // entries of a batch or transaction, 5,000 (P09)
}

func (l Limits) withDefaults() Limits {
	for _, f := range []struct {
		field *int64
		value int64
	}{{&l.Body, 10 << 20}, {&l.Binary, 50 << 20}, {&l.Form, 1 << 20}} {
		if *f.field <= 0 {
			*f.field = f.value
		}
	}
	if l.Entries <= 0 {
		l.Entries = 5000
	}
	return l
}

// A Server answers the FHIR RESTful API. It is an http.Handler that expects the
// full path, base included.
type Server struct {
	cfg        Config
	base, path string // cfg.Base without trailing slash, and its path
	router     *chi.Mux
	routes     []route
	operations operations
	statements statements
	handler    http.Handler // envelope, authentication, router
	buffers    sync.Pool    // of *[]byte: Bundles under construction
}

// New returns the server for cfg.
func New(cfg Config) (*Server, error) {
	base, err := url.Parse(strings.TrimRight(cfg.Base, "/"))
	switch {
	case err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http" || base.RawQuery != "" || base.Fragment != "" || base.User != nil:
		return nil, fmt.Errorf("rest: base %q is not an absolute http(s) URL without query", cfg.Base)
	case base.RawPath != "":
		return nil, fmt.Errorf("rest: the path of base %q needs no escaping", cfg.Base)
	case cfg.Repo == nil || cfg.Registry == nil:
		return nil, errors.New("rest: a repository and a registry of search parameters are required")
	}
	cfg.Limits = cfg.Limits.withDefaults()
	if cfg.Trail == nil {
		cfg.Trail = noTrail{}
	}
	s := &Server{cfg: cfg, base: base.String(), path: base.Path}
	s.buffers.New = func() any { return new([]byte) }
	if s.operations, err = newOperations(cfg.Operations); err != nil {
		return nil, err
	}
	s.mount()
	authenticate := cfg.Authenticate
	if authenticate == nil {
		authenticate = refuseAll
	}
	envelope, err := Envelope(EnvelopeConfig{Origins: cfg.Origins, Open: s.isOpen, Language: cfg.Language, Log: cfg.Log})
	if err != nil {
		return nil, err
	}
	routed := http.HandlerFunc(s.route)
	guarded := authenticate(routed)
	s.handler = envelope(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.isOpen(r) {
			routed.ServeHTTP(w, r)
			return
		}
		guarded.ServeHTTP(w, r)
	}))
	return s, nil
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// isOpen reports whether the request needs no token: the CapabilityStatement
// says nothing of anybody (R4 http.html#capabilities).
func (s *Server) isOpen(r *http.Request) bool {
	p := r.URL.Path
	return len(p) == len(s.path)+len("/metadata") && p[:len(s.path)] == s.path && p[len(s.path):] == "/metadata" && r.URL.RawPath == ""
}

// refuseAll stands in for authentication that was not configured.
func refuseAll(http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		Error(w, r, fhir.Errorf(fhir.Unauthenticated, "rest", "rest.no-authentication", fhir.CodeLogin, "http.Authorization",
			fhir.T("The gateway was started without authentication and answers nobody.", "La passerelle a été démarrée sans authentification et ne répond à personne."),
			fhir.T("Its operator has to configure an authorization server.", "Son exploitant doit configurer un serveur d'autorisation.")))
	})
}

// repo returns the repository that keeps resources of the type.
func (s *Server) repo(typ string) fhir.Repository {
	if r, ok := s.cfg.Repos[typ]; ok {
		return r
	}
	return s.cfg.Repo
}

// strict reports whether unknown search parameters refuse the request
// (R4 search.html#errors leaves the default to the server).
func (s *Server) strict(p preference) bool {
	if p.handling != "" {
		return p.handling == "strict"
	}
	return !s.cfg.Lenient
}
