package telemetry

import (
	"context"

	"github.com/go-chi/chi/v5"
)

// withRoutes puts chi's route context in place before any router runs, so that
// the pattern can be read after the answer. Every router below uses it instead
// of making one.
func withRoutes(ctx context.Context, routes *chi.Context) context.Context {
	return context.WithValue(ctx, chi.RouteCtxKey, routes)
}
