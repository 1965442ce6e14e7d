package badger

import (
	"bytes"
	"context"
	"errors"
	"iter"

	dgraph "github.com/dgraph-io/badger/v4"

	"github.com/cordee-sante/cordee/fhir/kv"
)

// A reader reads one snapshot.
type reader struct {
	snapshot *snapshot
	txn      *dgraph.Txn // of the snapshot
}

// Get looks up one key after the other. Badger hands each value over in a
// buffer of its own, which becomes the caller's without another copy.
func (r *reader) Get(ctx context.Context, keys ...[]byte) ([][]byte, error) {
	values := make([][]byte, len(keys))
	for i, k := range keys {
		if i%checkEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		item, err := find(r.txn, k)
		if err != nil {
			return nil, err
		}
		if item == nil {
			continue
		}
		if values[i], err = r.value(item); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// checkEvery is how many keys are read between two looks at the context.
const checkEvery = 64

// find returns the item of a key, nil for an absent one.
func find(txn *dgraph.Txn, key []byte) (*dgraph.Item, error) {
	if err := kv.CheckKey(key); err != nil {
		return nil, err
	}
	item, err := txn.Get(stored(key))
	switch {
	case err == nil:
		return item, nil
	case errors.Is(err, dgraph.ErrKeyNotFound):
		return nil, nil
	default:
		return nil, clean("get", err)
	}
}

// value returns the value of an item as the item holds it, large ones gathered
// from their chunks.
func (r *reader) value(item *dgraph.Item) ([]byte, error) {
	var value []byte
	if err := item.Value(func(v []byte) error { value = v; return nil }); err != nil {
		return nil, clean("value", err)
	}
	if item.UserMeta() == metaLarge {
		return r.gather(value)
	}
	return value, nil
}

// Scan seeks each range with one iterator per direction.
func (r *reader) Scan(ctx context.Context, ranges ...kv.Range) iter.Seq2[kv.Entry, error] {
	return func(yield func(kv.Entry, error) bool) {
		s := scan{reader: r, ctx: ctx, yield: yield}
		defer s.close()
		for i, rg := range ranges {
			if !s.run(i, rg) {
				return
			}
		}
	}
}

// Badger reserves keys that begin with "!badger!", and the chunks of large
// values are ours under 0xff 0xff (large.go). Keys of the contract that begin
// with '!' or 0xff get a zero byte after the first, which keeps both the order
// and the distance. All others are stored as they are.
const (
	reservedBadger = '!'
	reservedOurs   = 0xff
)

// firstOurs is greater than every stored key and less than all of ours.
var firstOurs = []byte{reservedOurs, 0x01}

// stored returns the key in Badger. It may be key itself.
func stored(key []byte) []byte {
	if len(key) == 0 || key[0] != reservedBadger && key[0] != reservedOurs {
		return key
	}
	s := make([]byte, 0, len(key)+1)
	return append(append(s, key[0], 0), key[1:]...)
}

// original undoes stored. It writes to s where they differ.
func original(s []byte) []byte {
	if s[0] != reservedBadger && s[0] != reservedOurs {
		return s
	}
	o := bytes.Clone(s[1:])
	o[0] = s[0]
	return o
}
