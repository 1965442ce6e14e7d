package gateway

import (
	"context"
	"net/http"
	"slices"

	"github.com/go-chi/chi/v5"

	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/cda/writer"
	"github.com/cordee-sante/cordee/adapters/identity"
	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/auth/consent/explain"
	"github.com/cordee-sante/cordee/auth/oauth"
	"github.com/cordee-sante/cordee/fhir"
	tables "github.com/cordee-sante/cordee/fhir/r4"
	"github.com/cordee-sante/cordee/fhir/rest"
	"github.com/cordee-sante/cordee/fhir/search"
)

// handler lays out the origin: the FHIR API under /fhir behind the door, the
// authorization server beside it.
func (g *Gateway) handler(tokens auth.TokenSource, registry *search.Registry, version string) (http.Handler, error) {
	door := auth.Authenticate(auth.Door{Tokens: tokens, Trail: g.trail, Error: rest.Error, Public: g.oauth.Public, Route: routePattern})
	definitions, err := rest.Definitions(g.records, adapters.IngestDefinition, writer.Definition)
	if err != nil {
		return nil, err
	}
	api, err := rest.New(rest.Config{
		Base:         g.base,
		Repo:         g.records,
		Repos:        map[string]fhir.Repository{"AuditEvent": g.events, "OperationDefinition": definitions},
		Registry:     registry,
		Operations:   append(g.operations(), g.documents(version)...),
		Authenticate: door,
		Trail:        auth.Parts{},
		OAuth:        rest.OAuth{Token: g.origin + oauth.TokenPath, Revoke: g.origin + oauth.RevokePath},
		Origins:      g.cfg.Origins,
		Version:      version,
		Log:          g.log,
	})
	if err != nil {
		return nil, err
	}
	router := chi.NewRouter()
	g.oauth.Routes(router)
	router.Get("/", g.welcome)
	router.NotFound(api.ServeHTTP)
	router.MethodNotAllowed(api.ServeHTTP)
	// Around the whole origin, so that the authorization server's answers have
	// request ids and CORS headers too; the API's own envelope then stands aside.
	envelope, err := rest.Envelope(rest.EnvelopeConfig{Origins: g.cfg.Origins, Open: g.open, Log: g.log})
	if err != nil {
		return nil, err
	}
	return envelope(router), nil
}

// open names what pages of any origin may read: it holds nothing of anybody.
func (g *Gateway) open(r *http.Request) bool {
	return r.URL.Path == "/fhir/metadata" || g.oauth.Public(r) && r.Method != http.MethodPost
}

// operations are the named operations of the API beside its interactions.
func (g *Gateway) operations() []rest.Operation {
	people := identity.Operations{Repo: g.records, Base: g.base}
	list := []rest.Operation{rest.Everything(g.records, searchable), g.ingest(), people.Match(), people.Merge(), people.Unmerge()}
	if g.explain != nil {
		list = append(list, explain.Operation(*g.explain))
	}
	return list
}

// searchable are the types that the token of the caller lets it search.
func searchable(ctx context.Context) []string {
	p, ok := auth.FromContext(ctx)
	if !ok {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(tables.Types()), func(typ string) bool {
		return typ == "AuditEvent" || p.Reach(typ, 's') == auth.ReachNone
	})
}

func routePattern(r *http.Request) string {
	if c := chi.RouteContext(r.Context()); c != nil {
		return c.RoutePattern()
	}
	return ""
}

// welcome tells a visitor of the origin where things are.
func (g *Gateway) welcome(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Write([]byte("Cordée, passerelle FHIR R4\n\n" +
		"FHIR base   " + g.base + "\n" +
		"metadata    " + g.base + "/metadata\n" +
		"SMART       " + g.base + "/.well-known/smart-configuration\n"))
}
