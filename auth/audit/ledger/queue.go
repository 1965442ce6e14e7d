package ledger

import "sync"

// queue collects what callers want written while the committer is busy.
type queue struct {
	mu     sync.Mutex
	open   *batch
	wake   chan struct{} // one token: there is something to look at
	closed bool
}

// A batch is written and made durable at once. One channel releases all of its
// callers.
type batch struct {
	bodies [][]byte
	flush  bool       // somebody waits, if only for what is written already
	sign   chan error // gets the outcome of a checkpoint after the batch; nil for none
	first  uint64
	err    error
	done   chan struct{}
}

func newBatch() *batch { return &batch{done: make(chan struct{})} }

// release tells the callers of the batch how it ended.
func (b *batch) release() {
	if b.err != nil && b.sign != nil {
		b.sign <- b.err
	}
	close(b.done)
}

// add puts bodies into the open batch, and returns it and the index of the
// first of them.
func (q *queue) add(bodies [][]byte) (*batch, int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return nil, 0, ErrClosed
	}
	b, i := q.open, len(q.open.bodies)
	b.bodies = append(b.bodies, bodies...)
	b.flush = true
	q.kick()
	return b, i, nil
}

// sign asks for a checkpoint after the open batch. Who asks second waits for
// the batch after it.
func (q *queue) sign(done chan error) error {
	for {
		q.mu.Lock()
		if q.closed {
			q.mu.Unlock()
			return ErrClosed
		}
		b := q.open
		if b.sign == nil {
			b.sign, b.flush = done, true
			q.kick()
			q.mu.Unlock()
			return nil
		}
		q.mu.Unlock()
		<-b.done
	}
}

// kick wakes the committer.
func (q *queue) kick() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// take returns the open batch, nil when nobody waits.
func (q *queue) take() *batch {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.open.flush {
		return nil
	}
	b := q.open
	q.open = newBatch()
	return b
}

// close refuses further batches. It reports whether it was the first to do so.
func (q *queue) close() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	was := q.closed
	q.closed = true
	return !was
}
