package telemetry

import (
	"encoding/json"
	"net/http"
	"net/http/pprof"
	"sync"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// A Check says whether a part of the gateway can do its work; nil is yes. Its
// error is shown to whoever reaches the operator's listener: no health data.
type Check func() error

// Health answers the probes of an orchestrator. The zero Health has not
// started.
type Health struct {
	mu      sync.Mutex
	started bool
	names   []string
	checks  []Check
}

// Add names a check that readiness depends on.
func (h *Health) Add(name string, c Check) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.names, h.checks = append(h.names, name), append(h.checks, c)
}

// Started says that start-up is over, or with false that shutdown has begun.
func (h *Health) Started(yes bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.started = yes
}

func (h *Health) ready() (ok bool, report map[string]string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	ok, report = h.started, map[string]string{}
	for i, c := range h.checks {
		report[h.names[i]] = "ok"
		if err := c(); err != nil {
			ok, report[h.names[i]] = false, err.Error()
		}
	}
	return ok, report
}

// Handler serves /metrics and the probes /health/live, /health/ready and
// /health/started, with their short names /livez, /readyz and /startedz, and the
// profiles of the Go runtime under /debug/pprof. The listener is the operator's:
// a profile names functions, never records.
func (t *Telemetry) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(t.registry, promhttp.HandlerOpts{}))
	live := func(w http.ResponseWriter, _ *http.Request) { answer(w, true, nil) }
	ready := func(w http.ResponseWriter, _ *http.Request) {
		ok, report := t.Health.ready()
		answer(w, ok, report)
	}
	started := func(w http.ResponseWriter, _ *http.Request) {
		t.Health.mu.Lock()
		ok := t.Health.started
		t.Health.mu.Unlock()
		answer(w, ok, nil)
	}
	for path, page := range t.pages {
		mux.HandleFunc("GET "+path, page)
	}
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	for path, f := range map[string]http.HandlerFunc{"live": live, "ready": ready, "started": started} {
		mux.HandleFunc("GET /health/"+path, f)
		mux.HandleFunc("GET /"+path+"z", f)
	}
	return mux
}

func answer(w http.ResponseWriter, ok bool, checks map[string]string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	status := "ok"
	if !ok {
		status = "unavailable"
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	json.NewEncoder(w).Encode(struct {
		Status string            `json:"status"`
		Checks map[string]string `json:"checks,omitempty"`
	}{status, checks})
}
