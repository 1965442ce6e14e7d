package telemetry

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
)

func get(t *testing.T, h http.Handler, path string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	body, _ := io.ReadAll(w.Result().Body)
	return w.Code, string(body)
}

// TestN06NoIdentifierInMetrics sends a made-up identifier through every part of
// a URL and looks for it in what an operator sees.
func TestN06NoIdentifierInMetrics(t *testing.T) {
	tel, err := New(context.Background(), Config{Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	defer tel.Close(context.Background())
	router := chi.NewRouter()
	router.Get("/fhir/{type}/{id}", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	const canary = "180127512345678"
	h := tel.Middleware(router)
	for _, path := range []string{"/fhir/Patient/" + canary + "?identifier=" + canary, "/" + canary, "/fhir/Patient/" + canary + "/" + canary} {
		get(t, h, path)
	}
	req := httptest.NewRequest(canary, "/fhir/Patient/1", nil)
	h.ServeHTTP(httptest.NewRecorder(), req)
	_, metrics := get(t, tel.Handler(), "/metrics")
	if strings.Contains(metrics, canary) {
		t.Errorf("the identifier shows in the metrics:\n%s", metrics)
	}
	for _, want := range []string{`http_route="/fhir/{type}/{id}"`, `http_response_status_code="418"`, `http_route="none"`, `http_request_method="other"`, "cordee_build_info"} {
		if !strings.Contains(metrics, want) {
			t.Errorf("the metrics do not hold %s", want)
		}
	}
}

func TestHealth(t *testing.T) {
	tel, err := New(context.Background(), Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer tel.Close(context.Background())
	var failing error
	tel.Health.Add("trail", func() error { return failing })
	check := func(path string, want int) {
		t.Helper()
		if code, body := get(t, tel.Handler(), path); code != want {
			t.Errorf("%s: %d %s, want %d", path, code, body, want)
		}
	}
	check("/health/live", 200)
	check("/health/ready", 503) // not started
	check("/startedz", 503)
	tel.Health.Started(true)
	check("/readyz", 200)
	check("/health/started", 200)
	failing = errors.New("the trail cannot be written")
	check("/health/ready", 503)
	check("/livez", 200)
}
