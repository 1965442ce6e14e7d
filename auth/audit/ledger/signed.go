package ledger

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/tlog"
)

// checkSigned holds the tree against the latest checkpoint, here and outside.
func (l *Log) checkSigned() error {
	keys, err := Keys(l.cfg.Dir)
	if err != nil {
		return err
	}
	for _, path := range []string{filepath.Join(l.cfg.Dir, checkpointFile), l.cfg.Mirror} {
		if path == "" {
			continue
		}
		c, err := latestCheckpoint(path, l.cfg.Origin, keys)
		if err != nil {
			return err
		}
		if err := l.agrees(c, path); err != nil {
			return err
		}
		l.status.Signed = max(l.status.Signed, c.Size)
	}
	return nil
}

// agrees reports whether the log is one that the checkpoint may have been taken of.
func (l *Log) agrees(c Checkpoint, path string) error {
	if c.Size > l.tree.size {
		return &DamageError{What: fmt.Sprintf("the log is older than the checkpoint in %s: its end is gone", path),
			First: l.tree.size, Last: c.Size - 1}
	}
	if c.Size == 0 {
		return nil
	}
	root, err := tlog.TreeHash(int64(c.Size), storedHashes{l.hashes})
	if err != nil {
		return err
	}
	if root != c.Root {
		return &DamageError{What: fmt.Sprintf("the log is not the one that the checkpoint in %s was taken of", path), Last: c.Size - 1}
	}
	return nil
}

// latestCheckpoint returns the last checkpoint of a file, the zero Checkpoint
// when there is none.
func latestCheckpoint(path, origin string, keys []string) (Checkpoint, error) {
	text, err := readEnd(path, 64<<10)
	if errors.Is(err, fs.ErrNotExist) {
		return Checkpoint{}, nil
	}
	if err != nil {
		return Checkpoint{}, err
	}
	notes, _ := splitNotes(text)
	if len(notes) == 0 {
		return Checkpoint{}, nil
	}
	known, _, err := verifiers(keys)
	if err != nil {
		return Checkpoint{}, err
	}
	c, err := openCheckpoint([]byte(notes[len(notes)-1].text), origin, known)
	if err != nil {
		return c, &DamageError{What: fmt.Sprintf("the latest checkpoint in %s is not valid: %v", path, err)}
	}
	return c, nil
}

// readEnd returns at most the last n bytes of a file.
func readEnd(path string, n int64) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(io.NewSectionReader(f, max(0, info.Size()-n), n))
	return string(b), err
}

// appendNote adds a signed note to a file of checkpoints and makes it durable.
// It first ends what an interrupted write may have left there.
func appendNote(f *os.File, signed []byte) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	end := make([]byte, min(2, info.Size()))
	if _, err := f.ReadAt(end, info.Size()-int64(len(end))); err != nil {
		return err
	}
	var b []byte
	if len(end) > 0 && string(end) != "\n\n" {
		b = append(b, "\n\n"...)
	}
	if _, err := f.Write(append(append(b, signed...), '\n')); err != nil {
		return err
	}
	return f.Sync()
}
