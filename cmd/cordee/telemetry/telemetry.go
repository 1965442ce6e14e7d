// Package telemetry is what an operator sees from outside: Prometheus metrics,
// OpenTelemetry traces and health, on a listener of their own.
//
// Names come from closed sets: route patterns, methods, status codes. No path,
// query, id or token reaches a metric or a span, so none can leak through them
// (threat N06). The audit trail, which must name them, is another thing
// (package audit).
package telemetry

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"sync"

	"github.com/go-chi/chi/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	exporter "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// Config says what is observed and where spans go.
type Config struct {
	Version string
	OTLP    string // URL of an OTLP/HTTP collector; empty for no traces
}

// Telemetry holds the instruments of one process.
type Telemetry struct {
	registry *prometheus.Registry
	meters   *sdkmetric.MeterProvider
	traces   *sdktrace.TracerProvider // nil without a collector
	tracer   trace.Tracer
	duration metric.Float64Histogram
	active   metric.Int64UpDownCounter
	labels   sync.Map  // labels → metric.MeasurementOption
	routes   sync.Pool // of *chi.Context, used again as the router itself would
	Health   *Health
	pages    map[string]http.HandlerFunc // of Status, by path
}

// New makes the instruments. Close flushes what is waiting to be sent.
func New(ctx context.Context, c Config) (*Telemetry, error) {
	t := &Telemetry{registry: prometheus.NewRegistry(), Health: &Health{}, pages: map[string]http.HandlerFunc{}}
	t.routes.New = func() any { return chi.NewRouteContext() }
	t.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	reader, err := exporter.New(exporter.WithRegisterer(t.registry), exporter.WithoutScopeInfo(), exporter.WithoutTargetInfo())
	if err != nil {
		return nil, fmt.Errorf("telemetry: %w", err)
	}
	about := resource.NewSchemaless(attribute.String("service.name", "cordee"), attribute.String("service.version", c.Version))
	t.meters = sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader), sdkmetric.WithResource(about))
	if err := t.instruments(c.Version); err != nil {
		return nil, fmt.Errorf("telemetry: %w", err)
	}
	t.tracer = noop.NewTracerProvider().Tracer("cordee")
	if c.OTLP == "" {
		return t, nil
	}
	spans, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(c.OTLP))
	if err != nil {
		return nil, fmt.Errorf("telemetry: %w", err)
	}
	t.traces = sdktrace.NewTracerProvider(sdktrace.WithBatcher(spans), sdktrace.WithResource(about))
	t.tracer = t.traces.Tracer("cordee")
	return t, nil
}

// seconds are the bounds of the request histogram: from a read out of memory to
// a transaction that waits for a slow disk.
var seconds = []float64{.0005, .001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10}

func (t *Telemetry) instruments(version string) (err error) {
	m := t.meters.Meter("cordee")
	if t.duration, err = m.Float64Histogram("http.server.request.duration", metric.WithUnit("s"),
		metric.WithDescription("Time from the request line to the last byte of the answer."),
		metric.WithExplicitBucketBoundaries(seconds...)); err != nil {
		return err
	}
	if t.active, err = m.Int64UpDownCounter("http.server.active_requests", metric.WithDescription("Requests under way.")); err != nil {
		return err
	}
	build, err := m.Int64Gauge("cordee.build.info", metric.WithDescription("1, with the version as label."))
	if err == nil {
		build.Record(context.Background(), 1, metric.WithAttributes(attribute.String("version", version), attribute.String("go", runtime.Version())))
	}
	return err
}

// Close sends what is waiting, within the time that ctx allows.
func (t *Telemetry) Close(ctx context.Context) error {
	if t.traces != nil {
		if err := t.traces.Shutdown(ctx); err != nil {
			return err
		}
	}
	return t.meters.Shutdown(ctx)
}
