package rest_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/rest"
	"github.com/cordee-sante/cordee/fhir/search"
)

const base = "https://gateway.example/fhir"

const patient = `{"resourceType":"Patient","id":"p1","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>"},"identifier":[{"system":"urn:oid:1.2.250.1.213.1.4.10","value":"T1"}],"active":true,"name":[{"family":"Fictive","given":["Zoé"]}],"birthDate":"1951-02-03","maritalStatus":{"text":"m"}}`

// everybody is authentication that lets everybody in.
func everybody(next http.Handler) http.Handler { return next }

var registry = sync.OnceValues(func() (*search.Registry, error) { return search.New(search.Config{Base: base}) })

// serve returns a server over repo; set changes its configuration.
func serve(t testing.TB, repo fhir.Repository, set ...func(*rest.Config)) *rest.Server {
	t.Helper()
	reg, err := registry()
	if err != nil {
		t.Fatal(err)
	}
	cfg := rest.Config{Base: base, Repo: repo, Registry: reg, Authenticate: everybody, Version: "1.0.0", Released: clock}
	for _, f := range set {
		f(&cfg)
	}
	s, err := rest.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A call is one request of a table: "PUT /Patient/1" with header lines and body.
type call struct {
	name    string
	request string
	headers string // lines of Name: value
	body    string

	status int
	id     string // stable name of the first issue
	at     string // its expression
	wants  string // lines that the answer must hold: a header line, or a part of the body; "!" in front: must not
}

func (c call) run(t *testing.T, h http.Handler) *httptest.ResponseRecorder {
	t.Helper()
	w := send(h, c.request, c.headers, c.body)
	if w.Code != c.status {
		t.Errorf("%s: status %d, want %d; body %s", c.request, w.Code, c.status, w.Body)
	}
	checkEvery(t, w)
	if w.Code >= 400 && c.request[:4] != "HEAD" {
		issues := checkOutcome(t, w)
		if c.id != "" && (issues[0].Details.Coding == nil || issues[0].Details.Coding[0].Code != c.id) {
			t.Errorf("%s: issue %+v, want %s", c.request, issues[0], c.id)
		}
		if c.at != "" && (len(issues[0].Expression) == 0 || issues[0].Expression[0] != c.at) {
			t.Errorf("%s: expression %v, want %s", c.request, issues[0].Expression, c.at)
		}
	}
	for _, line := range strings.Split(c.wants, "\n") {
		want, absent := strings.CutPrefix(strings.TrimSpace(line), "!")
		if want != "" && holds(w, want) == absent {
			t.Errorf("%s: absent=%v %q in\n%v\n%s", c.request, absent, want, w.Header(), w.Body)
		}
	}
	return w
}

func runAll(t *testing.T, h func() http.Handler, calls []call) {
	t.Helper()
	for _, c := range calls {
		t.Run(c.name, func(t *testing.T) { c.run(t, h()) })
	}
}

var headerLine = regexp.MustCompile(`^([A-Z][A-Za-z-]+): ?(.*)$`)

func holds(w *httptest.ResponseRecorder, want string) bool {
	if m := headerLine.FindStringSubmatch(want); m != nil {
		value := strings.Join(w.Header().Values(m[1]), ", ")
		return value == m[2] || m[2] == "*" && value != ""
	}
	return strings.Contains(w.Body.String(), want)
}

func send(h http.Handler, request, headers, body string) *httptest.ResponseRecorder {
	method, path, _ := strings.Cut(request, " ")
	target := path
	if !strings.Contains(path, "://") {
		target = "https://other-host.example/fhir" + path
	}
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for line := range strings.SplitSeq(headers, "\n") {
		if name, value, ok := strings.Cut(line, ":"); ok {
			r.Header.Add(strings.TrimSpace(name), strings.TrimSpace(value))
		}
	}
	if body != "" && r.Header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", "application/fhir+json")
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// checkEvery holds of every answer (N05, N06).
func checkEvery(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	h := w.Header()
	if h.Get("X-Request-Id") == "" || h.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("headers every answer has are missing: %v", h)
	}
	if h.Get("Cache-Control") != "no-store" && h.Get("Cache-Control") != "no-cache" {
		t.Errorf("Cache-Control %q", h.Get("Cache-Control"))
	}
	if strings.Contains(w.Body.String()+h.Get("Location"), "other-host.example") {
		t.Errorf("N05: the host of the request found its way into the answer: %s", w.Body)
	}
	if body := w.Body.Bytes(); len(body) > 0 && strings.Contains(h.Get("Content-Type"), "json") && !json.Valid(body) {
		t.Errorf("not JSON: %s", body)
	}
}

type issue struct {
	Severity, Code, Diagnostics string
	Details                     struct {
		Text   string
		Coding []struct{ System, Code string }
	}
	Expression []string
}

var template = regexp.MustCompile(`%!|\{[0-9]\}|%[sdvq]|goroutine|/go/|\.go:`)

// checkOutcome holds of every answer from 400 on.
func checkOutcome(t *testing.T, w *httptest.ResponseRecorder) []issue {
	t.Helper()
	var o struct {
		ResourceType string
		Issue        []issue
	}
	if err := json.Unmarshal(w.Body.Bytes(), &o); err != nil || o.ResourceType != "OperationOutcome" || len(o.Issue) == 0 {
		t.Fatalf("no OperationOutcome: %v %s", err, w.Body)
	}
	for _, i := range o.Issue {
		if i.Severity == "" || i.Code == "" || i.Details.Text == "" || i.Diagnostics == "" {
			t.Errorf("an issue lacks something: %+v", i)
		}
		if m := template.FindString(i.Details.Text + i.Diagnostics); m != "" {
			t.Errorf("the issue shows %q: %+v", m, i)
		}
	}
	if id := w.Header().Get("X-Request-Id"); !strings.Contains(o.Issue[0].Diagnostics, id) {
		t.Errorf("diagnostics without request id %s: %s", id, o.Issue[0].Diagnostics)
	}
	if l := w.Header().Get("Content-Language"); l != "fr" && l != "en" {
		t.Errorf("Content-Language %q", l)
	}
	if !strings.Contains(strings.Join(w.Header().Values("Vary"), ","), "Accept-Language") {
		t.Errorf("Vary %q", w.Header().Values("Vary"))
	}
	return o.Issue
}

func newRecorder() *httptest.ResponseRecorder { return httptest.NewRecorder() }
