package rest_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"github.com/cordee-sante/cordee/fhir/rest"
)

func TestB25RequestID(t *testing.T) {
	h := serve(t, newFake())
	own := regexp.MustCompile(`^[A-Z2-7]{26}$`)
	for _, c := range []struct{ sent, id, correlation string }{
		{"abc-1.2_3:4", "abc-1.2_3:4", ""},
		{"", "", ""},
		{"a b\u202e<script>", "", "abscript"},
		{strings.Repeat("x", 65), "", strings.Repeat("x", 64)},
		{"\u00e9", "", ""},
	} {
		headers := ""
		if c.sent != "" {
			headers = "X-Request-Id: " + c.sent
		}
		w := send(h, "GET /Patient/nobody", headers, "")
		id := w.Header().Get("X-Request-Id")
		if c.id == "" && !own.MatchString(id) || c.id != "" && id != c.id || w.Header().Get("X-Correlation-Id") != c.correlation {
			t.Errorf("%q: X-Request-Id %q, X-Correlation-Id %q", c.sent, id, w.Header().Get("X-Correlation-Id"))
		}
		checkOutcome(t, w)
	}
	w := send(h, "GET /Patient/nobody", "X-Request-Id: a\nX-Request-Id: b", "")
	if !own.MatchString(w.Header().Get("X-Request-Id")) {
		t.Errorf("two ids: %v", w.Header())
	}
}

func TestB24CORS(t *testing.T) {
	h := serve(t, newFake(patient), func(c *rest.Config) {
		c.Origins, c.Authenticate = []string{"https://app.example"}, nil // nobody is authenticated
	})
	preflight := func(origin, path, headers string) http.Header {
		return send(h, "OPTIONS "+path, "Origin: "+origin+"\nAccess-Control-Request-Method: PUT\nAccess-Control-Request-Headers: "+headers, "").Header()
	}
	all := "authorization, content-type, accept, accept-language, prefer, if-match, if-none-match, if-modified-since, if-none-exist, x-request-id, traceparent"
	if o := preflight("https://app.example", "/Patient/p1", all).Get("Access-Control-Allow-Origin"); o != "https://app.example" {
		t.Errorf("preflight of every header: %q", o)
	}
	for _, c := range [][3]string{{"https://evil.example", "/Patient/p1", "authorization"}, {"null", "/Patient/p1", "authorization"},
		{"https://app.example.evil.example", "/Patient/p1", "authorization"}, {"http://app.example", "/Patient/p1", "authorization"}, {"https://app.example", "/Patient/p1", "x-http-method-override"}} {
		if got := preflight(c[0], c[1], c[2]).Get("Access-Control-Allow-Origin"); got != "" {
			t.Errorf("preflight of %v allows %q", c, got)
		}
	}
	expose := "Location, Content-Location, Etag, Last-Modified, X-Request-Id, X-Correlation-Id, Www-Authenticate, Retry-After, Link"
	call{request: "GET /Patient/p1", headers: "Origin: https://app.example", status: 401,
		wants: "Access-Control-Allow-Origin: https://app.example\nAccess-Control-Expose-Headers: " + expose + "\n!Access-Control-Allow-Credentials: *"}.run(t, h)
	call{request: "GET /Patient/p1", headers: "Origin: https://evil.example", status: 401, wants: "!Access-Control-Allow-Origin: *"}.run(t, h)
	call{request: "GET /metadata", headers: "Origin: https://evil.example", status: 200, wants: "Access-Control-Allow-Origin: https://evil.example"}.run(t, h)
	call{request: "OPTIONS /Patient/p1", status: 401}.run(t, h) // no preflight: an ordinary request

	closed := serve(t, newFake(patient))
	call{request: "GET /Patient/p1", headers: "Origin: https://app.example", status: 200, wants: "!Access-Control-Allow-Origin: *"}.run(t, closed)
	for _, bad := range []string{"*", "https://*.example", "app.example", "https://app.example/", "null"} {
		if _, err := rest.Envelope(rest.EnvelopeConfig{Origins: []string{bad}}); err == nil {
			t.Errorf("origin %q is accepted", bad)
		}
	}
}

func TestB23Gzip(t *testing.T) {
	f := newFake(patient, `{"resourceType":"Patient","id":"big","name":[{"family":"`+strings.Repeat("Fictive ", 500)+`"}]}`)
	h := serve(t, f)
	w := send(h, "GET /Patient/big", "Accept-Encoding: gzip", "")
	z, err := gzip.NewReader(w.Body)
	if err != nil || w.Header().Get("Content-Encoding") != "gzip" || w.Header().Get("ETag") != `W/"1"` {
		t.Fatalf("%v %v", err, w.Header())
	}
	if text, err := io.ReadAll(z); err != nil || !bytes.Contains(text, []byte("Fictive")) {
		t.Errorf("%v", err)
	}
	call{request: "GET /Patient/p1", headers: "Accept-Encoding: gzip", status: 200, wants: "!Content-Encoding: *"}.run(t, h) // one packet already
	call{request: "GET /Patient/big", headers: "Accept-Encoding: zstd, br", status: 200, wants: "!Content-Encoding: *"}.run(t, h)
}

// Over a connection, where net/http checks lengths against what is written.
func TestConnection(t *testing.T) {
	f := newFake(`{"resourceType":"Patient","id":"big","name":[{"family":"` + strings.Repeat("Fictive ", 500) + `"}]}`)
	server := httptest.NewServer(serve(t, f))
	defer server.Close()
	for _, method := range []string{"GET", "HEAD"} {
		for _, compressed := range []bool{false, true} {
			for _, path := range []string{"/Patient/big", "/Patient/nobody", "/Patient?_id=big", "/metadata"} {
				r, _ := http.NewRequest(method, server.URL+"/fhir"+path, nil)
				client := &http.Client{Transport: &http.Transport{DisableCompression: !compressed, DisableKeepAlives: true}}
				resp, err := client.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				text, err := io.ReadAll(resp.Body)
				resp.Body.Close()
				if err != nil || resp.Uncompressed != (compressed && method == "GET" && len(text) >= 1024) || json.Valid(text) != (method == "GET") {
					t.Errorf("%s %s compressed=%v: %v, uncompressed=%v, %d bytes", method, path, compressed, err, resp.Uncompressed, len(text))
				}
			}
		}
	}
}

