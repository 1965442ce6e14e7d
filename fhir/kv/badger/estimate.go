package badger

import (
	"context"

	"github.com/cordee-sante/cordee/fhir/kv"
)

var (
	_ kv.Estimator = (*reader)(nil)
	_ kv.Estimator = (*writer)(nil)
)

// Estimate counts small ranges and takes the others from the statistics.
func (r *reader) Estimate(ctx context.Context, ranges ...kv.Range) ([]int64, error) {
	return r.statistics.estimates(ctx, r, ranges)
}

// Estimate counts small ranges with what f has written in them.
func (w *writer) Estimate(ctx context.Context, ranges ...kv.Range) ([]int64, error) {
	return w.engine.statistics.estimates(ctx, w, ranges)
}

func (s *statistics) estimates(ctx context.Context, r kv.Reader, ranges []kv.Range) ([]int64, error) {
	counts := make([]int64, len(ranges))
	for i, rg := range ranges {
		n, err := kv.Count(ctx, r, rg, kv.SmallRange+1)
		if err != nil {
			return nil, err
		}
		counts[i] = int64(n)
		if n > kv.SmallRange {
			b := boundsOf(i, rg)
			counts[i] = max(counts[i], s.between(b.start, b.end))
		}
	}
	return counts, nil
}
