// Package counting wraps an engine and counts what a remote one would make its
// caller wait for: round trips. The tests of the store hold its searches to a
// number of them (docs/adr/0011), and a search that is explained tells its own.
//
// A Get is one, however many keys it has. A Scan is one for the first Batch
// entries of all its ranges together, and one more for each further Batch that
// the caller goes on to read. Rows are the keys and entries of all of them: what
// an answer looks at. Estimates are none: an engine that plans are made
// for answers them from statistics that it has at hand, as Badger does. Nothing
// is measured: the wrapped engine is as fast as it is.
package counting

import (
	"context"
	"iter"
	"sync/atomic"

	"github.com/cordee-sante/cordee/fhir/kv"
)

// Batch is how many entries of a Scan one round trip brings.
const Batch = 1024

// An Engine is a kv.Engine that counts. Make it with New.
type Engine struct {
	kv.Engine
	trips, rows atomic.Int64
}

var _ kv.Engine = (*Engine)(nil)

// New returns an engine that does what e does. Closing it closes e.
func New(e kv.Engine) *Engine { return &Engine{Engine: e} }

// Trips returns how many round trips Views have taken since the last Reset.
// Those of Updates do not count: they are the sequencer's.
func (e *Engine) Trips() int { return int(e.trips.Load()) }

// Rows returns how many keys Views have asked for, and entries they have scanned,
// since the last Reset.
func (e *Engine) Rows() int { return int(e.rows.Load()) }

// Reset begins to count anew.
func (e *Engine) Reset() {
	e.trips.Store(0)
	e.rows.Store(0)
}

// View runs f on a snapshot that counts.
func (e *Engine) View(ctx context.Context, f func(kv.Reader) error) error {
	return e.Engine.View(ctx, func(r kv.Reader) error {
		return f(&reader{Reader: r, trips: &e.trips, rows: &e.rows})
	})
}

// Reader returns a kv.Reader that does what r does, and how many round trips it
// has taken so far: for one search that tells what it cost.
func Reader(r kv.Reader) (counted kv.Reader, trips func() int) {
	n := new(atomic.Int64)
	return &reader{Reader: r, trips: n, rows: new(atomic.Int64)}, func() int { return int(n.Load()) }
}

type reader struct {
	kv.Reader
	trips, rows *atomic.Int64
}

var _ kv.Estimator = (*reader)(nil)

func (r *reader) Get(ctx context.Context, keys ...[]byte) ([][]byte, error) {
	if len(keys) > 0 {
		r.trips.Add(1)
		r.rows.Add(int64(len(keys)))
	}
	return r.Reader.Get(ctx, keys...)
}

func (r *reader) Scan(ctx context.Context, ranges ...kv.Range) iter.Seq2[kv.Entry, error] {
	return func(yield func(kv.Entry, error) bool) {
		if len(ranges) == 0 {
			return
		}
		r.trips.Add(1)
		n := 0
		for e, err := range r.Reader.Scan(ctx, ranges...) {
			r.rows.Add(1)
			if n++; err == nil && n > Batch {
				r.trips.Add(1)
				n = 1
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

func (r *reader) Estimate(ctx context.Context, ranges ...kv.Range) ([]int64, error) {
	return kv.Estimate(ctx, r.Reader, ranges...)
}