func TestZeroConfigurationRefuses(t *testing.T) {
	reg, _ := registry()
	for name, cfg := range map[string]rest.Config{
		"nothing": {}, "no repository": {Base: base, Registry: reg}, "no registry": {Base: base, Repo: newFake()},
		"relative base": {Base: "/fhir", Repo: newFake(), Registry: reg}, "base with query": {Base: base + "?x=1", Repo: newFake(), Registry: reg},
		"origin": {Base: base, Repo: newFake(), Registry: reg, Origins: []string{"*"}},
	} {
		if _, err := rest.New(cfg); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	h := serve(t, newFake(patient), func(c *rest.Config) { c.Authenticate = nil })
	for _, r := range []string{"GET /Patient/p1", "GET /Patient", "POST /", "GET /nonsense/x/y/z", "DELETE /Patient/p1", "PATCH /Patient/p1", "GET /metadata/x", "GET /%6detadata"} {
		call{request: r, status: 401, id: "rest.no-authentication", wants: "WWW-Authenticate: Bearer"}.run(t, h)
	}
	call{request: "GET /metadata", status: 200}.run(t, h)
}

// The trail's door sees the answer of every request that it lets in.
func TestAuthenticateWrapsRefusalsToo(t *testing.T) {
	seen := 0
	h := serve(t, newFake(), func(c *rest.Config) {
		c.Authenticate = func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { seen++; next.ServeHTTP(w, r) })
		}
	})
	for _, r := range []string{"GET /nowhere/x/y/z", "PATCH /Patient/p1", "GET /Nobody/1", "GET /Patient/a%2Fb"} {
		send(h, r, "", "")
	}
	if seen != 4 {
		t.Errorf("%d of 4 requests passed authentication", seen)
	}
}

func TestP17Panic(t *testing.T) {
	var log bytes.Buffer
	logged := func(c *rest.Config) {
		c.Log = slog.New(slog.NewTextHandler(&log, nil))
		c.Operations = []rest.Operation{panics()}
	}
	call{request: "POST /$panic", headers: "X-Request-Id: find-me", body: patient, status: 500, id: "rest.internal", wants: "!Zoé"}.run(t, serve(t, newFake(), logged))
	if s := log.String(); !strings.Contains(s, "find-me") || !strings.Contains(s, "(*Server).operation") || strings.Contains(s, "Zoé") {
		t.Errorf("log %s", s)
	}
	outside := serve(t, newFake(), logged, func(c *rest.Config) {
		c.Authenticate = func(http.Handler) http.Handler {
			return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(errors.New("Zoé")) })
		}
	})
	call{request: "GET /Patient/p1", status: 500, wants: "!Zoé"}.run(t, outside)
	abort := serve(t, newFake(), func(c *rest.Config) {
		c.Authenticate = func(http.Handler) http.Handler {
			return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
		}
	})
	defer func() {
		if recover() != http.ErrAbortHandler {
			t.Error("http.ErrAbortHandler was swallowed")
		}
	}()
	send(abort, "GET /Patient/p1", "", "")
}

// Telemetry around the server reads the pattern of the route, and a router
// around it may have looked for a route of its own.
func TestBehindOtherRouters(t *testing.T) {
	api := serve(t, newFake(patient))
	outer := chi.NewRouter()
	outer.Post("/token", func(http.ResponseWriter, *http.Request) {})
	outer.Mount("/fhir", api)
	outer.NotFound(api.ServeHTTP)
	outer.MethodNotAllowed(api.ServeHTTP)
	for _, c := range []struct {
		request, pattern string
		status           int
	}{
		{"GET /Patient/p1", "/fhir/*/fhir/{type}/{id}", 200},
		{"GET https://h.example/token", "", 404},
		{"DELETE https://h.example/elsewhere", "", 404},
		{"POST /Patient/p1", "/fhir/*", 405},
	} {
		var pattern string
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			routes := chi.NewRouteContext()
			outer.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), chi.RouteCtxKey, routes)))
			pattern = strings.Join(routes.RoutePatterns, "")
		})
		call{request: c.request, status: c.status}.run(t, h)
		if pattern != c.pattern {
			t.Errorf("%s: pattern %s", c.request, pattern)
		}
	}
}

// An Envelope around another handler, and one inside the other.
func TestEnvelopeOfOthers(t *testing.T) {
	wrap, err := rest.Envelope(rest.EnvelopeConfig{Language: rest.English})
	if err != nil {
		t.Fatal(err)
	}
	h := wrap(wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if rest.RequestID(r.Context()) != w.Header().Get("X-Request-Id") {
			t.Error("two ids for one request")
		}
		rest.Error(w, r, notFound("fake.absent"))
	})))
	w := send(h, "GET /oauth", "", "")
	checkEvery(t, w)
	checkOutcome(t, w)
	if !strings.Contains(w.Body.String(), "There is no such resource.") {
		t.Errorf("%s", w.Body)
	}
	bare := httptest.NewRecorder()
	rest.Error(bare, httptest.NewRequest("GET", "/", nil), notFound("fake.absent"))
	if bare.Code != 404 || rest.RequestID(t.Context()) != "" {
		t.Errorf("%d", bare.Code)
	}
}
