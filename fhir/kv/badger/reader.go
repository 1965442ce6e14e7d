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
	cache      *cache
}

func (r *reader) find(key []byte) (entry, error) { return find(r.snapshot.txn, key) }

// Get asks the cache before Badger.
func (r *reader) Get(ctx context.Context, keys ...[]byte) ([][]byte, error) {
	if len(keys) >= fewApart {
		return r.getMany(ctx, keys)
	}
	return get(ctx, keys, func(key []byte) ([]byte, error) {
		if v := r.cache.get(key, r.snapshot); v != nil {
			return v, nil
		}
		e, err := whole(key, r.find)
		if err == nil {
			r.cache.put(key, e.value, e.at, r.snapshot)
		}
		return e.value, err
	})
}

// checkEvery is how many keys are read between two looks at the context.
const checkEvery = 64

// get returns the values of keys that value finds under them as stored.
func get(ctx context.Context, keys [][]byte, value func(key []byte) ([]byte, error)) ([][]byte, error) {
	values := make([][]byte, len(keys))
	for i, k := range keys {
		if i%checkEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err := kv.CheckKey(k); err != nil {
			return nil, err
		}
		v, err := value(stored(k))
		if err != nil {
			return nil, err
		}
		values[i] = v
	}
	return values, nil
}

// whole finds the entry of a stored key with its value in one piece, unpacked:
// in the buffer in which it comes from Badger, or in one of its own.
func whole(key []byte, find func(key []byte) (entry, error)) (entry, error) {
	e, err := find(key)
	if err == nil && e.form&large != 0 {
		e, err = e.gather(find)
	}
	if err == nil && e.value != nil {
		e.value, err = e.unpack(nil)
	}
	return e, err
}

// Scan seeks each range with one iterator per direction.
func (r *reader) Scan(ctx context.Context, ranges ...kv.Range) iter.Seq2[kv.Entry, error] {
	return func(yield func(kv.Entry, error) bool) {
		s := scan{snapshot: r.snapshot, find: r.find, ctx: ctx, yield: yield}
		s.run(ranges)
	}
}
