package badger

import (
	"context"

	"github.com/cordee-sante/cordee/fhir/kv"
)

var (
	_ kv.Estimator = (*reader)(nil)
	_ kv.Estimator = (*writer)(nil)
)

// Estimate counts small ranges and takes the others from the statistics. Where
// those are sure that there is much it counts nothing: it would go through all that
// was deleted lately before it finds a few keys.
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
		b := boundsOf(i, rg)
		var sure bool
		if counts[i], sure = s.between(b.start, b.end); sure {
			continue
		}
		n, err := kv.Count(ctx, r, rg, kv.SmallRange+1)
		if err != nil {
			return nil, err
		}
		if n <= kv.SmallRange {
			counts[i] = 0
		}
		counts[i] = max(counts[i], int64(n))
	}
	return counts, nil
}
