package kv

import (
	"context"
	"iter"
)

// Sub returns the keys of e that begin with prefix as an Engine of its own, in
// which they are without it. Components that share an engine each have a Sub,
// and no prefix begins with another's. Its Close closes nothing: e's owner
// does.
func Sub(e Engine, prefix string) Engine {
	return &sub{engine: e, prefix: prefix, end: PrefixEnd([]byte(prefix))}
}

type sub struct {
	engine Engine
	prefix string
	end    []byte // PrefixEnd of the prefix
}

var (
	_ Engine    = (*sub)(nil)
	_ Writer    = (*subWriter)(nil)
	_ Estimator = (*subReader)(nil)
)

func (s *sub) View(ctx context.Context, f func(Reader) error) error {
	return s.engine.View(ctx, func(r Reader) error {
		return f(&subReader{sub: s, reader: r})
	})
}

func (s *sub) Update(ctx context.Context, f func(Writer) error) error {
	return s.engine.Update(ctx, func(w Writer) error {
		return f(&subWriter{subReader: subReader{sub: s, reader: w}, writer: w})
	})
}

func (s *sub) Close() error { return nil }

type subReader struct {
	*sub
	reader Reader
	keys   [][]byte // of the Get that runs, with their prefix
	buf    []byte   // the bytes of keys
}

// Get puts the prefix before the keys in one buffer that it keeps: engines do
// not hold on to the keys of a Get.
func (r *subReader) Get(ctx context.Context, keys ...[]byte) ([][]byte, error) {
	size := 0
	for _, k := range keys {
		if len(k) == 0 {
			return nil, ErrEmpty
		}
		size += len(r.prefix) + len(k)
	}
	if cap(r.buf) < size {
		r.buf = make([]byte, 0, 2*size)
	}
	r.keys, r.buf = r.keys[:0], r.buf[:0]
	for _, k := range keys {
		start := len(r.buf)
		r.buf = append(append(r.buf, r.prefix...), k...)
		r.keys = append(r.keys, r.buf[start:])
	}
	return r.reader.Get(ctx, r.keys...)
}

// Scan strips the prefix from the keys that the engine yields, without a copy.
func (r *subReader) Scan(ctx context.Context, ranges ...Range) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for e, err := range r.reader.Scan(ctx, r.ranges(ranges)...) {
			if err == nil {
				e.Key = e.Key[len(r.prefix):]
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// Estimate asks the engine about the prefixed ranges.
func (r *subReader) Estimate(ctx context.Context, ranges ...Range) ([]int64, error) {
	return Estimate(ctx, r.reader, r.ranges(ranges)...)
}

func (r *subReader) ranges(in []Range) []Range {
	out := make([]Range, len(in))
	for i, rg := range in {
		out[i] = rg
		out[i].Start = r.key(rg.Start)
		if rg.End == nil {
			out[i].End = r.end
		} else {
			out[i].End = r.key(rg.End)
		}
	}
	return out
}

func (s *sub) key(k []byte) []byte {
	b := make([]byte, 0, len(s.prefix)+len(k))
	return append(append(b, s.prefix...), k...)
}

type subWriter struct {
	subReader
	writer Writer
	slab   []byte // where the next keys go; the engine keeps them until Update returns
}

func (w *subWriter) Put(key, value []byte) error {
	if len(key) == 0 {
		return ErrEmpty
	}
	return w.writer.Put(w.own(key), value)
}

func (w *subWriter) PutParts(key []byte, parts ...[]byte) error {
	if len(key) == 0 {
		return ErrEmpty
	}
	return w.writer.PutParts(w.own(key), parts...)
}

func (w *subWriter) Delete(key []byte) error {
	if len(key) == 0 {
		return ErrEmpty
	}
	return w.writer.Delete(w.own(key))
}

// slabSize is one allocation for some sixty index keys.
const slabSize = 4 << 10

// own returns the prefixed key in memory that is not used again.
func (w *subWriter) own(key []byte) []byte {
	n := len(w.prefix) + len(key)
	if cap(w.slab)-len(w.slab) < n {
		w.slab = make([]byte, 0, max(slabSize, n))
	}
	start := len(w.slab)
	w.slab = append(append(w.slab, w.prefix...), key...)
	return w.slab[start:len(w.slab):len(w.slab)]
}
