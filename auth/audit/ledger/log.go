package ledger

import (
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// A Log is an open log. It is safe for concurrent use.
type Log struct {
	cfg  Config
	key  Key
	lock *os.File
	torn int // bytes of an interrupted write that Open set aside

	queue queue

	mu       sync.Mutex // of what follows: the writing end
	file     *os.File   // segment being written
	offset   int64      // where its next frame goes
	segments []uint64   // first record of every segment
	next     uint64     // number of the next record
	durable  uint64     // records that are durable
	end      Place      // after them
	lastTime time.Time
	tree     tree
	pending  []byte // stored hashes of records that are not durable yet, or not yet in the file
	buf      []byte
	ordered  Checkpoint // the last that was ordered from the signer
	orderAt  time.Time
	grown    chan struct{} // closed when durable grows; nil while nobody waits
	status   Status

	hashes, signed *os.File // written by the committer and by the signer alone
	failure        atomic.Pointer[error]
	orders         chan order // to the signer
	left           room
	written        atomic.Uint64 // bytes, since Open
	stop           chan struct{}
	running        sync.WaitGroup
	datasync       func(*os.File) error // replaced to inject faults
	free           func(dir string) (uint64, error)
}

func newLog(cfg Config, lock *os.File) *Log {
	return &Log{
		cfg: cfg, lock: lock,
		queue:    queue{wake: make(chan struct{}, 1), open: newBatch()},
		orders:   make(chan order, 1),
		stop:     make(chan struct{}),
		datasync: datasync,
		free:     free,
	}
}

func (l *Log) start() {
	l.running.Go(l.commit)
	l.running.Go(l.sign)
}

// Append writes one record for each body, with numbers that follow one another,
// and returns the first of them once all are durable. The bodies must not be
// modified before that.
func (l *Log) Append(bodies ...[]byte) (first uint64, err error) {
	for _, b := range bodies {
		if len(b) == 0 || len(b) > MaxBody {
			return 0, ErrTooBig
		}
	}
	if err := l.Err(); err != nil {
		return 0, err
	}
	b, i, err := l.queue.add(bodies)
	if err != nil {
		return 0, err
	}
	<-b.done
	return b.first + uint64(i), b.err
}

// Write writes a record that becomes durable with the next one, or a moment
// later. Its number is returned.
func (l *Log) Write(body []byte) (uint64, error) {
	if len(body) == 0 || len(body) > MaxBody {
		return 0, ErrTooBig
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.Err(); err != nil {
		return 0, err
	}
	if l.file == nil {
		return 0, ErrClosed
	}
	seq, err := l.put([][]byte{body})
	l.queue.kick()
	return seq, err
}

// Sign returns when a checkpoint of everything written so far is signed and
// kept.
func (l *Log) Sign() error {
	done := make(chan error, 1)
	if err := l.queue.sign(done); err != nil {
		return err
	}
	return <-done
}

// Flush returns when everything written so far is durable.
func (l *Log) Flush() error {
	if err := l.Err(); err != nil {
		return err
	}
	b, _, err := l.queue.add(nil)
	if err != nil {
		return err
	}
	<-b.done
	return b.err
}

// Err returns why nothing more can be written; nil while all is well.
func (l *Log) Err() error {
	if p := l.failure.Load(); p != nil {
		return *p
	}
	return nil
}

// fail makes err the answer to everything that follows. After a failed fsync
// the kernel may have dropped the pages, so trying again would lie.
func (l *Log) fail(err error) error {
	err = errors.Join(ErrFailed, err)
	l.failure.CompareAndSwap(nil, &err)
	return l.Err()
}

// Key returns the key that signs the checkpoints.
func (l *Log) Key() Key { return l.key }

// Torn returns how many bytes of an interrupted write Open set aside.
func (l *Log) Torn() int { return l.torn }

// Next returns the number that the next record gets.
func (l *Log) Next() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.next
}

// Size returns how many records are durable.
func (l *Log) Size() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.durable
}

// Grown returns the number of durable records, and a channel that is closed
// when there are more.
func (l *Log) Grown() (uint64, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.grown == nil {
		l.grown = make(chan struct{})
	}
	return l.durable, l.grown
}

// Close makes everything durable, signs a last checkpoint and gives the lock
// back. It returns the failure of the log if there was one.
func (l *Log) Close() error {
	if !l.queue.close() {
		return ErrClosed
	}
	close(l.stop)
	l.running.Wait()
	return errors.Join(l.Err(), l.closeFiles())
}

func (l *Log) closeFiles() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var errs []error
	for _, f := range []**os.File{&l.file, &l.hashes, &l.signed, &l.lock} {
		if *f != nil {
			errs = append(errs, (*f).Close())
			*f = nil
		}
	}
	return errors.Join(errs...)
}
