package gateway

import (
	"context"
	"log/slog"
	"time"

	"github.com/cordee-sante/cordee/fhir/search"
	"github.com/cordee-sante/cordee/fhir/store"
)

// reindex makes the index anew before anything is served, when it was made by
// another version, base URL or time zone than those of now, and tells in the
// log how far it is.
func (g *Gateway) reindex(ctx context.Context, registry *search.Registry) error {
	outdated, err := store.Outdated(ctx, g.engine, registry)
	if err != nil || !outdated {
		return err
	}
	g.log.Info("the search index is of another version, base URL or time zone; making it anew before serving")
	last := time.Now()
	report, err := store.Reindex(ctx, store.CheckConfig{Engine: g.engine, Registry: registry, Progress: func(p store.Progress) {
		if time.Since(last) >= 10*time.Second {
			last = time.Now()
			g.log.Info("making the search index anew", slog.Int("step", p.Step), slog.Int("of", p.Steps), slog.String("part", p.What), slog.Int64("done", p.Done))
		}
	}})
	if err == nil {
		g.log.Info("the search index is made anew", slog.Int64("resources", report.Resources), slog.Int64("keys", report.Repaired), slog.Int64("damaged", report.Beyond()))
	}
	return err
}
