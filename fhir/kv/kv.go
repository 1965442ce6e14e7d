// Package kv is the ordered, transactional key-value engine under the store:
// the interface and its errors. Package kv/kvtest holds the contract that every
// engine passes; kv/badger and kv/memory implement it, kv/fault makes one fail
// on purpose, and Sub gives a component the keys under its own prefix.
//
// It knows nothing of FHIR. Keys are compared bytewise and are 1 byte to MaxKey
// long; values are 1 byte to MaxValue.
package kv

import (
	"context"
	"errors"
	"iter"
)

// The longest key, prefixes of Sub included, and the longest value, in bytes.
const (
	MaxKey   = 1024
	MaxValue = 64 << 20
)

// An Engine is a set of keys and values. It is safe for concurrent use.
type Engine interface {
	// View runs f on one consistent snapshot, which holds every Update that had
	// returned nil before View began.
	View(ctx context.Context, f func(Reader) error) error

	// Update runs f and makes what it wrote durable, all or nothing. It is
	// serializable for the keys that f read with Get, present or absent; ranges
	// are not protected against phantoms (Badger does not detect them), so
	// uniqueness needs a guard key that f both reads and writes. On a conflict f
	// runs again, a bounded number of times, then Update fails with ErrConflict.
	// When Update returns nil the writes survive kill -9 and power loss. When f
	// fails, Update returns its error and writes nothing.
	Update(ctx context.Context, f func(Writer) error) error

	// Close waits for the transactions that run, then releases the engine. Every
	// later call fails with ErrClosed, but for Close, which does nothing.
	Close() error
}

// A Reader reads one snapshot. It is valid until the function that got it
// returns, and is used by one goroutine at a time.
type Reader interface {
	// Get returns the values of the keys, in order, nil for an absent key. All
	// keys cost one round trip on a remote engine. The values may be kept and
	// are never written to: others read them too. The engine does not keep the
	// keys.
	Get(ctx context.Context, keys ...[]byte) ([][]byte, error)

	// Scan yields the entries of the ranges, one range after the other. All
	// first batches cost one round trip on a remote engine. Breaking off is
	// cheap. Entry.Key and Entry.Value are valid until the next iteration. An
	// error is the last thing yielded. Within Update a Scan sees what f had
	// written when the loop began.
	Scan(ctx context.Context, ranges ...Range) iter.Seq2[Entry, error]
}

// A Writer reads and writes within one Update.
type Writer interface {
	Reader

	// Put fails with ErrEmpty on an empty key or value, and with ErrTooLarge when
	// key, value or transaction have outgrown the engine. Nothing of the
	// transaction is then written, even if f ignores the error. The engine may
	// keep key and value until Update returns: they must not be modified.
	Put(key, value []byte) error

	// PutParts puts the parts, one after the other, as one value. It does what Put
	// does, and need not have large parts in memory twice to join them.
	PutParts(key []byte, parts ...[]byte) error

	// Delete removes the key; it is no error that it is absent. It fails as Put
	// does and keeps the key as Put does.
	Delete(key []byte) error
}

// A Range is the keys from Start (included; nil for the first) to End
// (excluded; nil for no end).
type Range struct {
	Start, End []byte
	Reverse    bool // from the last key to the first
	KeysOnly   bool // Entry.Value is nil
	Limit      int  // at most so many entries; 0 for all
}

// An Entry is one key of a Scan with its value.
type Entry struct {
	Range      int // index of the range it belongs to
	Key, Value []byte
}

// Prefix returns the range of all keys that begin with p.
func Prefix(p []byte) Range { return Range{Start: p, End: PrefixEnd(p)} }

// PrefixEnd returns the first key after all keys that begin with p, nil when
// there is none.
func PrefixEnd(p []byte) []byte {
	for i := len(p) - 1; i >= 0; i-- {
		if p[i] != 0xff {
			end := append([]byte(nil), p[:i+1]...)
			end[i]++
			return end
		}
	}
	return nil
}

// The errors of an engine. Others are faults of the disk or the connection:
// after one of those from Update, whether its writes are there is unknown.
var (
	ErrConflict = errors.New("kv: conflict with another transaction")
	ErrTooLarge = errors.New("kv: key, value or transaction too large")
	ErrFull     = errors.New("kv: no space left") // refused before the engine could be harmed; reads still work
	ErrCorrupt  = errors.New("kv: damaged data")  // a checksum or an inner invariant does not hold
	ErrLocked   = errors.New("kv: in use by another process")
	ErrClosed   = errors.New("kv: closed")
	ErrEmpty    = errors.New("kv: empty key or value")
)
