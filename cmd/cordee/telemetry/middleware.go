package telemetry

import (
	"net/http"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// Middleware measures each request under the pattern of its route. A request
// that no route took is counted under "none": its path is the client's.
func (t *Telemetry) Middleware(next http.Handler) http.Handler {
	traceContext := propagation.TraceContext{}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		routes := t.routes.Get().(*chi.Context)
		defer t.routes.Put(routes)
		routes.Reset()
		ctx := traceContext.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
		ctx, span := t.tracer.Start(ctx, "request", trace.WithSpanKind(trace.SpanKindServer))
		defer span.End()
		ctx = withRoutes(ctx, routes)
		t.active.Add(ctx, 1)
		defer t.active.Add(ctx, -1)
		sw := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(sw, r.WithContext(ctx))
		pattern := routes.RoutePattern()
		if pattern == "" || sw.status == http.StatusNotFound && pattern == "/*" {
			pattern = "none"
		}
		t.duration.Record(ctx, time.Since(start).Seconds(), t.labelsOf(labels{method(r.Method), pattern, sw.status}))
		if span.IsRecording() {
			span.SetName(method(r.Method) + " " + pattern)
			span.SetAttributes(attribute.String("http.route", pattern), attribute.Int("http.response.status_code", sw.status))
			if sw.status >= 500 {
				span.SetStatus(codes.Error, "")
			}
		}
	})
}

// labels are what a request is counted under. Each value is of a closed set, and
// so are the sets of attributes that are kept.
type labels struct {
	method, pattern string
	status          int
}

// labelsOf returns the attributes, made once: that took longer than to count.
func (t *Telemetry) labelsOf(l labels) metric.MeasurementOption {
	if made, ok := t.labels.Load(l); ok {
		return made.(metric.MeasurementOption)
	}
	made := metric.WithAttributeSet(attribute.NewSet(
		attribute.String("http.request.method", l.method),
		attribute.String("http.route", l.pattern),
		attribute.String("http.response.status_code", strconv.Itoa(l.status))))
	t.labels.Store(l, made)
	return made
}

// method keeps the label a closed set, whatever a client sends.
func method(m string) string {
	switch m {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS":
		return m
	}
	return "other"
}

// statusWriter remembers the status code.
type statusWriter struct {
	http.ResponseWriter
	status int
	wrote  bool
}

func (w *statusWriter) WriteHeader(status int) {
	if !w.wrote {
		w.status, w.wrote = status, status >= 200
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(b []byte) (int, error) {
	w.wrote = true
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController through.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
