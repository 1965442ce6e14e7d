package memory

import (
	"bytes"
	"slices"

	"github.com/cordee-sante/cordee/fhir/kv"
)

// A writer keeps what f writes in a tree of its own, for f to read, and as a
// list, for the commit. Keys and values are f's until then: an f that modifies
// them meanwhile breaks its own transaction, here as elsewhere.
type writer struct {
	reader
	snapshot tree // before f wrote anything
	reads    []read
	ops      []op
	size     int   // bytes written
	refused  error // first error of Put or Delete; the Update fails with it
}

// A read is a key that f has read and what it held in the snapshot.
type read struct {
	key  []byte
	item *item // nil for an absent key
}

// An op is a Put, or a Delete when it has no item.
type op struct {
	key  []byte
	item *item
}

// own returns a copy that is the engine's.
func (o op) own() op {
	if o.item == nil {
		return op{bytes.Clone(o.key), nil}
	}
	return op{bytes.Clone(o.key), &item{bytes.Clone(o.item.value)}}
}

func (o op) apply(t tree) tree {
	if o.item == nil {
		return t.Delete(o.key)
	}
	return t.Put(o.key, o.item)
}

// note remembers that f has read the key.
func (w *writer) note(key []byte) {
	it, _ := w.snapshot.Get(key)
	w.reads = append(w.reads, read{bytes.Clone(key), it})
}

func (w *writer) Put(key, value []byte) error {
	if err := kv.CheckEntry(key, value); err != nil {
		return w.refuse(err)
	}
	return w.write(op{key, &item{value}}, len(key)+len(value))
}

func (w *writer) PutParts(key []byte, parts ...[]byte) error {
	return w.Put(key, slices.Concat(parts...))
}

func (w *writer) Delete(key []byte) error {
	if err := kv.CheckKey(key); err != nil {
		return w.refuse(err)
	}
	return w.write(op{key, nil}, len(key))
}

func (w *writer) write(o op, size int) error {
	if w.size += size; w.size > MaxTransaction {
		return w.refuse(kv.ErrTooLarge)
	}
	w.ops = append(w.ops, o)
	w.tree = o.apply(w.tree)
	return nil
}

// refuse makes the Update fail with err, even if f goes on.
func (w *writer) refuse(err error) error {
	if w.refused == nil {
		w.refused = err
	}
	return err
}
