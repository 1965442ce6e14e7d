package rest_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/fhir/rest"
)

// answered holds of every answer to whatever was sent: it is never our failure,
// and what is refused is refused with an OperationOutcome.
func answered(t *testing.T, w *httptest.ResponseRecorder, method string) {
	t.Helper()
	if w.Code >= 500 {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
	checkEvery(t, w)
	if w.Code >= 400 && method != http.MethodHead {
		checkOutcome(t, w)
	}
}

func FuzzURL(f *testing.F) {
	for _, s := range []string{"GET /Patient/p1?_elements=name&_pretty=true", "GET /Patient/%2e%2e/", "DELETE /Patient?identifier=a|b", "GET /_history?_since=2026-11-21T08:00:00%2B01:00",
		"GET /Patient/p1/Observation?_cursor=x", "PUT /Patient/p1/_history/1", "HEAD //", "GET /Patient/$x", "PATCH /metadata", "GET ?_type=a,b&_summary=count"} {
		f.Add(s)
	}
	h := serve(f, twoVersions(), func(c *rest.Config) { c.Operations = nil })
	f.Fuzz(func(t *testing.T, s string) {
		method, path, _ := strings.Cut(s, " ")
		u, err := url.Parse(base + path)
		if err != nil || sanitised(method) != method || method == "" {
			return
		}
		r := &http.Request{Method: method, URL: u, Header: http.Header{}, Body: http.NoBody}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		answered(t, w, method)
	})
}

// sanitised keeps letters: net/http lets no other method through to a handler.
func sanitised(s string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'A' && c <= 'Z' {
			return c
		}
		return -1
	}, s)
}

func FuzzHeaders(f *testing.F) {
	f.Add("application/fhir+json;q=0.5, */*", "en;q=0.9,fr", "return=minimal; handling=lenient", `W/"1"`, "id-1", "gzip")
	f.Add(";;q=,,", "*;q=nan", "=;,", `"`, "\x00\r\n", "gzip;q=0")
	h := serve(f, twoVersions())
	f.Fuzz(func(t *testing.T, accept, language, prefer, tag, id, encoding string) {
		r := httptest.NewRequest("GET", base+"/Patient/p1", nil)
		for name, value := range map[string]string{"Accept": accept, "Accept-Language": language, "Prefer": prefer, "If-None-Match": tag, "X-Request-Id": id} {
			r.Header[http.CanonicalHeaderKey(name)] = []string{value}
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		answered(t, w, "GET")
		if got := w.Header().Get("X-Request-Id") + w.Header().Get("X-Correlation-Id"); strings.ContainsAny(got, "\r\n\x00 <>\"") {
			t.Errorf("N04: %q comes back in a header", got)
		}
		r = httptest.NewRequest("PUT", base+"/Patient/p1", strings.NewReader(patient))
		r.Header["If-Match"], r.Header["If-None-Exist"], r.Header["Content-Type"] = []string{tag}, []string{prefer}, []string{accept}
		w = httptest.NewRecorder()
		h.ServeHTTP(w, r)
		answered(t, w, "PUT")
	})
}

func FuzzBundle(f *testing.F) {
	f.Add(bundleOf("transaction", request("PUT", "Patient/p1", with(patient)), request("GET", "Patient/p1")))
	f.Add(bundleOf("batch", request("GET", "Patient?_id=p1"), request("DELETE", "Patient/p1"), `{}`, `[]`, `1`))
	f.Add(`{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"%zz"}},{"request":{"method":"GET","url":"a?b#c"}}]}`)
	f.Add(bundleOf("batch", request("POST", "?", with(bundleOf("batch")))))
	repo := newFake()
	h := serve(f, repo)
	f.Fuzz(func(t *testing.T, text string) {
		repo.reset()
		repo.put(patient)
		w := send(h, "POST /", "", text)
		answered(t, w, "POST")
		if w.Code != 200 {
			return
		}
		for _, e := range parseBundle(t, w).Entry {
			if strings.HasPrefix(e.Response.Status, "5") {
				t.Errorf("an entry made us fail: %s", e.Response.Outcome)
			}
		}
	})
}
