package badger

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"

	dgraph "github.com/dgraph-io/badger/v4"

	"github.com/cordee-sante/cordee/fhir/kv"
)

// preflight looks at the files of a folder before Badger does. Badger starts
// without an error, and without acknowledged data, when a log or the manifest is
// damaged; it panics where it cannot be caught when a table is; and it does not
// start after a crash in the moment in which it creates a file. All these were
// seen with 4.9.6 (damage_test.go, kill_test.go). It returns the points of the
// tables, by their ids.
func preflight(o dgraph.Options, log *slog.Logger) (map[uint64][]point, error) {
	tables, err := readManifest(o)
	if err != nil {
		return nil, err
	}
	points, wrong := verifyTables(context.Background(), o.Dir, tables)
	if len(wrong) > 0 {
		return nil, errors.Join(slices.Collect(maps.Values(wrong))...)
	}
	if err := verifyRegistry(o.Dir); err != nil {
		return nil, err
	}
	if err := verifyLogs(o.Dir, log); err != nil {
		return nil, err
	}
	return points, mend(o.Dir)
}

// verifyRegistry reads the keys of encryption at rest, of which there are none.
func verifyRegistry(dir string) error {
	r, err := dgraph.OpenKeyRegistry(dgraph.KeyRegistryOptions{Dir: dir, ReadOnly: true})
	if err != nil {
		return fmt.Errorf("%w: registry of keys: %s", kv.ErrCorrupt, innermost(err))
	}
	return r.Close()
}

// readManifest returns the ids of the tables. Others in the folder were never
// finished.
func readManifest(o dgraph.Options) ([]uint64, error) {
	f, err := os.Open(filepath.Join(o.Dir, dgraph.ManifestFilename))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, mustBeNew(o.Dir)
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	m, end, err := dgraph.ReplayManifestFile(f, 0, o)
	if err != nil {
		return nil, fmt.Errorf("%w: manifest: %s", kv.ErrCorrupt, innermost(err))
	}
	if err := verifyManifestEnd(f, end); err != nil {
		return nil, err
	}
	return slices.Collect(maps.Keys(m.Tables)), nil
}

func tablePath(dir string, id uint64) string { return filepath.Join(dir, fmt.Sprintf("%06d.sst", id)) }

// mustBeNew wants a folder without a manifest to have no tables: Badger would
// delete them.
func mustBeNew(dir string) error {
	tables, err := filepath.Glob(filepath.Join(dir, "*.sst"))
	if err == nil && len(tables) > 0 {
		err = fmt.Errorf("%w: tables without a manifest in %s", kv.ErrCorrupt, dir)
	}
	return err
}

// verifyManifestEnd returns ErrCorrupt when records follow the one at which
// Badger stops reading, because its length was damaged. Badger would cut them off
// and delete their tables. A record is len(4) CRC-32C(4) and a message.
func verifyManifestEnd(f *os.File, end int64) error {
	b, err := os.ReadFile(f.Name())
	if err != nil {
		return err
	}
	for rest := b[min(int(end)+1, len(b)):]; len(rest) > 8; rest = rest[1:] {
		size := binary.BigEndian.Uint32(rest)
		if size == 0 || int64(size) > int64(len(rest)-8) {
			continue
		}
		if crc32.Checksum(rest[8:8+size], castagnoli) == binary.BigEndian.Uint32(rest[4:]) {
			return fmt.Errorf("%w: manifest, at byte %d", kv.ErrCorrupt, end)
		}
	}
	return nil
}

// mend removes logs that are empty. A crash leaves one between creation and first
// byte, or, when all in it is in a table, between truncation and removal. Badger
// would not start with it.
func mend(dir string) error {
	for _, pattern := range []string{"*.vlog", "*.mem"} {
		logs, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return err
		}
		for _, path := range logs {
			if err := removeEmpty(path); err != nil {
				return err
			}
		}
	}
	return nil
}

func removeEmpty(path string) error {
	info, err := os.Stat(path)
	if err != nil || info.Size() > 0 {
		return err
	}
	return os.Remove(path)
}
