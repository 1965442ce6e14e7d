package badger

import (
	"encoding/binary"
	"errors"
	"iter"
	"log/slog"
	"slices"

	dgraph "github.com/dgraph-io/badger/v4"

	"github.com/cordee-sante/cordee/fhir/kv"
)

// Badger takes no transaction larger than 15 % of its table in memory. A larger
// one is written in parts, each at a timestamp of its own. They are visible at
// once, when all are written, because readers stand at the last published
// timestamp. While parts are written, there is
//
//	0xff 0xff 0x02 → timestamp(8) to which to go back
//
// If the process ends meanwhile, the engine goes back when it opens: it writes
// again what every key had at that timestamp. Badger still has it, as nothing
// newer was published.
var unfinished = []byte{reservedOurs, reservedOurs, 2}

// errRefused means that Badger took nothing of a transaction after all.
var errRefused = errors.New("kv/badger: transaction refused")

// writeParts commits what w wrote at timestamps after *at, which it advances. Any
// error but errRefused leaves the disk in an unknown state.
func (e *Engine) writeParts(w *writer, at *uint64) error {
	if w.fits == len(w.ops) {
		err := commitAt(w.txn, at)
		if errors.Is(err, dgraph.ErrTxnTooBig) {
			return errRefused
		}
		return err
	}
	base := binary.BigEndian.AppendUint64(nil, *at)
	if err := writeAll(e.db, at, slices.Values([]entry{{key: unfinished, value: base}})); err != nil {
		return err
	}
	if err := commitAt(w.txn, at); err != nil {
		return err
	}
	rest := append(w.ops[w.fits:len(w.ops):len(w.ops)], entry{key: unfinished})
	return writeAll(e.db, at, slices.Values(rest))
}

// writeAll commits entries in as many transactions as it takes.
func writeAll(db *dgraph.DB, at *uint64, rows iter.Seq[entry]) error {
	txn := db.NewTransactionAt(*at, true)
	defer func() { txn.Discard() }()
	for r := range rows {
		err := r.apply(txn)
		if errors.Is(err, dgraph.ErrTxnTooBig) {
			if err := commitAt(txn, at); err != nil {
				return err
			}
			txn = db.NewTransactionAt(*at, true)
			err = r.apply(txn)
		}
		if err != nil {
			return err
		}
	}
	return commitAt(txn, at)
}

// commitAt commits at the timestamp after *at and advances it.
func commitAt(txn *dgraph.Txn, at *uint64) error {
	err := txn.CommitAt(*at+1, nil)
	if err == nil {
		*at++
	}
	return err
}

// rollBack undoes a transaction whose parts are not all there, and returns the
// timestamp of the last commit.
func rollBack(db *dgraph.DB, log *slog.Logger) (last uint64, err error) {
	last = db.MaxVersion()
	now := db.NewTransactionAt(last, false)
	marker, err := find(now, unfinished)
	if err != nil || marker.value == nil {
		return last, err
	}
	if len(marker.value) != 8 {
		return last, kv.ErrCorrupt
	}
	base := binary.BigEndian.Uint64(marker.value)
	log.Warn("undoing an unfinished transaction", "timestamp", base)
	return last, undo(db, base, &last)
}

// undo writes again what every key that has changed since base had then. It may
// itself be interrupted: the marker goes last.
func undo(db *dgraph.DB, base uint64, last *uint64) error {
	before := db.NewTransactionAt(base, false)
	now := db.NewTransactionAt(*last, false)
	it := now.NewIterator(dgraph.IteratorOptions{AllVersions: true, SinceTs: base})
	defer it.Close()
	var failed error
	err := writeAll(db, last, func(yield func(entry) bool) {
		var key []byte
		for it.Rewind(); it.Valid(); it.Next() {
			if string(it.Item().Key()) == string(key) || string(it.Item().Key()) == string(unfinished) {
				continue
			}
			key = it.Item().KeyCopy(nil)
			was, err := find(before, key)
			if err != nil {
				failed = err
				return
			}
			if !yield(was) {
				return
			}
		}
		yield(entry{key: unfinished})
	})
	return errors.Join(failed, err)
}
