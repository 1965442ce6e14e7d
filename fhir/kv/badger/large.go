package badger

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"
	"iter"
	"sync"
	"sync/atomic"

	dgraph "github.com/dgraph-io/badger/v4"

	"github.com/cordee-sante/cordee/fhir/kv"
)

// A large value is cut into chunks that are committed before the transaction
// that puts it, in transactions of their own, so that it may be larger than
// Badger takes in one. Under its key stands a head, marked with metaLarge.
//
//	key                        → id(8) size(8)    head; committed last
//	0xff 0xff 0x00 id(8)       → stored key       directory: whose chunks these are
//	0xff 0xff 0x01 id(8) i(4)  → chunk i
//
// Numbers are big-endian. An id is used once. When a value is replaced or
// deleted, chunks and directory entry go in the same transaction. What no head
// refers to, because the process ended in between, is swept when the engine
// opens.
const (
	maxInline = 512 << 10 // of a value in its own entry
	chunkSize = 512 << 10 // below 1 MiB, from which Badger would use its value log
	maxStaged = 128 << 20 // of large values in one Update
	metaLarge = 1         // Badger's user meta of a head
)

// A head is what is stored under the key of a large value.
type head struct{ id, size uint64 }

func (h head) bytes() []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, h.id), h.size)
}

func parseHead(b []byte) (head, error) {
	if len(b) != 16 {
		return head{}, fmt.Errorf("%w: head of %d bytes", kv.ErrCorrupt, len(b))
	}
	h := head{binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:])}
	if h.size == 0 || h.size > kv.MaxValue {
		return head{}, fmt.Errorf("%w: large value of %d bytes", kv.ErrCorrupt, h.size)
	}
	return h, nil
}

func (h head) chunks() uint64 { return (h.size + chunkSize - 1) / chunkSize }

func headOf(item *dgraph.Item) (h head, err error) {
	err = item.Value(func(v []byte) (err error) {
		h, err = parseHead(v)
		return err
	})
	return h, err
}

func directoryKey(id uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{reservedOurs, reservedOurs, 0}, id)
}

func chunkKey(id, i uint64) []byte {
	k := binary.BigEndian.AppendUint64([]byte{reservedOurs, reservedOurs, 1}, id)
	return binary.BigEndian.AppendUint32(k, uint32(i))
}

// gather returns the large value with the given head.
func (r *reader) gather(b []byte) ([]byte, error) {
	h, err := parseHead(b)
	if err != nil {
		return nil, err
	}
	value := make([]byte, 0, h.size)
	for i := range h.chunks() {
		item, err := r.txn.Get(chunkKey(h.id, i))
		if err == nil {
			err = item.Value(func(v []byte) error { value = append(value, v...); return nil })
		}
		if errors.Is(err, dgraph.ErrKeyNotFound) {
			err = fmt.Errorf("%w: missing chunk", kv.ErrCorrupt)
		}
		if err != nil {
			return nil, clean("get", err)
		}
	}
	if uint64(len(value)) != h.size {
		return nil, fmt.Errorf("%w: large value of %d bytes has %d", kv.ErrCorrupt, h.size, len(value))
	}
	return value, nil
}

// A staged value is a large one that is not written yet.
type staged struct{ key, value []byte }

// stage keeps a large value for the commit and returns its head.
func (w *writer) stage(key, value []byte) (head, error) {
	if w.stagedSize += len(value); w.stagedSize > maxStaged {
		return head{}, kv.ErrTooLarge
	}
	h := head{w.engine.large.newID(key), uint64(len(value))}
	if w.staged == nil {
		w.staged = map[uint64]staged{}
	}
	w.staged[h.id] = staged{key, value}
	return h, nil
}

// dropLarge removes the chunks of the large value under the key, if there is
// one. The key is then read, so that a concurrent change of it is a conflict.
func (w *writer) dropLarge(key []byte) error {
	if !w.engine.large.maybe(key) {
		return nil
	}
	item, err := w.txn.Get(key)
	if errors.Is(err, dgraph.ErrKeyNotFound) {
		return nil
	}
	if err != nil {
		return clean("get", err)
	}
	if item.UserMeta() != metaLarge {
		return nil
	}
	h, err := headOf(item)
	if err != nil {
		return err
	}
	if s, ok := w.staged[h.id]; ok {
		w.stagedSize -= len(s.value)
		delete(w.staged, h.id)
		return nil
	}
	for r := range removal(h) {
		if err := w.txn.Delete(r.key); err != nil {
			return clean("delete", err)
		}
	}
	return nil
}

// removal yields the deletion of all that belongs to a large value.
func removal(h head) iter.Seq[op] {
	return func(yield func(op) bool) {
		for i := range h.chunks() {
			if !yield(op{key: chunkKey(h.id, i)}) {
				return
			}
		}
		yield(op{key: directoryKey(h.id)})
	}
}

// rows yields the directory entry and the chunks of the staged values.
func (w *writer) rows(yield func(op) bool) {
	for id, s := range w.staged {
		if !yield(op{directoryKey(id), s.key}) {
			return
		}
		for i, rest := uint64(0), s.value; len(rest) > 0; i++ {
			n := min(chunkSize, len(rest))
			if !yield(op{chunkKey(id, i), rest[:n]}) {
				return
			}
			rest = rest[n:]
		}
	}
}

// unstage removes what rows has written, after the transaction has failed.
func (w *writer) unstage() error {
	return w.engine.writeRows(func(yield func(op) bool) {
		for id, s := range w.staged {
			for r := range removal(head{id, uint64(len(s.value))}) {
				if !yield(r) {
					return
				}
			}
		}
	})
}

// writeRows commits rows of ours, in as many transactions as it takes.
func (e *Engine) writeRows(rows iter.Seq[op]) error {
	txn := e.db.NewTransactionAt(0, true)
	defer func() { txn.Discard() }()
	for r := range rows {
		err := r.apply(txn)
		if errors.Is(err, dgraph.ErrTxnTooBig) {
			if err := e.commit(txn); err != nil {
				return err
			}
			txn = e.db.NewTransactionAt(0, true)
			err = r.apply(txn)
		}
		if err != nil {
			return clean("large value", err)
		}
	}
	return e.commit(txn)
}

func (o op) apply(txn *dgraph.Txn) error {
	if o.value == nil {
		return txn.Delete(o.key)
	}
	return txn.Set(o.key, o.value)
}

// largeKeys knows which keys may have a large value, so that other writes need
// not look. It holds hashes, 16 bytes for a value of half a mebibyte or more.
type largeKeys struct {
	seed   maphash.Seed
	lastID atomic.Uint64
	count  atomic.Int64 // of hashes

	mu     sync.RWMutex
	hashes map[uint64]struct{}
}

// newID returns an id for a large value under the stored key.
func (l *largeKeys) newID(key []byte) uint64 {
	l.add(key)
	return l.lastID.Add(1)
}

func (l *largeKeys) add(key []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hashes[maphash.Bytes(l.seed, key)] = struct{}{}
	l.count.Store(int64(len(l.hashes)))
}

func (l *largeKeys) maybe(key []byte) bool {
	if l.count.Load() == 0 {
		return false
	}
	l.mu.RLock()
	defer l.mu.RUnlock()
	_, ok := l.hashes[maphash.Bytes(l.seed, key)]
	return ok
}
