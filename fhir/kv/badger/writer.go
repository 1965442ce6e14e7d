package badger

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"slices"

	dgraph "github.com/dgraph-io/badger/v4"

	"github.com/cordee-sante/cordee/fhir/kv"
)

// MaxTransaction is how many bytes of keys and values one Update may write: a
// value of the greatest size and as much again.
const MaxTransaction = 128 << 20

// A writer reads a snapshot and collects writes in a transaction of Badger that
// stands at the same timestamp. Gets go through that transaction. Scans go around
// it, because its iterators would sort all writes anew each time.
type writer struct {
	engine   *Engine
	snapshot *snapshot
	txn      *dgraph.Txn
	reads    []uint64 // hashes of the keys that f has read with Get
	refused  error    // first error of Put or Delete; the Update fails with it

	packer
	ops  []entry // all writes in their order; a nil value deletes
	size int     // of the keys and values that f wrote
	fits int     // how many of ops are in txn; it takes no more when there are others
	own  overlay // those that a Scan or Get has asked about

	looked      map[string]bool // keys whose large value, if any, is dropped
	largeBefore uint64          // largeKeys.added when the transaction began
}

func newWriter(e *Engine, s *snapshot) *writer {
	w := &writer{
		engine:      e,
		snapshot:    s,
		txn:         e.db.NewTransactionAt(s.at, true),
		largeBefore: e.large.added.Load(),
	}
	if ops, ok := e.ops.Get().(*[]entry); ok {
		w.ops = *ops
	}
	return w
}

// discard ends the transaction of Badger, committed or not, and leaves the list of
// writes, which a document makes long, to the next writer.
func (w *writer) discard() {
	const most = 1 << 14
	w.txn.Discard()
	if ops := w.ops; cap(ops) <= most {
		clear(ops)
		ops = ops[:0]
		w.engine.ops.Put(&ops)
	}
	w.ops, w.own = nil, overlay{}
}

// find returns what f has written under the key or the snapshot holds, as a
// copy.
func (w *writer) find(key []byte) (entry, error) {
	w.reads = append(w.reads, w.engine.conflicts.hash(key))
	if w.fits < len(w.ops) {
		if e, ok := w.overlay().get(key); ok {
			return entry{key: key, value: bytes.Clone(e.value), form: e.form}, nil
		}
	}
	e, err := find(w.txn, key)
	e.value = bytes.Clone(e.value)
	return e, err
}

// Get notes the keys, for the detection of conflicts.
func (w *writer) Get(ctx context.Context, keys ...[]byte) ([][]byte, error) {
	return get(ctx, keys, func(key []byte) ([]byte, error) {
		e, err := whole(key, w.find)
		return e.value, err
	})
}

// Scan merges the snapshot with what f has written so far.
func (w *writer) Scan(ctx context.Context, ranges ...kv.Range) iter.Seq2[kv.Entry, error] {
	return func(yield func(kv.Entry, error) bool) {
		s := scan{snapshot: w.snapshot, find: w.find, own: w.overlay(), ctx: ctx, yield: yield}
		s.run(ranges)
	}
}

// overlay brings own up to date. An Update that never scans never pays for it.
func (w *writer) overlay() overlay {
	w.own = w.own.with(w.ops)
	return w.own
}

// Put adds the entry, or the rows of a large value.
func (w *writer) Put(key, value []byte) error {
	return w.refuse(w.put(key, value))
}

func (w *writer) put(key, value []byte) error {
	if err := kv.CheckEntry(key, value); err != nil {
		return err
	}
	if err := w.grow(len(key) + len(value)); err != nil {
		return err
	}
	key = stored(key)
	e := w.pack(key, value)
	isLarge := len(e.value) > maxInline
	if isLarge || w.engine.large.maybe(key) {
		if err := w.dropLarge(key); err != nil {
			return err
		}
	}
	if !isLarge {
		return w.write(e)
	}
	return w.putRows(key, e.form, false, e.value)
}

// minParted is from where on the parts of a value stay apart. Shorter ones are
// joined: together they compress better.
const minParted = 4 << 20

// PutParts adds the rows of a large value, or an entry as Put does.
func (w *writer) PutParts(key []byte, parts ...[]byte) error {
	size := 0
	for _, p := range parts {
		size += len(p)
	}
	if size < minParted {
		return w.Put(key, slices.Concat(parts...))
	}
	return w.refuse(w.putParts(key, parts, size))
}

func (w *writer) putParts(key []byte, parts [][]byte, size int) error {
	if err := kv.CheckKey(key); err != nil {
		return err
	}
	if size > kv.MaxValue {
		return kv.ErrTooLarge
	}
	if err := w.grow(len(key) + size); err != nil {
		return err
	}
	key = stored(key)
	if err := w.dropLarge(key); err != nil {
		return err
	}
	return w.putRows(key, 0, true, parts...)
}

// putRows adds the rows of a large value.
func (w *writer) putRows(key []byte, f form, loose bool, parts ...[]byte) error {
	w.engine.large.add(key)
	for row := range rows(key, f, loose, parts...) {
		if err := w.write(row); err != nil {
			return err
		}
	}
	return nil
}

// Delete adds the deletion, and that of the rows of a large value.
func (w *writer) Delete(key []byte) error {
	return w.refuse(w.delete(key))
}

func (w *writer) delete(key []byte) error {
	if err := kv.CheckKey(key); err != nil {
		return err
	}
	if err := w.grow(len(key)); err != nil {
		return err
	}
	key = stored(key)
	if w.engine.large.maybe(key) {
		if err := w.dropLarge(key); err != nil {
			return err
		}
	}
	return w.write(entry{key: key})
}

// grow counts what f writes.
func (w *writer) grow(n int) error {
	if w.size += n; w.size > MaxTransaction {
		return kv.ErrTooLarge
	}
	return nil
}

// dropLarge removes the chunks of the large value under the key, if there is
// one. The key is then read, so that a concurrent change of it is a conflict.
func (w *writer) dropLarge(key []byte) error {
	if w.looked == nil {
		w.looked = map[string]bool{}
	}
	w.looked[string(key)] = true
	head, err := w.find(key)
	if err != nil || head.form&large == 0 {
		return err
	}
	removal, err := head.removal()
	if err != nil {
		return err
	}
	for row := range removal {
		if err := w.write(row); err != nil {
			return err
		}
	}
	return nil
}

// write adds to the transaction of Badger until that is full.
func (w *writer) write(e entry) error {
	if w.fits == len(w.ops) {
		switch err := e.apply(w.txn); {
		case err == nil:
			w.fits++
		case !errors.Is(err, dgraph.ErrTxnTooBig):
			return clean("put", err)
		}
	}
	if len(w.ops) == cap(w.ops) { // append would grow a long list by quarters, and copy it many times
		w.ops = slices.Grow(w.ops, len(w.ops)+8)
	}
	w.ops = append(w.ops, e)
	return nil
}

// refuse makes the Update fail with err, even if f goes on.
func (w *writer) refuse(err error) error {
	if w.refused == nil {
		w.refused = err
	}
	return err
}

// outdated tells whether another transaction has given a large value to a key
// that this one writes without having looked at it: its chunks would stay
// behind for ever.
func (w *writer) outdated() bool {
	large := &w.engine.large
	if large.added.Load() == w.largeBefore {
		return false
	}
	return slices.ContainsFunc(w.ops, func(e entry) bool {
		return large.maybe(e.key) && !w.looked[string(e.key)]
	})
}
