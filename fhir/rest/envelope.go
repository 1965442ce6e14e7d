package rest

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/cors"
	"github.com/klauspost/compress/gzhttp"
	"github.com/klauspost/compress/gzip"

	"github.com/cordee-sante/cordee/fhir"
)

// An EnvelopeConfig is what an Envelope is made of. All fields may be zero.
type EnvelopeConfig struct {
	// Origins are the web origins whose pages may use the API, in the form
	// "https://app.example". None may by default; there is no wildcard.
	Origins []string

	// Open reports whether pages of any origin may read the resource: it holds
	// nothing of anybody, such as /metadata. Nil means none.
	Open func(r *http.Request) bool

	Language Language     // of clients that ask for neither; French by default
	Log      *slog.Logger // of failures on our side; nil for none
}

// The header lists of browser clients (reference list: what the common SMART
// client libraries send and read).
var (
	corsAllow = []string{"Authorization", "Content-Type", "Accept", "Accept-Language", "Prefer", "If-Match", "If-None-Match",
		"If-Modified-Since", "If-None-Exist", "X-Request-Id", "Traceparent"}
	corsExpose = []string{"Location", "Content-Location", "ETag", "Last-Modified", "X-Request-Id", "X-Correlation-Id",
		"WWW-Authenticate", "Retry-After", "Link"}
	corsMethods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete}
)

// minGzip is where compression begins to pay: below, the response fits into one
// packet with its header.
const minGzip = 1024

// Values of headers that every response shares. They are never modified.
var (
	noStore = []string{"no-store"}
	nosniff = []string{"nosniff"}
	noRefer = []string{"no-referrer"}
)

// Envelope returns what belongs around every handler of the gateway, outside of
// authentication, so that refusals have it too: the request id and the language
// that Error uses, Cache-Control: no-store and nosniff (N06), CORS, gzip, and a
// 500 for a panic (P17). An Envelope inside another does nothing.
func Envelope(cfg EnvelopeConfig) (func(http.Handler) http.Handler, error) {
	origins := make(map[string]bool, len(cfg.Origins))
	for _, o := range cfg.Origins {
		if !validOrigin(o) {
			return nil, fmt.Errorf("rest: %q is not a web origin: give scheme, host and port, as in https://app.example", o)
		}
		origins[strings.ToLower(o)] = true
	}
	// AllowOriginFunc must be set: without origins cors would allow all.
	cross := cors.New(cors.Options{AllowedMethods: corsMethods, AllowedHeaders: corsAllow, ExposedHeaders: corsExpose, MaxAge: 600,
		AllowOriginFunc: func(r *http.Request, origin string) bool {
			return origins[strings.ToLower(origin)] || cfg.Open != nil && cfg.Open(r)
		}})
	compress, err := gzhttp.NewWrapper(gzhttp.MinSize(minGzip), gzhttp.CompressionLevel(gzip.BestSpeed), gzhttp.EnableZstd(false))
	if err != nil {
		return nil, fmt.Errorf("rest: %w", err)
	}
	return func(next http.Handler) http.Handler {
		e := &envelope{cfg: cfg, plain: next, zipped: compress(next)}
		e.routes.New = func() any { return chi.NewRouteContext() }
		e.cross = cross.Handler(http.HandlerFunc(e.compress))
		return e
	}, nil
}

type envelope struct {
	cfg                  EnvelopeConfig
	plain, zipped, cross http.Handler
	routes               sync.Pool // of *chi.Context, used again as the router itself would
}

func (e *envelope) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if exchangeOf(r.Context()) != nil {
		e.plain.ServeHTTP(w, r)
		return
	}
	x := &exchange{Context: r.Context(), log: e.cfg.Log, lang: negotiateLanguage(r.Header["Accept-Language"], e.cfg.Language.orDefault())}
	var correlation string
	x.id, correlation = identify(r)
	h := w.Header()
	ids := [2]string{x.id, correlation}
	h["X-Request-Id"] = ids[:1:1]
	if correlation != "" {
		h["X-Correlation-Id"] = ids[1:]
	}
	h["Cache-Control"], h["X-Content-Type-Options"], h["Referrer-Policy"] = noStore, nosniff, noRefer
	if x.route = chi.RouteContext(x.Context); x.route == nil { // no router and no telemetry around us
		x.route = e.routes.Get().(*chi.Context)
		x.route.Reset()
		defer e.routes.Put(x.route)
	}
	r = r.WithContext(x)
	defer recovered(w, r)
	if r.Header["Origin"] != nil {
		e.cross.ServeHTTP(w, r)
		return
	}
	e.compress(w, r)
}

// compress spares clients that want no compression the wrapper.
func (e *envelope) compress(w http.ResponseWriter, r *http.Request) {
	if r.Header["Accept-Encoding"] == nil {
		e.plain.ServeHTTP(w, r)
		return
	}
	e.zipped.ServeHTTP(w, r)
}

// validOrigin reports whether o is scheme://host[:port] and nothing more.
func validOrigin(o string) bool {
	scheme, host, ok := strings.Cut(o, "://")
	return ok && (scheme == "https" || scheme == "http") && host != "" && !strings.ContainsAny(host, "/*?#@ \t")
}

// An exchange is the context of one request: what Error needs to know, and the
// router's place for the route, which saves the router a context of its own.
type exchange struct {
	context.Context
	route *chi.Context
	id    string
	lang  Language
	log   *slog.Logger
}

type exchangeKey struct{}

// Value answers for the keys of the exchange and of the router.
func (x *exchange) Value(key any) any {
	switch key {
	case any(exchangeKey{}):
		return x
	case any(chi.RouteCtxKey):
		return x.route
	}
	return x.Context.Value(key)
}

// current returns the exchange of a request, or what stands in for it outside
// of an Envelope.
func current(ctx context.Context) *exchange {
	if x := exchangeOf(ctx); x != nil {
		return x
	}
	return &exchange{Context: ctx, lang: French}
}

func exchangeOf(ctx context.Context) *exchange {
	x, _ := ctx.Value(exchangeKey{}).(*exchange)
	return x
}

// within returns the exchange of a request inside the request of ctx: an entry
// of a batch, which is routed anew.
func within(ctx context.Context) *exchange {
	outer := current(ctx)
	return &exchange{Context: ctx, route: chi.NewRouteContext(), id: outer.id, lang: outer.lang, log: outer.log}
}

// recovered turns a panic into a 500 and lets the process live. What it was
// about is not logged: it may hold health data. Where it was is.
func recovered(w http.ResponseWriter, r *http.Request) {
	v := recover()
	if v == nil {
		return
	}
	if v == http.ErrAbortHandler {
		panic(v)
	}
	Error(w, r, panicked(v))
}

// panicked is the error of a panic.
func panicked(v any) error {
	return fhir.Errorf(fhir.Internal, "rest", "rest.internal", fhir.CodeException, "", internal.text, internal.hint).
		Wrap(fmt.Errorf("panic of type %T%s", v, stack()))
}
