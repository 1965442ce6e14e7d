package ledger

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// The names of the files of a log.
const (
	lockFile       = "LOCK"
	hashFile       = "hashes"
	checkpointFile = "checkpoints"
	publicFile     = "trail.vkey"
	privateFile    = "trail.key"
	segmentSuffix  = ".seg"
)

// segmentName returns the file name of the segment that begins with record first.
func segmentName(first uint64) string { return fmt.Sprintf("%020d%s", first, segmentSuffix) }

// segments returns the first records of the segments in dir, in order.
func segments(dir string) ([]uint64, error) {
	names, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var firsts []uint64
	for _, n := range names {
		digits, found := strings.CutSuffix(n.Name(), segmentSuffix)
		if !found {
			continue
		}
		first, err := strconv.ParseUint(digits, 10, 64)
		if err != nil || segmentName(first) != n.Name() {
			continue
		}
		firsts = append(firsts, first)
	}
	slices.Sort(firsts)
	return firsts, nil
}

// create makes a new file that only its owner can read, and makes its name
// durable.
func create(path string, flag int) (*os.File, error) {
	f, err := os.OpenFile(path, flag|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syncDir(filepath.Dir(path)); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// syncDir makes the names in dir durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// seal closes a segment for ever: its content and its mode 0400 are durable.
func seal(f *os.File) error {
	return errors.Join(f.Chmod(0o400), f.Sync(), f.Close())
}

// sealed reports whether a segment was closed for ever.
func sealed(info fs.FileInfo) bool { return info.Mode().Perm()&0o200 == 0 }
