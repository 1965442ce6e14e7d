package ledger

import (
	"errors"
	"os"
	"time"
)

// An order asks the signer for a checkpoint.
type order struct {
	Checkpoint
	done chan error // gets the outcome; nil when nobody waits
}

// order returns the order for a checkpoint of everything written, when one is
// due or somebody waits for it. The caller holds l.mu.
func (l *Log) order(wanted chan error) *order {
	fresh, age := l.next-l.ordered.Size, time.Since(l.orderAt)
	due := fresh > 0 && (age >= l.cfg.SignEvery || fresh >= l.cfg.SignRecords && age >= time.Second)
	if !due && wanted == nil {
		return nil
	}
	return &order{Checkpoint{Origin: l.cfg.Origin, Size: l.next, Root: l.tree.root()}, wanted}
}

// offer hands an order to the signer. One that nobody waits for is dropped when
// the signer is busy: the next batch brings a newer one.
func (l *Log) offer(o order) {
	if o.done == nil {
		select {
		case l.orders <- o:
		default:
			return
		}
	} else {
		l.orders <- o
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ordered, l.orderAt = o.Checkpoint, time.Now()
}

// sign is the signer: the goroutine that turns orders into checkpoints, so that
// no record waits for a signature or for a second disk.
func (l *Log) sign() {
	for o := range l.orders {
		err := l.signOne(o.Checkpoint)
		if err != nil {
			l.fail(err)
		}
		if o.done != nil {
			o.done <- err
		}
	}
}

// signOne signs and keeps a checkpoint. The hashes that it stands on are made
// durable first. A mirror that cannot be written is reported by Status and does
// not stop the log: the checkpoint beside it is kept.
func (l *Log) signOne(c Checkpoint) error {
	if l.Signed() == c.Size {
		return nil
	}
	if err := l.hashes.Sync(); err != nil {
		return err
	}
	signed, err := c.sign(l.key)
	if err != nil {
		return err
	}
	if err := appendNote(l.signed, signed); err != nil {
		return err
	}
	mirrored := l.mirror(signed)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.status.Signed, l.status.SignedAt, l.status.Mirror = c.Size, time.Now(), mirrored
	return nil
}

// mirror appends a checkpoint to the copy outside.
func (l *Log) mirror(signed []byte) error {
	if l.cfg.Mirror == "" {
		return nil
	}
	f, err := os.OpenFile(l.cfg.Mirror, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	return errors.Join(appendNote(f, signed), f.Close())
}

// Signed returns the size that the latest checkpoint covers.
func (l *Log) Signed() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.status.Signed
}

// Status is how a log is doing.
type Status struct {
	Written  uint64 // records
	Durable  uint64 // of them
	Signed   uint64 // of them under the latest checkpoint
	SignedAt time.Time
	Mirror   error // why the latest checkpoint is not in the copy outside; nil when it is, or none is wanted
	Segments int
	Failure  error // why nothing more can be written; nil while all is well
}

// Status returns how the log is doing.
func (l *Log) Status() Status {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.status
	s.Written, s.Durable, s.Segments, s.Failure = l.next, l.durable, len(l.segments), l.Err()
	return s
}
