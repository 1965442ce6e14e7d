package badger

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
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
		var paths []string
		for _, t := range e.db.Tables() {
			paths = append(paths, tablePath(e.dir, t.ID))
		}
		if err = verifyTables(ctx, paths); !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	return err
}

// verifiers is how many tables are read at once.
const verifiers = 3

// verifyTables verifies the tables and returns what is wrong with all of them.
func verifyTables(ctx context.Context, paths []string) error {
	work := make(chan string)
	var mu sync.Mutex
	var all []error
	var wg sync.WaitGroup
	for range verifiers {
		wg.Go(func() {
			for path := range work {
				if err := verifyTable(path); err != nil {
					mu.Lock()
					all = append(all, err)
					mu.Unlock()
				}
			}
		})
	}
	for _, path := range paths {
		if ctx.Err() != nil {
			break
		}
		work <- path
	}
	close(work)
	wg.Wait()
	return errors.Join(append(all, ctx.Err())...)
}

func verifyTable(path string) error {
	t, err := openTable(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %w", kv.ErrCorrupt, err)
	}
	if err != nil {
		return err
	}
	defer func() { _ = t.Close() }()
	return t.verify()
}
