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
// names of the files, when checksums do not hold. Badger itself checks the blocks
// that it reads, but takes those that it cannot read as empty. Open verifies;
// a server does it again now and then, before compaction moves the damage.
func (e *Engine) Verify(ctx context.Context) error {
	var err error
	for range 3 { // compaction may remove a table before it is read
		var ids []uint64
		for _, t := range e.db.Tables() {
			ids = append(ids, t.ID)
		}
		if _, err = verifyTables(ctx, e.dir, ids); !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	return err
}

// verifiers is how many tables are read at once.
const verifiers = 3

// verifyTables verifies the tables with the ids and returns their points, or
// what is wrong with all of them.
func verifyTables(ctx context.Context, dir string, ids []uint64) (map[uint64][]point, error) {
	stride := stride(sizeOf(dir, ids))
	work := make(chan uint64)
	var mu sync.Mutex
	points := map[uint64][]point{}
	var wrong []error
	var wg sync.WaitGroup
	for range verifiers {
		wg.Go(func() {
			for id := range work {
				p, err := verifyTable(tablePath(dir, id), stride)
				mu.Lock()
				if points[id] = p; err != nil {
					wrong = append(wrong, err)
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
	return points, errors.Join(append(wrong, ctx.Err())...)
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
