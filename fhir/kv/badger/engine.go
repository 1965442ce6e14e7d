// Package badger is the embedded engine: kv.Engine on the files of one folder,
// by way of Badger v4, an LSM tree (https://github.com/dgraph-io/badger). No
// other package imports Badger.
//
// It makes of Badger what the contract asks and Badger alone does not give:
//
//   - Damage is refused. Badger would start without the commits that follow a
//     damaged one in its log, or without the tables that follow a damaged record
//     of its manifest, and would panic at a damaged table (preflight.go, wal.go).
//   - A crash at any moment leaves a folder that opens (preflight.go).
//   - A commit that fails stops the engine for good: Badger's memory then holds
//     what its disk may not (failure.go).
//   - A nearly full disk refuses writes before Badger sees them. It writes through
//     a memory map, where a full disk is a SIGBUS (space.go).
//   - Values over 512 KiB are cut into chunks. Badger would put those from 1 MiB
//     on into its value log, which ignores the errors of fsync (large.go).
//   - Transactions may be larger than Badger takes (parts.go).
//   - Timestamps and conflicts are ours (Badger's managed mode), so that to begin a
//     View is to count it, snapshots share their iterators (snapshot.go), and a
//     long View costs the Updates beside it nothing (conflict.go).
//   - Values are compressed one by one (entry.go), blocks read in place.
//
// The folder belongs to one process. There is no encryption at rest here: keys
// and values are as readable as the disk is.
package badger

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	dgraph "github.com/dgraph-io/badger/v4"

	"github.com/cordee-sante/cordee/fhir/kv"
)

// An Engine is a kv.Engine on a folder.
type Engine struct {
	dir    string
	locked io.Closer // the lock on dir
	db     *dgraph.DB
	space  space
	log    *slog.Logger

	failure    failure
	large      largeKeys
	ops        sync.Pool // *[]entry, for writers
	cache      *cache
	statistics *statistics

	// committing is held for one commit at a time, so that timestamps become
	// visible in their order. Badger syncs one transaction after the other anyway.
	committing sync.Mutex
	conflicts  conflicts // guarded by committing

	mu        sync.Mutex
	snapshots snapshots
	running   int
	closed    bool
	idle      sync.Cond // running has become 0
}

var _ kv.Engine = (*Engine)(nil)

// View runs f on a snapshot of the last commit.
func (e *Engine) View(ctx context.Context, f func(kv.Reader) error) error {
	s, err := e.begin(ctx, 0)
	if err != nil {
		return err
	}
	defer e.end(s, 0)
	return f(&reader{snapshot: s, statistics: e.statistics, cache: e.cache})
}

// begin returns the current snapshot and counts one more transaction, and so
// many Updates.
func (e *Engine) begin(ctx context.Context, updates int) (*snapshot, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, kv.ErrClosed
	}
	e.running++
	return e.snapshots.acquire(updates), nil
}

func (e *Engine) end(s *snapshot, updates int) {
	e.mu.Lock()
	dead := e.snapshots.release(s, updates)
	e.running--
	if e.closed && e.running == 0 {
		e.idle.Broadcast()
	}
	e.mu.Unlock()
	if dead {
		s.close()
	}
}

// attempts is how often f runs before Update gives up with ErrConflict.
const attempts = 24

// Update runs f and commits what it wrote in one synced transaction.
func (e *Engine) Update(ctx context.Context, f func(kv.Writer) error) error {
	for i := range attempts {
		err := e.try(ctx, f)
		if !errors.Is(err, errAgain) {
			return err
		}
		if err := pause(ctx, i); err != nil {
			return err
		}
	}
	return kv.ErrConflict
}

// errAgain is a conflict that Update has not given up on.
var errAgain = errors.New("kv/badger: conflict")

func (e *Engine) try(ctx context.Context, f func(kv.Writer) error) error {
	if err := e.writable(); err != nil {
		return err
	}
	s, err := e.begin(ctx, 1)
	if err != nil {
		return err
	}
	defer e.end(s, 1)
	w := newWriter(e, s)
	defer w.discard()
	if err := f(w); err != nil {
		return err
	}
	if w.refused != nil {
		return w.refused
	}
	if err := ctx.Err(); err != nil || len(w.ops) == 0 {
		return err
	}
	return e.commit(w)
}

// writable returns the reason why the engine takes no writes.
func (e *Engine) writable() error {
	if err := e.failure.get(); err != nil {
		return err
	}
	return e.space.check()
}

// commit makes what w wrote durable and then visible.
func (e *Engine) commit(w *writer) error {
	e.committing.Lock()
	defer e.committing.Unlock()
	if err := e.failure.get(); err != nil {
		return err
	}
	if e.conflicts.changed(w.reads, w.snapshot.at) || w.outdated() {
		return errAgain
	}
	at := e.snapshots.last()
	switch err := e.writeParts(w, &at); {
	case errors.Is(err, errRefused):
		return kv.ErrTooLarge
	case err != nil:
		return e.fail("commit", err)
	}
	e.statistics.note(w.ops, at)
	e.publish(w, at)
	return nil
}

// publish makes the commit at the timestamp the current snapshot.
func (e *Engine) publish(w *writer, at uint64) {
	next := newSnapshot(e.db, at, e.cache.drop(w.ops))
	e.mu.Lock()
	old, dead := e.snapshots.advance(next)
	oldest, seen := e.snapshots.oldest(w.snapshot)
	e.mu.Unlock()
	if seen < at { // for an Update that began before this commit
		e.conflicts.add(at, w.ops)
	}
	e.conflicts.forget(seen)
	if dead {
		old.close()
	}
	e.db.SetDiscardTs(oldest)
}

// Failed is closed when a commit could not be made durable. The process is then
// to exit with an error: only a restart tells what is on the disk.
func (e *Engine) Failed() <-chan struct{} { return e.failure.done }

// Close waits for the transactions that run and closes the files.
func (e *Engine) Close() error {
	e.mu.Lock()
	again := e.closed
	e.closed = true
	for e.running > 0 {
		e.idle.Wait()
	}
	e.mu.Unlock()
	if again {
		return nil
	}
	e.statistics.running.Wait()
	e.snapshots.current.close()
	err := clean("close", e.db.Close())
	return errors.Join(err, e.locked.Close())
}

// pause waits a random while, twice as long each time, up to 10 ms: about as
// long as the commits of eight others take.
func pause(ctx context.Context, attempt int) error {
	longest := min(100*time.Microsecond<<attempt, 10*time.Millisecond)
	timer := time.NewTimer(rand.N(longest))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
