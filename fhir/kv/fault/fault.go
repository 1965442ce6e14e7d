// Package fault is a kv.Engine that fails on purpose, for the tests of those who
// use one. Each runs a scenario again and again: first its first operation on
// the engine fails, then its second, and so on, as SQLite is tested
// (https://www.sqlite.org/testing.html#i_o_error_testing). What the scenario
// then finds in the engine must make sense.
package fault

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync/atomic"
	"testing"

	"github.com/cordee-sante/cordee/fhir/kv"
)

// ErrFault is the error of the operation that fails.
var ErrFault = errors.New("fault: as if the disk had failed")

// An Engine passes operations on until the n-th, which fails with ErrFault. An
// operation is the beginning of a View or an Update, a Get, a Put, a Delete, a
// Scan, each of its entries, and two that are between the end of the function
// and the return of Update: nothing was written, or all was and the answer is
// lost. The operations after the fault succeed.
type Engine struct {
	engine kv.Engine
	left   atomic.Int64 // operations that succeed before the fault
}

var _ kv.Engine = (*Engine)(nil)

// New returns an Engine whose operation number n, counted from 1, fails.
func New(e kv.Engine, n int) *Engine {
	f := &Engine{engine: e}
	f.left.Store(int64(n))
	return f
}

// Happened tells whether an operation has failed.
func (e *Engine) Happened() bool { return e.left.Load() <= 0 }

// step counts an operation and returns ErrFault when it is the one.
func (e *Engine) step() error {
	if e.left.Add(-1) == 0 {
		return ErrFault
	}
	return nil
}

// View passes on, unless it is the operation to fail.
func (e *Engine) View(ctx context.Context, f func(kv.Reader) error) error {
	if err := e.step(); err != nil {
		return err
	}
	return e.engine.View(ctx, func(r kv.Reader) error { return f(&reader{e, r}) })
}

// Update passes on, unless it is the operation to fail. A fault of the commit is
// counted when f has succeeded.
func (e *Engine) Update(ctx context.Context, f func(kv.Writer) error) error {
	if err := e.step(); err != nil {
		return err
	}
	err := e.engine.Update(ctx, func(w kv.Writer) error {
		if err := f(&writer{reader{e, w}, w}); err != nil {
			return err
		}
		return e.step() // before the commit
	})
	if err != nil {
		return err
	}
	return e.step() // after the commit
}

// Close closes the engine.
func (e *Engine) Close() error { return e.engine.Close() }

type reader struct {
	fault  *Engine
	reader kv.Reader
}

func (r *reader) Get(ctx context.Context, keys ...[]byte) ([][]byte, error) {
	if err := r.fault.step(); err != nil {
		return nil, err
	}
	return r.reader.Get(ctx, keys...)
}

func (r *reader) Scan(ctx context.Context, ranges ...kv.Range) iter.Seq2[kv.Entry, error] {
	return func(yield func(kv.Entry, error) bool) {
		if err := r.fault.step(); err != nil {
			yield(kv.Entry{}, err)
			return
		}
		for e, err := range r.reader.Scan(ctx, ranges...) {
			if err == nil {
				if err = r.fault.step(); err != nil {
					e = kv.Entry{}
				}
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

func (r *reader) Estimate(ctx context.Context, ranges ...kv.Range) ([]int64, error) {
	if err := r.fault.step(); err != nil {
		return nil, err
	}
	return kv.Estimate(ctx, r.reader, ranges...)
}

type writer struct {
	reader
	writer kv.Writer
}

func (w *writer) Put(key, value []byte) error {
	if err := w.fault.step(); err != nil {
		return err
	}
	return w.writer.Put(key, value)
}

func (w *writer) PutParts(key []byte, parts ...[]byte) error {
	if err := w.fault.step(); err != nil {
		return err
	}
	return w.writer.PutParts(key, parts...)
}

func (w *writer) Delete(key []byte) error {
	if err := w.fault.step(); err != nil {
		return err
	}
	return w.writer.Delete(key)
}

// Each runs the scenario with every single fault: n is the operation that fails.
// It ends with a run in which none did. The scenario opens its own engine, wraps
// it with New and that n, acts, and checks; errors that wrap ErrFault are right,
// half a change is not. It returns the Engine it has wrapped.
func Each(t *testing.T, scenario func(t *testing.T, n int) *Engine) {
	t.Helper()
	for n := 1; ; n++ {
		happened := true
		t.Run(fmt.Sprintf("fault %d", n), func(t *testing.T) {
			happened = scenario(t, n).Happened()
		})
		if !happened || t.Failed() {
			return
		}
		if n == tooMany {
			t.Fatalf("still failing after %d operations: the scenario has no end", n)
		}
	}
}

const tooMany = 10_000
