package badger

import (
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"iter"
	"sync"
	"sync/atomic"

	dgraph "github.com/dgraph-io/badger/v4"

	"github.com/cordee-sante/cordee/fhir/kv"
)

// A large value is stored in chunks. Badger would put values from 1 MiB on into
// its value log, which ignores the errors of fsync.
//
//	key                     → size(8)   head, of form large
//	0xff 0xff 0x00 key      → 1 byte    directory of large values
//	0xff 0xff 0x01 key i(4) → chunk i   no two keys share chunks: the length tells
//
// The size is that of what was cut: the value after it was packed or, of one that
// came in parts, the value, of which each chunk is packed by itself.
//
// Keys are as stored, numbers big-endian, and all rows of a value change in one
// transaction.
const (
	maxInline = 512 << 10 // of a value, compressed, in its own entry
	chunkSize = 512 << 10
)

var directory = []byte{reservedOurs, reservedOurs, 0}

func directoryKey(key []byte) []byte {
	return append(append(make([]byte, 0, len(directory)+len(key)), directory...), key...)
}

func chunkKey(key []byte, i int) []byte {
	k := append(make([]byte, 0, len(key)+7), reservedOurs, reservedOurs, 1)
	return binary.BigEndian.AppendUint32(append(k, key...), uint32(i))
}

func chunks(size int) int { return (size + chunkSize - 1) / chunkSize }

// rows returns the entries of a large value that is the parts, the head first. The
// chunks of loose parts are yet to be packed.
func rows(key []byte, f form, loose bool, parts ...[]byte) iter.Seq[entry] {
	return func(yield func(entry) bool) {
		size := 0
		for _, p := range parts {
			size += len(p)
		}
		head := binary.BigEndian.AppendUint64(nil, uint64(size))
		if !yield(entry{key: key, value: head, form: f | large}) || !yield(entry{key: directoryKey(key), value: []byte{1}}) {
			return
		}
		i := 0
		for chunk := range split(parts) {
			if !yield(entry{key: chunkKey(key, i), value: chunk, loose: loose}) {
				return
			}
			i++
		}
	}
}

// split returns the parts in chunks. Only those are copies that hold the end of one
// part and the beginning of the next.
func split(parts [][]byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		var joint []byte
		for i, p := range parts {
			for len(p) > 0 {
				n := min(chunkSize-len(joint), len(p))
				chunk := p[:n]
				p = p[n:]
				if len(joint) > 0 || n < chunkSize && i < len(parts)-1 {
					joint = append(joint, chunk...)
					chunk = joint
				}
				if len(chunk) < chunkSize && (i < len(parts)-1 || len(p) > 0) {
					continue
				}
				if joint = nil; !yield(chunk) {
					return
				}
			}
		}
		if len(joint) > 0 {
			yield(joint)
		}
	}
}

// removal yields the deletion of all rows but the head, which is e.
func (e entry) removal() (iter.Seq[entry], error) {
	size, err := e.size()
	return func(yield func(entry) bool) {
		if !yield(entry{key: directoryKey(e.key)}) {
			return
		}
		for i := range chunks(size) {
			if !yield(entry{key: chunkKey(e.key, i)}) {
				return
			}
		}
	}, err
}

// size returns the size of the large value of which e is the head.
func (e entry) size() (int, error) {
	if len(e.value) != 8 {
		return 0, fmt.Errorf("%w: head of a large value", kv.ErrCorrupt)
	}
	size := binary.BigEndian.Uint64(e.value)
	if size > kv.MaxValue {
		return 0, fmt.Errorf("%w: size of a large value", kv.ErrCorrupt)
	}
	return int(size), nil
}

// gather returns the entry with the whole value of which e is the head.
func (e entry) gather(find func(key []byte) (entry, error)) (entry, error) {
	size, err := e.size()
	if err != nil {
		return entry{}, err
	}
	whole := entry{key: e.key, value: make([]byte, 0, size), form: e.form &^ large}
	for i := range chunks(size) {
		chunk, err := find(chunkKey(e.key, i))
		if err != nil {
			return entry{}, err
		}
		piece, err := chunk.unpack(nil)
		if err != nil {
			return entry{}, err
		}
		whole.value = append(whole.value, piece...)
	}
	if len(whole.value) != size {
		return entry{}, fmt.Errorf("%w: chunks of a large value", kv.ErrCorrupt)
	}
	return whole, nil
}

// largeKeys knows which keys may have a large value, so that writes of others
// need not look. It holds hashes: 16 bytes of memory for half a mebibyte of disk.
type largeKeys struct {
	seed  maphash.Seed
	added atomic.Uint64 // hashes ever added

	mu     sync.RWMutex
	hashes map[uint64]struct{}
}

// load reads the directory.
func (l *largeKeys) load(txn *dgraph.Txn) {
	l.seed = maphash.MakeSeed()
	l.hashes = map[uint64]struct{}{}
	it := txn.NewIterator(dgraph.IteratorOptions{Prefix: directory})
	defer it.Close()
	for it.Rewind(); it.Valid(); it.Next() {
		l.add(it.Item().Key()[len(directory):])
	}
}

func (l *largeKeys) add(key []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hashes[maphash.Bytes(l.seed, key)] = struct{}{}
	l.added.Add(1)
}

func (l *largeKeys) maybe(key []byte) bool {
	if l.added.Load() == 0 {
		return false
	}
	l.mu.RLock()
	defer l.mu.RUnlock()
	_, ok := l.hashes[maphash.Bytes(l.seed, key)]
	return ok
}
