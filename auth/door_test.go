package auth_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/auth/audit"
	"github.com/cordee-sante/cordee/fhir"
)

// tokens knows "good", "expired" and "down".
type tokens struct{ principal auth.Principal }

func (s tokens) Introspect(_ context.Context, token string) (auth.Principal, error) {
	fail := func(kind fhir.Kind, id string, code fhir.IssueCode) error {
		return fhir.Errorf(kind, "tokens", id, code, "", fhir.T("no", "non"), fhir.T("", ""))
	}
	switch token {
	case "good":
		return s.principal, nil
	case "nobody":
		return auth.Principal{Expires: s.principal.Expires}, nil
	case "expired":
		return auth.Principal{}, fail(fhir.Unauthenticated, "auth.token-expired", fhir.CodeExpired)
	case "down":
		return auth.Principal{}, fail(fhir.Unavailable, "test.down", fhir.CodeTransient)
	}
	return auth.Principal{}, fail(fhir.Unauthenticated, "auth.token-unknown", fhir.CodeLogin)
}

// A house has a door, and behind it a handler and a guard.
type house struct {
	*httptest.Server
	*gate
	t       *testing.T
	handler http.HandlerFunc
}

func newHouse(t *testing.T) *house {
	h := &house{gate: newGate(), t: t}
	h.repo.put("Patient", "p1", fhir.Created, []string{"p1"})
	p, _ := auth.FromContext(as(t, "system/Patient.rs"))
	door := auth.Authenticate(auth.Door{
		Tokens: tokens{p}, Trail: h.trail, Error: renderError,
		Public: func(r *http.Request) bool { return r.URL.Path == "/metadata" },
		Route:  func(*http.Request) string { return "/fhir/{type}/{id}" },
	})
	h.Server = httptest.NewServer(door(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.handler(w, r) })))
	t.Cleanup(h.Close)
	h.handler = h.read
	return h
}

// renderError stands for rest.Error: the status, then code and id of the issue.
func renderError(w http.ResponseWriter, _ *http.Request, err error) {
	status := map[fhir.Kind]int{fhir.Unauthenticated: 401, fhir.Forbidden: 403, fhir.NotFound: 404, fhir.Unavailable: 503}[fhir.KindOf(err)]
	if status == 0 {
		status = 500
	}
	w.WriteHeader(status)
	var e *fhir.Error
	if errors.As(err, &e) {
		io.WriteString(w, string(e.Issues[0].Code)+" "+e.Issues[0].ID)
	}
}

// read answers with the body of Patient/p1, through the guard.
func (h *house) read(w http.ResponseWriter, r *http.Request) {
	res, err := h.Guard.Read(r.Context(), patient)
	if err != nil {
		renderError(w, r, err)
		return
	}
	w.Header().Set("ETag", `W/"1"`)
	w.Write(res.Body)
}

