package oauth

import (
	"context"
	"slices"
	"time"

	"github.com/cordee-sante/cordee/fhir/kv"
)

// sweepBatch is how much one transaction of Sweep removes.
const sweepBatch = 500

// Sweep removes tokens and used assertions whose time has passed, and returns
// how many. Nothing depends on it but space: what has expired is refused anyway.
func (s *Server) Sweep(ctx context.Context) (removed int, err error) {
	end := expiryKey(s.clock(), nil)
	for {
		n := 0
		err := s.engine.Update(ctx, func(w kv.Writer) error {
			var keys [][]byte
			for entry, err := range w.Scan(ctx, kv.Range{Start: []byte{famExpiry}, End: end, KeysOnly: true, Limit: sweepBatch}) {
				if err != nil {
					return err
				}
				keys = append(keys, slices.Clone(entry.Key))
			}
			n = len(keys)
			for _, key := range keys {
				if err := w.Delete(key[9:]); err != nil {
					return err
				}
				if err := w.Delete(key); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return removed, fault("oauth.Server.Sweep", err)
		}
		if removed += n; n < sweepBatch {
			return removed, nil
		}
	}
}

// Run sweeps, and ends emergencies, every minute until ctx ends; emergencies that
// were over while nobody ran it at once.
func (s *Server) Run(ctx context.Context) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		if _, err := s.EndEmergencies(ctx); err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "recording the end of break-glass", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if _, err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
				s.log.ErrorContext(ctx, "sweeping expired tokens", "error", err)
			}
			s.limits.forget(s.clock())
		}
	}
}
