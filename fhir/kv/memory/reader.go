package memory

import (
	"bytes"
	"context"
	"iter"
	"slices"

	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/kv/internal/treap"
)

// A reader reads one tree. In an Update it is that of the writer, which notes
// what it reads.
type reader struct {
	tree   tree
	writer *writer // nil in a View
}

func (r *reader) Get(ctx context.Context, keys ...[]byte) ([][]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	values := make([][]byte, len(keys))
	for i, k := range keys {
		if err := kv.CheckKey(k); err != nil {
			return nil, err
		}
		if r.writer != nil {
			r.writer.note(k)
		}
		if it, ok := r.tree.Get(k); ok {
			values[i] = slices.Clip(it.value)
		}
	}
	return values, nil
}

func (r *reader) Scan(ctx context.Context, ranges ...kv.Range) iter.Seq2[kv.Entry, error] {
	return func(yield func(kv.Entry, error) bool) {
		s := scan{ctx: ctx, yield: yield}
		snapshot := r.tree
		for i, rg := range ranges {
			if !s.run(snapshot, i, rg) {
				return
			}
		}
	}
}

// A scan is one loop over some ranges. It yields the same buffer each time: a
// caller that keeps an entry beyond its iteration sees it change.
type scan struct {
	ctx        context.Context
	yield      func(kv.Entry, error) bool
	key, value []byte
}

// run yields one range and reports whether the loop goes on.
func (s *scan) run(t tree, index int, rg kv.Range) bool {
	n := 0
	for c := start(t, rg); c.Valid(); c.Next() {
		if rg.Limit > 0 && n == rg.Limit || beyond(rg, c.Key()) {
			break
		}
		if err := s.ctx.Err(); err != nil {
			s.yield(kv.Entry{}, err)
			return false
		}
		n++
		s.key = append(s.key[:0], c.Key()...)
		e := kv.Entry{Range: index, Key: s.key}
		if !rg.KeysOnly {
			s.value = append(s.value[:0], c.Value().value...)
			e.Value = s.value
		}
		if !s.yield(e, nil) {
			return false
		}
	}
	return true
}

func start(t tree, rg kv.Range) *treap.Cursor[*item] {
	if rg.Reverse {
		return t.Seek(rg.End, true)
	}
	return t.Seek(rg.Start, false)
}

// beyond tells whether a walk of the range has left it at key.
func beyond(rg kv.Range, key []byte) bool {
	if rg.Reverse {
		return bytes.Compare(key, rg.Start) < 0
	}
	return rg.End != nil && bytes.Compare(key, rg.End) >= 0
}
