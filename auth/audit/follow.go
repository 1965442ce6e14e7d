package audit

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/cordee-sante/cordee/fhir/kv"
)

const (
	// collect is how long the follower waits for more before it takes records in,
	// and notes in the engine how far it is. Who searches does not wait for it.
	collect = 250 * time.Millisecond
	// takeMost records are taken in at a time.
	takeMost = 1 << 14
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
		if x.next.Seq >= size && wait == collect {
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

// advance takes in some records, and writes what is to be written: the chapters
// that are full, and how far it has come. It takes in no more while a full one
// cannot be written, so that memory is bounded.
func (x *index) advance(ctx context.Context) error {
	if err := x.writeFull(ctx); err != nil {
		return err
	}
	if err := x.take(); err != nil {
		return err
	}
	if err := x.writeFull(ctx); err != nil || x.now().Seq <= x.saved.settled.Seq {
		return err
	}
	return x.save(ctx, nil)
}

func (x *index) writeFull(ctx context.Context) error {
	for x.full() {
		if err := x.writeChapter(ctx); err != nil {
			return err
		}
	}
	return nil
}

// take reads records of the log into memory.
func (x *index) take() error {
	n := 0
	for e, err := range x.log.Entries(x.next.Place) {
		if err != nil {
			return err
		}
		it, err := Decode(e)
		if err != nil {
			return err
		}
		x.mu.Lock()
		if len(x.open) == 0 || x.open[len(x.open)-1].number != chapterOf(it.Seq) {
			x.open = append(x.open, &chapter{number: chapterOf(it.Seq), began: position{it.Seq, it.Place}})
		}
		x.pending.index(it, x.add)
		x.mu.Unlock()
		x.next = position{it.Seq + 1, e.Next()}
		if n++; n == takeMost {
			break
		}
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.seen = x.next.Seq
	if x.moved != nil {
		close(x.moved)
		x.moved = nil
	}
	return nil
}

// add puts a record into its chapter. Of one whose chapter is written, from
// before the trail was opened, nothing is left to do.
func (x *index) add(it Item, ended ending) {
	for _, c := range x.open {
		if c.number == chapterOf(it.Seq) {
			c.add(it, ended)
		}
	}
}

// index calls add for what one more record brings to the index: nothing for a
// change until its outcome is known.
func (p pending) index(it Item, add func(Item, ending)) {
	switch it.Kind {
	case KindRequest:
		add(it, asRecorded)
		return
	case KindChange:
		p.add(it)
		return
	}
	items, ended := p.take(it)
	for _, c := range items {
		add(c, ended)
	}
}

// now is the first record that is not taken in, or the first change whose
// outcome is not known.
func (x *index) now() position {
	if it, ok := x.pending.first(); ok {
		return position{it.Seq, it.Place}
	}
	return x.next
}

// full reports whether the oldest chapter in memory is complete.
func (x *index) full() bool { return len(x.open) > 0 && x.now().Seq >= x.open[0].end() }

// writeChapter writes the oldest chapter in memory. Searches find it in one of
// the two places: where it was until it is where it will be.
func (x *index) writeChapter(ctx context.Context) error {
	c := x.open[0]
	if err := x.drop(ctx, blockPrefix(c.number)); err != nil { // of an attempt that ended halfway
		return err
	}
	x.mu.Lock()
	entries := c.puts()
	x.mu.Unlock()
	if err := x.save(ctx, append(entries, c.extent().entry())); err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.extents, x.open = append(x.extents, c.extent()), x.open[1:]
	return nil
}

// drop deletes what is under a prefix.
func (x *index) drop(ctx context.Context, prefix []byte) error {
	var stale []kv.Entry
	err := x.engine.View(ctx, func(r kv.Reader) error {
		rg := kv.Prefix(prefix)
		rg.KeysOnly = true
		for e, err := range r.Scan(ctx, rg) {
			if err != nil {
				return err
			}
			stale = append(stale, kv.Entry{Key: bytes.Clone(e.Key)})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return x.write(ctx, stale)
}

// save writes entries of the oldest chapter in memory, if any, and then how far
// the index has come.
func (x *index) save(ctx context.Context, entries []kv.Entry) error {
	p := progress{settled: x.now(), written: x.next}
	if p.settled.Seq < x.saved.settled.Seq {
		p.settled = x.saved.settled // still reading again what the process before had read (R06)
	}
	rest := x.open
	if len(entries) > 0 {
		rest = rest[1:]
	}
	if len(rest) > 0 {
		p.written = rest[0].began
	}
	if err := x.write(ctx, append(entries, p.entry())); err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.saved = p
	return nil
}

// write puts entries, and deletes those without a value, in their order and in
// as many transactions as it takes.
func (x *index) write(ctx context.Context, entries []kv.Entry) error {
	for len(entries) > 0 {
		n, size := 0, 0
		for n < len(entries) && size < batchBytes {
			size += len(entries[n].Key) + len(entries[n].Value)
			n++
		}
		if err := x.writeSome(ctx, entries[:n]); err != nil {
			return err
		}
		entries = entries[n:]
	}
	return nil
}

// writeSome writes entries in one transaction, or in halves when they are too
// many for one.
func (x *index) writeSome(ctx context.Context, entries []kv.Entry) error {
	err := x.engine.Update(ctx, func(w kv.Writer) error {
		for _, e := range entries {
			var err error
			if e.Value == nil {
				err = w.Delete(e.Key)
			} else {
				err = w.Put(e.Key, e.Value)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if half := len(entries) / 2; errors.Is(err, kv.ErrTooLarge) && half > 0 {
		if err = x.writeSome(ctx, entries[:half]); err == nil {
			err = x.writeSome(ctx, entries[half:])
		}
	}
	return err
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
