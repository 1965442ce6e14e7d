package badger

import (
	"bytes"
	"context"
	"errors"
	"iter"

	dgraph "github.com/dgraph-io/badger/v4"

	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/kv/internal/treap"
)

// A writer reads a snapshot and collects writes in a transaction of Badger that
// stands at the same timestamp. Gets go through that transaction, which notes
// them for the detection of conflicts. Scans go around it, because its iterators
// would sort all writes anew each time and make conflicts of what they pass.
type writer struct {
	reader
	engine  *Engine
	txn     *dgraph.Txn
	refused error // first error of Put or Delete; the Update fails with it

	ops  []op    // all writes in their order
	seen int     // how many of ops are in own
	own  overlay // what Scan merges with the snapshot

	staged     map[uint64]staged // large values by id (large.go)
	stagedSize int
}

// An op is a Put, or a Delete when its value is nil. The key is as stored.
type op struct{ key, value []byte }

// An overlay has the writes of a transaction in order.
type overlay = treap.Tree[[]byte]

func newWriter(e *Engine, s *snapshot) *writer {
	return &writer{
		reader: reader{snapshot: s, txn: s.txn},
		engine: e,
		txn:    e.db.NewTransactionAt(s.at, true),
	}
}

// Get returns copies, as a value may be one that f has put.
func (w *writer) Get(ctx context.Context, keys ...[]byte) ([][]byte, error) {
	values := make([][]byte, len(keys))
	for i, k := range keys {
		if i%checkEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		item, err := find(w.txn, k)
		if err != nil {
			return nil, err
		}
		if item == nil {
			continue
		}
		value, err := w.value(item)
		if err != nil {
			return nil, err
		}
		values[i] = bytes.Clone(value)
	}
	return values, nil
}

// value is that of the reader, and of values that are still to be staged.
func (w *writer) value(item *dgraph.Item) ([]byte, error) {
	if item.UserMeta() == metaLarge {
		h, err := headOf(item)
		if err != nil {
			return nil, err
		}
		if s, ok := w.staged[h.id]; ok {
			return s.value, nil
		}
	}
	return w.reader.value(item)
}

// Scan merges the snapshot with what f has written so far.
func (w *writer) Scan(ctx context.Context, ranges ...kv.Range) iter.Seq2[kv.Entry, error] {
	return func(yield func(kv.Entry, error) bool) {
		s := scan{reader: &w.reader, ctx: ctx, yield: yield, own: w.overlay()}
		defer s.close()
		for i, rg := range ranges {
			if !s.run(i, rg) {
				return
			}
		}
	}
}

// overlay brings own up to date. An Update that never scans never pays for it.
func (w *writer) overlay() overlay {
	for _, o := range w.ops[w.seen:] {
		w.own = w.own.Put(o.key, o.value)
	}
	w.seen = len(w.ops)
	return w.own
}

func (w *writer) Put(key, value []byte) error {
	if err := kv.CheckEntry(key, value); err != nil {
		return w.refuse(err)
	}
	key = stored(key)
	if err := w.dropLarge(key); err != nil {
		return w.refuse(err)
	}
	entry := dgraph.NewEntry(key, value)
	if len(value) > maxInline {
		h, err := w.stage(key, value)
		if err != nil {
			return w.refuse(err)
		}
		entry = dgraph.NewEntry(key, h.bytes()).WithMeta(metaLarge)
	}
	return w.write(entry, value)
}

func (w *writer) Delete(key []byte) error {
	if err := kv.CheckKey(key); err != nil {
		return w.refuse(err)
	}
	key = stored(key)
	if err := w.dropLarge(key); err != nil {
		return w.refuse(err)
	}
	if err := w.txn.Delete(key); err != nil {
		return w.refuse(clean("delete", err))
	}
	w.ops = append(w.ops, op{key, nil})
	return nil
}

func (w *writer) write(entry *dgraph.Entry, value []byte) error {
	if err := w.txn.SetEntry(entry); err != nil {
		return w.refuse(clean("put", err))
	}
	w.ops = append(w.ops, op{entry.Key, value})
	return nil
}

// refuse makes the Update fail with err, even if f goes on.
func (w *writer) refuse(err error) error {
	if w.refused == nil {
		w.refused = err
	}
	return err
}

// commit writes the large values, which are invisible by themselves, and then
// the transaction that refers to them.
func (w *writer) commit() error {
	if len(w.ops) == 0 {
		return nil
	}
	if len(w.staged) > 0 {
		if err := w.engine.writeRows(w.rows); err != nil {
			return err
		}
	}
	err := w.engine.commit(w.txn)
	if err != nil && len(w.staged) > 0 {
		return errors.Join(err, w.unstage())
	}
	return err
}
