package ledger

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Open takes the lock of the log, makes sure that it holds everything that it
// acknowledged, and makes it ready to be written. It fails with ErrLocked when
// another process holds it, and with a *DamageError when a durable record is
// altered or gone; it then changes nothing.
//
// It reads the last segment only. Verify reads them all.
func Open(cfg Config) (*Log, error) {
	if err := cfg.defaults(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, err
	}
	lock, err := takeLock(cfg.Dir)
	if err != nil {
		return nil, err
	}
	l := newLog(cfg, lock)
	if err := l.load(); err != nil {
		return nil, errors.Join(err, l.closeFiles())
	}
	l.start()
	return l, nil
}

func takeLock(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := flock(f); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %w", ErrLocked, err), f.Close())
	}
	return f, nil
}

// load brings the log to the state in which it was left.
func (l *Log) load() error {
	firsts, err := segments(l.cfg.Dir)
	if err != nil {
		return err
	}
	if l.hashes, err = openAppend(filepath.Join(l.cfg.Dir, hashFile)); err != nil {
		return err
	}
	if l.signed, err = openAppend(filepath.Join(l.cfg.Dir, checkpointFile)); err != nil {
		return err
	}
	signed, err := l.signed.Stat()
	if err != nil {
		return err
	}
	l.key, err = openKey(l.cfg.Keys, l.cfg.Dir, l.cfg.Origin, len(firsts) == 0 && signed.Size() == 0)
	if err != nil {
		return err
	}
	l.segments = firsts
	t, err := l.loadTail()
	if err != nil {
		return err
	}
	if err := l.loadHashes(t); err != nil {
		return err
	}
	if err := l.checkSigned(); err != nil {
		return err
	}
	return l.resume(t)
}

// resume makes the last segment writable again, without what an interrupted
// write left behind, which is set aside.
func (l *Log) resume(t tail) error {
	l.next, l.durable, l.lastTime = t.next, t.next, t.time
	l.end = Place{Segment: t.first, Offset: t.end}
	if len(l.segments) == 0 {
		return l.begin()
	}
	if len(t.torn) > 0 {
		if err := l.setAside(t); err != nil {
			return err
		}
	}
	first := l.segments[len(l.segments)-1]
	path := filepath.Join(l.cfg.Dir, segmentName(first))
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if sealed(info) { // stopped between closing one segment and beginning the next
		return l.begin()
	}
	if l.file, err = os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0); err != nil {
		return err
	}
	l.offset = t.end
	if err := l.file.Truncate(t.end); err != nil {
		return err
	}
	return l.file.Sync()
}

// setAside keeps the bytes of an interrupted write: nobody was told that they
// were kept, but they may say what somebody was about to do.
func (l *Log) setAside(t tail) error {
	f, err := create(filepath.Join(l.cfg.Dir, fmt.Sprintf("torn-%020d", t.next)), os.O_WRONLY)
	if errors.Is(err, fs.ErrExist) {
		return nil // set aside before, when the start was interrupted in its turn
	}
	if err != nil {
		return err
	}
	_, err = f.Write(t.torn)
	l.torn = len(t.torn)
	return errors.Join(err, f.Sync(), f.Close())
}

func openAppend(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
}