func (h *house) get(path string, header ...string) (status int, body string, head http.Header) {
	h.t.Helper()
	r, _ := http.NewRequest(http.MethodGet, h.URL+path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", nil
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(b), res.Header
}

const good = "Bearer good"

func TestA01DoorAsksForToken(t *testing.T) {
	h := newHouse(t)
	for _, tt := range []struct {
		name, path, header string
		status             int
		body, challenge    string
	}{
		{"good token", "/Patient/p1", good, 200, `{"resourceType":"Patient"}`, ""},
		{"scheme in another case", "/Patient/p1", "bEARER good", 200, `{"resourceType":"Patient"}`, ""},
		{"no token", "/Patient/p1", "", 401, "login auth.no-principal", `Bearer realm="FHIR", scope="system/*.rs"`},
		{"unknown token", "/Patient/p1", "Bearer x", 401, "login auth.token-unknown", `error="invalid_token"`},
		{"A02 expired token", "/Patient/p1", "Bearer expired", 401, "expired auth.token-expired", `error="invalid_token"`},
		{"Basic", "/Patient/p1", "Basic Z29vZA==", 401, "login auth.not-bearer", `error="invalid_request"`},
		{"two tokens", "/Patient/p1", "Bearer good good", 401, "login auth.not-bearer", `error="invalid_request"`},
		{"scheme alone", "/Patient/p1", "Bearer", 401, "login auth.not-bearer", `error="invalid_request"`},
		{"token alone", "/Patient/p1", "good", 401, "login auth.not-bearer", `error="invalid_request"`},
		{"list", "/Patient/p1", "Bearer good,Basic x", 401, "login auth.not-bearer", `error="invalid_request"`},
		{"O37 token in the URL", "/Patient/p1?access_token=good", "", 401, "login auth.token-in-url", `error="invalid_request"`},
		{"O37 and in the header", "/Patient/p1?_x=1&access_token=good", good, 401, "login auth.token-in-url", `error="invalid_request"`},
		{"a principal of nobody", "/Patient/p1", "Bearer nobody", 401, "login auth.no-principal", "Bearer "},
		{"the source is down", "/Patient/p1", "Bearer down", 503, "transient test.down", ""},
	} {
		h.trail.take()
		var sent []string
		if tt.header != "" {
			sent = []string{"Authorization", tt.header}
		}
		status, body, head := h.get(tt.path, sent...)
		if status != tt.status || body != tt.body {
			t.Errorf("%s: %d %s", tt.name, status, body)
		}
		if got := head.Get("WWW-Authenticate"); !strings.Contains(got, tt.challenge) || (tt.challenge == "") != (got == "") {
			t.Errorf("%s: WWW-Authenticate %q", tt.name, got)
		}
		if n := len(h.trail.take()); n != 1 {
			t.Errorf("%s: %d records", tt.name, n)
		}
	}
	if status, _, _ := h.get("/Patient/p1", "Authorization", good, "Authorization", good); status != 401 {
		t.Errorf("two headers: %d", status)
	}
}

// The principal of a request is that of its token, whatever its headers say.
func TestHeadersDoNotSpeak(t *testing.T) {
	h := newHouse(t)
	var got auth.Principal
	h.handler = func(w http.ResponseWriter, r *http.Request) { got, _ = auth.FromContext(r.Context()) }
	h.get("/", "Authorization", good, "X-Purpose-Of-Use", "BTG", "X-Organization", "Organization/other", "X-Forwarded-User", "root")
	if got.Purpose != "TREAT" || got.Organization != "Organization/msp" {
		t.Errorf("%+v", got)
	}
}

func TestInsufficientScopeIsNamed(t *testing.T) {
	h := newHouse(t)
	h.handler = func(w http.ResponseWriter, r *http.Request) {
		_, err := h.Guard.Read(r.Context(), fhir.Key{Type: "Consent", ID: "c"})
		renderError(w, r, err)
	}
	status, _, head := h.get("/Consent/c", "Authorization", good)
	if want := `Bearer realm="FHIR", error="insufficient_scope", scope="system/Consent.r"`; status != 403 || head.Get("WWW-Authenticate") != want {
		t.Errorf("%d %v", status, head)
	}
}

// No byte leaves before a record: what no guard recorded the door does.
func TestDoorRecordsWhatNobodyDid(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"route that is not there": http.NotFound,
		"body that is not JSON":   func(w http.ResponseWriter, r *http.Request) { http.Error(w, "malformed", http.StatusBadRequest) },
		"nothing said":            func(http.ResponseWriter, *http.Request) {},
		"bare write":              func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "x") },
		"flush":                   func(w http.ResponseWriter, r *http.Request) { w.(http.Flusher).Flush() },
		"controller flush":        func(w http.ResponseWriter, r *http.Request) { http.NewResponseController(w).Flush() },
		"copy":                    func(w http.ResponseWriter, r *http.Request) { io.Copy(w, strings.NewReader("x")) },
		"panic":                   func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		h := newHouse(t)
		h.handler = handler
		h.get("/", "Authorization", good)
		if n := len(h.trail.take()); n != 1 {
			t.Errorf("%s: %d records", name, n)
		}
	}
}

// What fails after the guard has let it pass is recorded as a failure too.
func TestDoorRecordsLaterFailure(t *testing.T) {
	h := newHouse(t)
	h.handler = func(w http.ResponseWriter, r *http.Request) {
		if _, err := h.Guard.Read(r.Context(), patient); err != nil {
			t.Error(err)
		}
		w.WriteHeader(http.StatusNotAcceptable)
	}
	h.get("/", "Authorization", good)
	records := h.trail.take()
	if len(records) != 2 || records[0].Outcome != audit.Success || records[1].Outcome != audit.MinorFailure || records[1].Reason != "http.406" {
		t.Errorf("%+v", records)
	}
}

// R04: when the trail cannot be written nothing of the answer leaves, its
// headers included.
func TestR04DoorAnswers503(t *testing.T) {
	leaky := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", "diagnosis")
		w.Header().Set("Location", "diagnosis")
		w.WriteHeader(http.StatusEarlyHints)
		w.WriteHeader(http.StatusCreated)
		io.WriteString(w, "diagnosis")
		w.(http.Flusher).Flush()
		io.Copy(w, strings.NewReader("diagnosis"))
	}
	hijack := func(w http.ResponseWriter, r *http.Request) {
		if c, _, err := http.NewResponseController(w).Hijack(); err == nil {
			io.WriteString(c, "diagnosis")
		}
	}
	for name, tt := range map[string]struct {
		handler http.HandlerFunc
		token   string
	}{
		"handler": {leaky, good}, "hijack": {hijack, good}, "flush": {func(w http.ResponseWriter, r *http.Request) { w.(http.Flusher).Flush() }, good},
		"copy": {func(w http.ResponseWriter, r *http.Request) { io.Copy(w, strings.NewReader("diagnosis")) }, good}, "refusal": {leaky, "Bearer x"},
	} {
		h := newHouse(t)
		h.handler = tt.handler
		h.trail.fail = errors.New("disk full")
		status, body, head := h.get("/Patient/p1", "Authorization", tt.token)
		if status != 503 || body != "transient auth.trail-unavailable" {
			t.Errorf("%s: %d %q", name, status, body)
		}
		for _, name := range []string{"ETag", "Location", "WWW-Authenticate"} {
			if head.Get(name) != "" {
				t.Errorf("%s: %s leaves", name, name)
			}
		}
		if head.Get("X-Request-Id") == "" || head.Get("Retry-After") == "" {
			t.Errorf("%s: %v", name, head)
		}
	}
}

