package ledger

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// commit is the committer: the one goroutine that makes records durable. While
// it waits for the disk the next batch fills up, so that many callers share one
// write and one fdatasync.
func (l *Log) commit() {
	defer close(l.orders)
	tick := time.NewTicker(max(l.cfg.SignEvery/4, time.Millisecond))
	defer tick.Stop()
	var lingering <-chan time.Time
	for {
		select {
		case <-l.queue.wake:
			runtime.Gosched() // who is about to record comes along
			if b := l.queue.take(); b != nil {
				l.write(b)
				lingering = nil
			} else if lingering == nil {
				lingering = time.After(linger)
			}
		case <-lingering:
			l.write(newBatch())
			lingering = nil
		case <-tick.C:
			l.write(newBatch())
		case <-l.stop:
			b := l.queue.take()
			if b == nil {
				b = newBatch()
			}
			b.sign = make(chan error, 1)
			l.write(b)
			return
		}
	}
}

// write makes a batch and everything written before it durable, and releases
// its callers. The callers of a batch that fails are told so, and nobody else
// is served after that.
func (l *Log) write(b *batch) {
	defer b.release()
	if b.err = l.Err(); b.err != nil {
		return
	}
	if b.err = l.room(); b.err != nil && len(b.bodies) > 0 {
		return
	}
	m, err := l.putBatch(b)
	if err == nil && m.next > m.durable {
		err = l.datasync(m.file)
	}
	if err == nil {
		err = l.settle(m)
	}
	if err != nil {
		b.err = l.fail(err)
		return
	}
	b.err = nil
	if m.order != nil {
		l.offer(*m.order)
	}
}

// mark is how far the log was written when a sync began: so far it is durable
// once the sync ends.
type mark struct {
	file          *os.File
	next, durable uint64
	end           Place
	hashes        int    // bytes of pending that belong to it
	order         *order // for a checkpoint of it, when one is due
}

func (l *Log) putBatch(b *batch) (mark, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.offset >= l.cfg.SegmentSize {
		if err := l.roll(); err != nil {
			return mark{}, err
		}
	}
	var err error
	if len(b.bodies) > 0 {
		b.first, err = l.put(b.bodies)
	}
	return mark{
		file: l.file, next: l.next, durable: l.durable,
		end:    Place{Segment: l.segments[len(l.segments)-1], Offset: l.offset},
		hashes: len(l.pending), order: l.order(b.sign),
	}, err
}

// put writes frames for the bodies, without a sync. The caller holds l.mu.
func (l *Log) put(bodies [][]byte) (first uint64, err error) {
	now := l.cfg.Clock().UTC().Truncate(time.Millisecond)
	l.buf = l.buf[:0]
	if back := l.lastTime.Sub(now); back > stepTolerance && l.cfg.Stepped != nil {
		l.frame(now, l.cfg.Stepped(back))
	}
	l.lastTime = now
	first = l.next
	for _, body := range bodies {
		l.frame(now, body)
	}
	n, err := l.file.Write(l.buf)
	l.offset += int64(n)
	l.written.Add(uint64(n))
	if err != nil {
		return 0, l.fail(err)
	}
	if cap(l.buf) > 4<<20 {
		l.buf = nil // a rare giant must not be kept for ever
	}
	return first, nil
}

// frame adds one record to the buffer and to the tree.
func (l *Log) frame(now time.Time, body []byte) {
	var salt [saltSize]byte
	rand.Read(salt[:]) // never fails (crypto/rand)
	var payload int
	e := Entry{Seq: l.next, Undurable: uint32(l.next - l.durable), Time: now, Body: body}
	l.buf, payload = appendFrame(l.buf, e, salt)
	l.pending = l.tree.add(tlog.RecordHash(l.buf[payload:]), l.pending)
	l.next++
}

// settle notes that everything up to m is durable, and only then writes its
// hashes: a hash without its record means a lost record.
func (l *Log) settle(m mark) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if m.hashes > 0 {
		if _, err := l.hashes.Write(l.pending[:m.hashes]); err != nil {
			return err
		}
		l.pending = append(l.pending[:0], l.pending[m.hashes:]...)
	}
	if m.next > l.durable {
		l.durable, l.end = m.next, m.end
		if l.grown != nil {
			close(l.grown)
			l.grown = nil
		}
	}
	return nil
}

// roll closes the segment for ever and begins the next. The caller holds l.mu.
func (l *Log) roll() error {
	if err := l.datasync(l.file); err != nil {
		return err
	}
	if err := seal(l.file); err != nil {
		return err
	}
	l.file = nil
	return l.begin()
}

// begin makes a new segment.
func (l *Log) begin() (err error) {
	l.file, err = create(filepath.Join(l.cfg.Dir, segmentName(l.next)), os.O_WRONLY|os.O_APPEND)
	if err != nil {
		return err
	}
	l.offset = 0
	l.segments = append(l.segments, l.next)
	return nil
}
