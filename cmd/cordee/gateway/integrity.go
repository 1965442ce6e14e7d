package gateway

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// integrity is what is known of the files of the store: a block that cannot be
// read would look like records that were never there.
type integrity struct {
	mu     sync.Mutex
	damage error // of the last verification
}

// run verifies now and then every so often, until ctx ends.
func (i *integrity) run(ctx context.Context, verify func(context.Context) error, every time.Duration, log *slog.Logger) {
	for {
		start := time.Now()
		err := verify(ctx)
		if ctx.Err() != nil {
			return
		}
		i.mu.Lock()
		i.damage = err
		i.mu.Unlock()
		if err != nil {
			log.Error("files of the store are damaged: records in them look absent; stop the gateway, run 'cordee store check', restore from a backup", slog.Any("error", err))
		} else {
			log.Info("the files of the store are intact", slog.Duration("took", time.Since(start).Round(time.Millisecond)))
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(every):
		}
	}
}

// check fails while damage is known.
func (i *integrity) check() error {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.damage
}

// watch puts what is known of the store into the metrics.
func (s *Server) watch() {
	s.telemetry.Observe("cordee_store_damaged", "1 while damage of the store's files is known.", "", func() map[string]float64 {
		if s.gateway.integrity.check() != nil {
			return map[string]float64{"": 1}
		}
		return map[string]float64{"": 0}
	})
	s.telemetry.Observe("cordee_search_custom_percent", "How far a custom search parameter is indexed.", "code", func() map[string]float64 {
		values := map[string]float64{}
		for _, c := range s.gateway.store.Customs() {
			if c.Code != "" {
				values[c.Code] = float64(c.Percent)
			}
		}
		return values
	})
	s.telemetry.Status("/store", func() any { return s.gateway.store.Customs() })
}
