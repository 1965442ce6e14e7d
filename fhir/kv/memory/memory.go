// Package memory is the key-value engine of the tests: everything is in memory
// and lost with Close. A snapshot is an immutable tree, so that it can be read
// beside any number of writers. It keeps the whole contract of kv but
// durability; ErrFull, ErrCorrupt and ErrLocked never happen.
package memory

import (
	"context"
	"sync"

	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/kv/internal/treap"
)

// MaxTransaction is how many bytes of keys and values one Update may write.
const MaxTransaction = 128 << 20

// attempts is how often f runs before Update gives up with ErrConflict.
const attempts = 32

// An Engine is a kv.Engine in memory.
type Engine struct {
	mu      sync.Mutex
	tree    tree
	closed  bool
	running int
	idle    sync.Cond // running has become 0
}

// A tree maps a key to its item. Each Put makes a new item, so that comparing
// two pointers tells whether a key was written in between.
type tree = treap.Tree[*item]

type item struct{ value []byte }

var _ kv.Engine = (*Engine)(nil)

// Open returns an empty engine.
func Open() *Engine {
	e := &Engine{}
	e.idle.L = &e.mu
	return e
}

// View runs f on the tree as it is now.
func (e *Engine) View(ctx context.Context, f func(kv.Reader) error) error {
	snapshot, err := e.begin(ctx)
	if err != nil {
		return err
	}
	defer e.end()
	return f(&reader{tree: snapshot})
}

// Update runs f on the tree as it is now and then moves what it wrote to the
// tree as it is by then, provided that what f read is still the same.
func (e *Engine) Update(ctx context.Context, f func(kv.Writer) error) error {
	for range attempts {
		done, err := e.try(ctx, f)
		if done || err != nil {
			return err
		}
	}
	return kv.ErrConflict
}

func (e *Engine) try(ctx context.Context, f func(kv.Writer) error) (done bool, err error) {
	snapshot, err := e.begin(ctx)
	if err != nil {
		return false, err
	}
	defer e.end()
	w := &writer{reader: reader{tree: snapshot}, snapshot: snapshot}
	w.writer = w
	if err := f(w); err != nil {
		return false, err
	}
	if w.refused != nil {
		return false, w.refused
	}
	if err := ctx.Err(); err != nil {
		return false, err
	}
	return e.commit(w), nil
}

// commit reports whether nothing that w read has changed, in which case what w
// wrote is applied.
func (e *Engine) commit(w *writer) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, r := range w.reads {
		if now, _ := e.tree.Get(r.key); now != r.item {
			return false
		}
	}
	for _, op := range w.ops {
		e.tree = op.own().apply(e.tree)
	}
	return true
}

// begin returns the current tree and counts one more transaction.
func (e *Engine) begin(ctx context.Context) (tree, error) {
	if err := ctx.Err(); err != nil {
		return tree{}, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return tree{}, kv.ErrClosed
	}
	e.running++
	return e.tree, nil
}

func (e *Engine) end() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.running--
	if e.running == 0 {
		e.idle.Broadcast()
	}
}

// Close waits for the transactions that run and lets go of the tree.
func (e *Engine) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	for e.running > 0 {
		e.idle.Wait()
	}
	e.tree = tree{}
	return nil
}
