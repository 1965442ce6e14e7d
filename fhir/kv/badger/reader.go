package badger

import (
	"context"
	"iter"

	"github.com/cordee-sante/cordee/fhir/kv"
)

// A reader reads one snapshot.
type reader struct {
	snapshot   *snapshot
	statistics *statistics
}

func (r *reader) find(key []byte) (entry, error) { return find(r.snapshot.txn, key) }

// Get hands out values in the buffers in which they come from Badger.
func (r *reader) Get(ctx context.Context, keys ...[]byte) ([][]byte, error) {
	return get(ctx, keys, r.find)
}

// checkEvery is how many keys are read between two looks at the context.
const checkEvery = 64

// get returns the values that find finds.
func get(ctx context.Context, keys [][]byte, find func(key []byte) (entry, error)) ([][]byte, error) {
	values := make([][]byte, len(keys))
	for i, k := range keys {
		if i%checkEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err := kv.CheckKey(k); err != nil {
			return nil, err
		}
		e, err := find(stored(k))
		if err == nil && e.form&large != 0 {
			e, err = e.gather(find)
		}
		if err == nil && e.value != nil {
			values[i], err = e.unpack(nil)
		}
		if err != nil {
			return nil, err
		}
	}
	return values, nil
}

// Scan seeks each range with one iterator per direction.
func (r *reader) Scan(ctx context.Context, ranges ...kv.Range) iter.Seq2[kv.Entry, error] {
	return func(yield func(kv.Entry, error) bool) {
		s := scan{snapshot: r.snapshot, find: r.find, ctx: ctx, yield: yield}
		s.run(ranges)
	}
}
