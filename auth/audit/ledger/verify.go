package ledger

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// VerifyConfig says what to verify, and against what.
type VerifyConfig struct {
	Dir     string
	Keys    []string // public keys that may have signed; nil trusts those beside the log
	Outside []string // files of checkpoints that were kept elsewhere

	// Each is called with every record that can be read, in the order in which
	// they stand. It may add findings of its own. Nil calls nothing.
	Each func(Entry, *Report)
}

// Verify reads a whole log, which may be in use, and says what happened to it
// since it was written. It needs nothing but the files and the public keys. It
// fails only when it cannot read; damage is in the Report.
func Verify(ctx context.Context, cfg VerifyConfig) (Report, error) {
	v := &verifier{dir: cfg.Dir, each: cfg.Each}
	v.report.Trusted = cfg.Keys != nil
	// A log in use grows: what promises is read before what is promised, the
	// copies outside before those beside the log, these before the hashes, and
	// the hashes before the records.
	if err := v.loadCheckpoints(cfg); err != nil {
		return Report{}, err
	}
	if err := v.openHashes(); err != nil {
		return Report{}, err
	}
	defer v.closeHashes()
	firsts, err := segments(cfg.Dir)
	if err != nil {
		return Report{}, err
	}
	v.report.Segments = len(firsts)
	for i, first := range firsts {
		if err := ctx.Err(); err != nil {
			return Report{}, err
		}
		if err := v.segment(first, i == len(firsts)-1); err != nil {
			return Report{}, err
		}
	}
	v.finish()
	slices.SortStableFunc(v.report.Findings, func(a, b Finding) int { return cmp.Compare(b.Class, a.Class) })
	return v.report, nil
}

// verifier walks over the records in the order of their numbers and builds two
// trees: one of the records as they are, one of the hashes that were stored for
// them. Where the two differ, a signed checkpoint says which of them is right.
type verifier struct {
	dir    string
	each   func(Entry, *Report)
	report Report

	hashes   *os.File // stored hashes; nil when the file is gone
	stored   *bufio.Reader
	promised uint64 // records that the stored hashes belong to

	actual, kept tree
	keptLost     bool // the stored hashes have ended or cannot be used
	actualLost   bool // a record and its hash are both gone: no later root can be computed
	suspects     []suspect
	strayHashes  int    // inner nodes in the file that differ from the computed ones
	matched      uint64 // size of the last matching checkpoint
	unprovable   int    // checkpoints that no tree agrees with

	checks []check // by size
	latest uint64  // largest size that is signed

	want   uint64 // number of the next record
	gaps   []gap
	last   time.Time // of the last readable record
	place  string    // segment being read
	offset int64
}

// A check is a valid checkpoint that is to be compared.
type check struct {
	Checkpoint
	file string
}

// A gap is a run of records that were not found where they belong: between the
// times after and before, in front of an offset.
type gap struct {
	id            string
	first, last   uint64
	file          string
	offset        int64
	after, before time.Time
}

// A suspect is a record since the last matching checkpoint that differs from
// the hash that was stored for it.
type suspect struct {
	seq    uint64
	file   string
	offset int64
	time   time.Time
}

func (v *verifier) openHashes() error {
	f, err := os.Open(filepath.Join(v.dir, hashFile))
	if errors.Is(err, fs.ErrNotExist) {
		v.keptLost = true
		return nil
	}
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return errors.Join(err, f.Close())
	}
	v.hashes, v.stored = f, bufio.NewReaderSize(f, 256<<10)
	v.promised = leavesIn(info.Size() / tlog.HashSize)
	return nil
}

func (v *verifier) closeHashes() {
	if v.hashes != nil {
		v.hashes.Close()
	}
}
