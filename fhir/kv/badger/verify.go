package badger

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	"github.com/cordee-sante/cordee/fhir/kv"
)

// Verify reads all tables from the disk and fails with kv.ErrCorrupt, and the
// names of the files, when checksums do not hold. Badger checks the blocks that
// it reads, but takes those that it cannot read as empty. Open verifies; a server
// does it again now and then, before compaction carries damage further.
func (e *Engine) Verify(ctx context.Context) error {
	s, err := e.begin(ctx, 0)
	if err != nil {
		return err
	}
	defer e.end(s, 0)
	_, wrong := verifyTables(ctx, e.dir, e.tables())
	for _, id := range e.tables() { // others were removed by compaction meanwhile
		err = errors.Join(err, wrong[id])
	}
	return errors.Join(err, ctx.Err())
}

// tables returns the ids of the tables in use.
func (e *Engine) tables() (ids []uint64) {
	for _, t := range e.db.Tables() {
		ids = append(ids, t.ID)
	}
	return ids
}

// verifiers is how many tables are read at once.
const verifiers = 3

// verifyTables verifies the tables with the ids, until the context ends, and
// returns their points and what is wrong.
func verifyTables(ctx context.Context, dir string, ids []uint64) (points map[uint64][]point, wrong map[uint64]error) {
	points, wrong = map[uint64][]point{}, map[uint64]error{}
	stride := stride(sizeOf(dir, ids))
	work := make(chan uint64)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range verifiers {
		wg.Go(func() {
			for id := range work {
				p, err := verifyTable(tablePath(dir, id), stride)
				mu.Lock()
				if points[id] = p; err != nil {
					wrong[id] = err
				}
				mu.Unlock()
			}
		})
	}
	for _, id := range ids {
		if ctx.Err() != nil {
			break
		}
		work <- id
	}
	close(work)
	wg.Wait()
	return points, wrong
}

func verifyTable(path string, stride int) ([]point, error) {
	t, err := openTable(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %w", kv.ErrCorrupt, err)
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = t.Close() }()
	return t.verify(stride)
}

// sizeOf returns the size of the tables that are there.
func sizeOf(dir string, ids []uint64) (bytes int64) {
	for _, id := range ids {
		if info, err := os.Stat(tablePath(dir, id)); err == nil {
			bytes += info.Size()
		}
	}
	return bytes
}
