package badger

import (
	"cmp"
	"fmt"
	"hash/maphash"
	"log/slog"
	"os"
	"strings"

	dgraph "github.com/dgraph-io/badger/v4"

	"github.com/cordee-sante/cordee/fhir/kv"
)

const defaultReserve = 1 << 30

// Open opens the engine of a folder and verifies all files in it, at the speed
// of the disk. It fails with kv.ErrLocked when another process has it open, and
// with kv.ErrCorrupt when files are damaged; it then has changed none.
func Open(c Config) (*Engine, error) {
	if c.Profile == (Profile{}) {
		c.Profile = Standard()
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Free == nil {
		c.Free = freeSpace(c.Dir)
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("kv/badger: %w", err)
	}
	locked, err := lock(c.Dir)
	if err != nil {
		return nil, err
	}
	e, err := openLocked(c, c.options())
	if err != nil {
		_ = locked.Close()
		return nil, err
	}
	e.locked = locked
	return e, nil
}

func openLocked(c Config, o dgraph.Options) (*Engine, error) {
	points, err := preflight(o, c.Log)
	if err != nil {
		return nil, err
	}
	db, err := openDB(o)
	if err != nil {
		return nil, err
	}
	e := &Engine{
		dir:     c.Dir,
		db:      db,
		log:     c.Log,
		space:   space{free: c.Free, reserve: cmp.Or(c.Reserve, defaultReserve)},
		failure: failure{done: make(chan struct{})},

		conflicts: newConflicts(),
		cache:     newCache(c.Profile.Cache),
	}
	e.idle.L = &e.mu
	last, err := rollBack(db, c.Log)
	if err != nil {
		_ = db.Close()
		return nil, err
	}
	e.statistics = &statistics{dir: c.Dir, db: db, seed: maphash.MakeSeed()}
	e.statistics.replace(points, 0)
	now := newSnapshot(db, last, 0)
	e.snapshots = snapshots{live: []*snapshot{now}, current: now}
	e.large.load(now.txn)
	db.SetDiscardTs(last)
	return e, nil
}

// openDB opens Badger and names its errors. Damage makes it panic in places.
func openDB(o dgraph.Options) (db *dgraph.DB, err error) {
	defer func() {
		if p := recover(); p != nil {
			db, err = nil, fmt.Errorf("%w: open: badger panicked", kv.ErrCorrupt)
		}
	}()
	db, err = dgraph.OpenManaged(o)
	switch {
	case err == nil:
		return db, nil
	case strings.Contains(err.Error(), "Cannot acquire directory lock"):
		return nil, kv.ErrLocked
	default:
		return nil, clean("open", err)
	}
}