// No informational response goes ahead of the record either.
func TestR04NoEarlyHints(t *testing.T) {
	h := newHouse(t)
	h.handler = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "diagnosis")
		w.WriteHeader(http.StatusEarlyHints)
	}
	early := false
	trace := &httptrace.ClientTrace{Got1xxResponse: func(int, textproto.MIMEHeader) error { early = true; return nil }}
	r, _ := http.NewRequestWithContext(httptrace.WithClientTrace(context.Background(), trace), http.MethodGet, h.URL, nil)
	r.Header.Set("Authorization", good)
	if res, err := http.DefaultClient.Do(r); err != nil || early {
		t.Errorf("%v %v, early hints: %v", res, err, early)
	}
}

// Whoever catches a panic outside the door answers nothing that is not
// recorded.
func TestR04PanicUnrecorded(t *testing.T) {
	h := newHouse(t)
	inner := h.Config.Handler
	h.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if v := recover(); v == http.ErrAbortHandler {
				panic(v)
			} else if v != nil {
				http.Error(w, "failed", http.StatusInternalServerError)
			}
		}()
		inner.ServeHTTP(w, r)
	})
	h.handler = func(http.ResponseWriter, *http.Request) { panic("bug") }
	if status, _, _ := h.get("/", "Authorization", good); status != http.StatusInternalServerError {
		t.Errorf("a recorded panic is answered %d", status)
	}
	h.trail.fail = errors.New("disk full")
	if status, body, _ := h.get("/", "Authorization", good); status != 0 {
		t.Errorf("an unrecorded panic is answered %d %s", status, body)
	}
}

func TestPublicNeedsNoTokenAndNoRecord(t *testing.T) {
	h := newHouse(t)
	var request audit.Request
	h.handler = func(w http.ResponseWriter, r *http.Request) {
		request, _ = audit.RequestFrom(r.Context())
		if _, ok := auth.FromContext(r.Context()); ok {
			t.Error("somebody is authenticated")
		}
		io.WriteString(w, "{}")
	}
	if status, body, _ := h.get("/metadata", "Authorization", good); status != 200 || body != "{}" || len(h.trail.take()) != 0 || request.ID == "" {
		t.Errorf("%d %s %+v", status, body, request)
	}
	// A guard behind a public route still refuses.
	h.handler = h.read
	if status, _, _ := h.get("/metadata", "Authorization", good); status != 401 {
		t.Errorf("a guard behind a public route answers %d", status)
	}
}

func TestRequestID(t *testing.T) {
	h := newHouse(t)
	var request audit.Request
	h.handler = func(w http.ResponseWriter, r *http.Request) { request, _ = audit.RequestFrom(r.Context()) }
	trace := "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	for sent, kept := range map[string]bool{"req-7.Q_2": true, "": false, "a b": false, "<script>": false, strings.Repeat("x", 65): false, strings.Repeat("x", 64): true} {
		_, _, head := h.get("/Patient/secret-value", "Authorization", good, "X-Request-Id", sent, "Traceparent", trace)
		if id := head.Get("X-Request-Id"); id != request.ID || (id == sent) != kept || id == "" {
			t.Errorf("%q became %q, recorded %q", sent, id, request.ID)
		}
	}
	if request.Route != "/fhir/{type}/{id}" || request.Method != "GET" || request.Address != "127.0.0.1" || request.Trace != trace[3:35] {
		t.Errorf("%+v", request)
	}
	for _, bad := range []string{"", "x", "00-" + strings.Repeat("0", 32) + "-00f067aa0ba902b7-01", strings.ToUpper(trace), strings.Repeat("-", 55)} {
		h.get("/", "Authorization", good, "Traceparent", bad)
		if request.Trace != "" {
			t.Errorf("traceparent %q gives %q", bad, request.Trace)
		}
	}
}

func TestDoorNeedsItsParts(t *testing.T) {
	for name, door := range map[string]auth.Door{
		"tokens": {Trail: &trail{}, Error: renderError}, "trail": {Tokens: tokens{}, Error: renderError}, "error": {Tokens: tokens{}, Trail: &trail{}},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("a door without %s opens", name)
				}
			}()
			auth.Authenticate(door)
		}()
	}
}

// A token that the source lets pass after its end does not pass the door.
func TestA02DoorLooksAtTheClock(t *testing.T) {
	p, _ := auth.FromContext(as(t, "system/*.rs"))
	late := func() time.Time { return p.Expires }
	door := auth.Authenticate(auth.Door{Tokens: tokens{p}, Trail: &trail{}, Error: renderError, Clock: late})
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Authorization", good)
	door(http.NotFoundHandler()).ServeHTTP(w, r)
	if w.Code != http.StatusUnauthorized {
		t.Errorf("%d", w.Code)
	}
}
