package badger

import (
	"encoding/binary"
	"errors"
	"hash/maphash"
	"iter"

	dgraph "github.com/dgraph-io/badger/v4"
)

// loadLarge reads the directory of large values when the engine opens, and
// sweeps those to which no head refers.
func (e *Engine) loadLarge() error {
	e.large.seed = maphash.MakeSeed()
	e.large.hashes = map[uint64]struct{}{}
	txn := e.snapshots.current.txn
	var orphans []uint64
	for item := range prefixed(txn, []byte{reservedOurs, reservedOurs, 0}) {
		id := binary.BigEndian.Uint64(item.Key()[3:])
		e.large.lastID.Store(id) // the greatest comes last
		var key []byte
		if err := item.Value(func(v []byte) error { key = append(key, v...); return nil }); err != nil {
			return clean("directory", err)
		}
		refers, err := refersTo(txn, key, id)
		if err != nil {
			return err
		}
		if refers {
			e.large.add(key)
		} else {
			orphans = append(orphans, id)
		}
	}
	for _, id := range orphans {
		if err := e.sweep(txn, id); err != nil {
			return err
		}
	}
	return nil
}

// refersTo tells whether the large value with the id is that of the stored key.
func refersTo(txn *dgraph.Txn, key []byte, id uint64) (bool, error) {
	item, err := txn.Get(key)
	switch {
	case errors.Is(err, dgraph.ErrKeyNotFound):
		return false, nil
	case err != nil:
		return false, clean("get", err)
	case item.UserMeta() != metaLarge:
		return false, nil
	}
	h, err := headOf(item)
	return h.id == id, err
}

// sweep removes the chunks with the id, however many were written, and the
// directory entry last.
func (e *Engine) sweep(txn *dgraph.Txn, id uint64) error {
	e.log.Info("removing the remains of an unfinished write", "id", id)
	return e.writeRows(func(yield func(op) bool) {
		prefix := chunkKey(id, 0)
		for item := range prefixed(txn, prefix[:len(prefix)-4]) {
			if !yield(op{key: item.KeyCopy(nil)}) {
				return
			}
		}
		yield(op{key: directoryKey(id)})
	})
}

// prefixed yields the items whose key begins with prefix.
func prefixed(txn *dgraph.Txn, prefix []byte) iter.Seq[*dgraph.Item] {
	return func(yield func(*dgraph.Item) bool) {
		it := txn.NewIterator(dgraph.IteratorOptions{Prefix: prefix})
		defer it.Close()
		for it.Rewind(); it.Valid(); it.Next() {
			if !yield(it.Item()) {
				return
			}
		}
	}
}
