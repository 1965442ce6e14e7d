package badger

import (
	"bytes"
	"context"
	"iter"

	dgraph "github.com/dgraph-io/badger/v4"

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

// A writer reads a snapshot and collects writes in a transaction of Badger that
// stands at the same timestamp. Gets go through that transaction. Scans go around
// it, because its iterators would sort all writes anew each time.
type writer struct {
	engine   *Engine
	snapshot *snapshot
	txn      *dgraph.Txn
	reads    []uint64 // hashes of the keys that f has read with Get
	refused  error    // first error of Put or Delete; the Update fails with it

	ops  []entry // all writes in their order; a nil value deletes
	size int     // of the keys and values that f wrote
	fits int     // how many of ops are in txn; it takes no more when there are others
	own  overlay // the first seen of ops, in the order of their keys
	seen int

	looked      map[string]bool // keys whose large value, if any, is dropped
	largeBefore uint64          // largeKeys.added when the transaction began
}

func newWriter(e *Engine, s *snapshot) *writer {
	return &writer{
		engine:      e,
		snapshot:    s,
		txn:         e.db.NewTransactionAt(s.at, true),
		largeBefore: e.large.added.Load(),
	}
}

// find returns what f has written under the key or the snapshot holds, as a
// copy.
func (w *writer) find(key []byte) (entry, error) {
	w.reads = append(w.reads, w.engine.conflicts.hash(key))
	if w.fits < len(w.ops) {
		if e, ok := w.overlay().Get(key); ok {
			return entry{key, bytes.Clone(e.value), e.form}, nil
		}
	}
	e, err := find(w.txn, key)
	e.value = bytes.Clone(e.value)
	return e, err
}

func (w *writer) Get(ctx context.Context, keys ...[]byte) ([][]byte, error) {
	return get(ctx, keys, w.find)
}

// Scan merges the snapshot with what f has written so far.
func (w *writer) Scan(ctx context.Context, ranges ...kv.Range) iter.Seq2[kv.Entry, error] {
	return func(yield func(kv.Entry, error) bool) {
		s := scan{snapshot: w.snapshot, find: w.find, own: w.overlay(), ctx: ctx, yield: yield}
		s.run(ranges)
	}
}
