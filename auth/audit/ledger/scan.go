package ledger

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
)

// Scan yields the records of the log in dir from a number on, as they stand in
// the files, also while another process writes them: what is being written just
// then is left out. It checks checksums and proves nothing; that is what Verify
// is for. It ends after an error, a *DamageError when a record cannot be read.
func Scan(dir string, from uint64) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		firsts, err := segments(dir)
		if err == nil && len(firsts) == 0 {
			err = fmt.Errorf("ledger: no log in %s: %w", dir, fs.ErrNotExist)
		}
		if err != nil {
			yield(Entry{}, err)
			return
		}
		for i, first := range firsts {
			last := i+1 == len(firsts)
			if !last && firsts[i+1] <= from {
				continue // all of its records come before
			}
			if !scanSegment(dir, first, from, last, yield) {
				return
			}
		}
	}
}

// scanSegment yields the records of one segment. It returns false when nothing
// more is wanted.
func scanSegment(dir string, first, from uint64, last bool, yield func(Entry, error) bool) bool {
	f, err := os.Open(filepath.Join(dir, segmentName(first)))
	if err != nil {
		yield(Entry{}, err)
		return false
	}
	defer f.Close()
	r := bufio.NewReaderSize(f, 256<<10)
	for at := (Place{Segment: first}); ; {
		if _, err := r.Peek(1); err == io.EOF {
			return true
		}
		e, err := readFrame(r, at)
		var d *DamageError
		if last && errors.As(err, &d) && d.What == errShort.Error() {
			return true
		}
		if err != nil {
			yield(Entry{}, err)
			return false
		}
		if at = e.Next(); e.Seq >= from && !yield(e, nil) {
			return false
		}
	}
}
