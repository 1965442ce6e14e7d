package audit

import (
	"context"
	"errors"
	"time"

	"github.com/cordee-sante/cordee/fhir/kv"
)

const (
	// collect is how long the follower waits for more before it writes: one
	// transaction of the engine costs as much as its fsync, and the more records
	// there are, the more share a block. Who searches does not wait for it.
	collect = 250 * time.Millisecond
	// batchBytes of keys and values go into one transaction; the smallest engine
	// takes 2.4 MiB.
	batchBytes = 1 << 20
	patience   = 5 * time.Second // between attempts, at most
)

// follow keeps the index up with the log until ctx ends.
func (x *index) follow(ctx context.Context) {
	wait := collect
	for ctx.Err() == nil {
		size, grown := x.log.Grown()
		if x.next.Seq >= size {
			select {
			case <-ctx.Done():
				return
			case <-grown:
				x.pause(ctx, collect)
				continue
			}
		}
		began := time.Now()
		if err := x.advance(ctx); err != nil && ctx.Err() == nil {
			x.note(err)
			x.pause(ctx, wait)
			wait = min(2*wait, patience)
			continue
		}
		x.note(nil)
		wait = collect
		x.pause(ctx, min(time.Since(began), collect)) // requests come first: half of one processor is enough
	}
}

// pause waits, less when somebody is in a hurry.
func (x *index) pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-x.hurry:
	}
}

// note keeps why the index does not follow, and logs when that changes.
func (x *index) note(err error) {
	x.mu.Lock()
	was := x.failure
	x.failure = err
	x.mu.Unlock()
	if err != nil && (was == nil || was.Error() != err.Error()) {
		x.trail.complain(context.Background(), "the search index does not follow", err)
	}
}

// advance takes in records up to one transaction's worth. What it read of the
// pending changes is put back when the engine fails.
func (x *index) advance(ctx context.Context) error {
	next, pending := x.next, x.pending.clone()
	found := newBlocks()
	for e, err := range x.log.Entries(next.Place) {
		if err != nil {
			return err
		}
		it, err := Decode(e)
		if err != nil {
			return err
		}
		pending.index(it, found)
		next = position{it.Seq + 1, e.Next()}
		if found.bytes >= batchBytes {
			break
		}
	}
	saved := next
	if it, ok := pending.first(); ok {
		saved = position{it.Seq, it.Place}
	}
	if err := x.write(ctx, found.puts(), saved); err != nil {
		return err
	}
	x.next, x.pending = next, pending
	x.mu.Lock()
	defer x.mu.Unlock()
	x.saved, x.seen = saved, next.Seq
	if x.moved != nil {
		close(x.moved)
		x.moved = nil
	}
	return nil
}

// index adds what one more record puts into the index: nothing for a change
// until its outcome is known.
func (p pending) index(it Item, to *blocks) {
	switch it.Kind {
	case KindRequest:
		to.add(it, asRecorded)
		return
	case KindChange:
		p.add(it)
		return
	}
	items, ended := p.take(it)
	for _, c := range items {
		to.add(c, ended)
	}
}

// write puts the entries and the position, in halves when a giant record has
// made them too many for one transaction: postings are the same when they are
// written again.
func (x *index) write(ctx context.Context, puts []kv.Entry, p position) error {
	err := x.engine.Update(ctx, func(w kv.Writer) error {
		for _, e := range puts {
			if err := w.Put(e.Key, e.Value); err != nil {
				return err
			}
		}
		return w.Put([]byte{positionKey}, p.value())
	})
	if !errors.Is(err, kv.ErrTooLarge) || len(puts) < 2 {
		return err
	}
	half := len(puts) / 2
	if err := x.write(ctx, puts[:half], x.position()); err != nil {
		return err
	}
	return x.write(ctx, puts[half:], p)
}

// catchUp waits until the index has taken in what was recorded before the call,
// but not for long. It reports whether it has.
func (x *index) catchUp(ctx context.Context) bool {
	want := x.log.Next()
	if seen, _, _ := x.reached(); seen >= want {
		return true
	}
	if err := x.log.Flush(); err != nil {
		return false
	}
	timeout := time.NewTimer(time.Second)
	defer timeout.Stop()
	for {
		select {
		case x.hurry <- struct{}{}:
		default:
		}
		seen, moved, failure := x.reached()
		if seen >= want {
			return true
		}
		if failure != nil {
			return false
		}
		select {
		case <-moved:
		case <-timeout.C:
			return false
		case <-ctx.Done():
			return false
		}
	}
}
