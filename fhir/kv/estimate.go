package kv

import "context"

// An Estimator is a Reader that knows about how many keys a range holds without
// reading them all. A query planner asks it which range to read first.
type Estimator interface {
	// Estimate returns a number of keys for each range, whatever its Reverse,
	// KeysOnly and Limit. It is exact up to SmallRange keys and greater than
	// SmallRange beyond, but for a range of which thousands of keys were deleted
	// lately: these may count. It costs O(log n) and may lag behind the last writes.
	Estimate(ctx context.Context, ranges ...Range) ([]int64, error)
}

// SmallRange is the number of keys up to which an estimate is exact.
const SmallRange = 16

// Estimate asks r when it is an Estimator. Otherwise it counts, and stops at
// unknownRange: the answer is then only that the range is not small.
func Estimate(ctx context.Context, r Reader, ranges ...Range) ([]int64, error) {
	if e, ok := r.(Estimator); ok {
		return e.Estimate(ctx, ranges...)
	}
	counts := make([]int64, len(ranges))
	for i, rg := range ranges {
		n, err := Count(ctx, r, rg, unknownRange)
		if err != nil {
			return nil, err
		}
		counts[i] = int64(n)
	}
	return counts, nil
}

// unknownRange is what is counted for a Reader that cannot estimate: enough to
// tell selective ranges from others, at 0.3 µs a key.
const unknownRange = 256

// Count returns how many keys the range holds, or limit when there are more.
func Count(ctx context.Context, r Reader, rg Range, limit int) (int, error) {
	rg.KeysOnly, rg.Reverse, rg.Limit = true, false, limit
	n := 0
	for _, err := range r.Scan(ctx, rg) {
		if err != nil {
			return 0, err
		}
		n++
	}
	return n, nil
}
