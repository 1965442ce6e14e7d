package audit

import (
	"context"
	"encoding/binary"
	"fmt"
	"sync"

	"github.com/cordee-sante/cordee/auth/audit/ledger"
	"github.com/cordee-sante/cordee/fhir/kv"
)

// indexVersion grows with the layout of the keys: an index of another version
// is built anew from the log.
const indexVersion = 3

// position is a record of the log and its place.
type position struct {
	Seq   uint64
	Place ledger.Place
}

// progress is how far the index has followed the log. Before settled every
// record is taken in, and no outcome of a change unknown. Before written every
// record is in a chapter that the engine has: what follows is read again when
// the trail is opened.
type progress struct{ settled, written position }

func (p progress) entry() kv.Entry {
	b := []byte{indexVersion}
	for _, at := range []position{p.settled, p.written} {
		b = binary.BigEndian.AppendUint64(b, at.Seq)
		b = binary.BigEndian.AppendUint64(b, at.Place.Segment)
		b = binary.BigEndian.AppendUint64(b, uint64(at.Place.Offset))
	}
	return kv.Entry{Key: []byte{positionKey}, Value: b}
}

func progressOf(v []byte) (p progress, ok bool) {
	if len(v) != 49 || v[0] != indexVersion {
		return progress{}, false
	}
	v = v[1:]
	for _, at := range []*position{&p.settled, &p.written} {
		*at = position{binary.BigEndian.Uint64(v), ledger.Place{Segment: binary.BigEndian.Uint64(v[8:]), Offset: int64(binary.BigEndian.Uint64(v[16:]))}}
		v = v[24:]
	}
	return p, true
}

// index follows the log: into memory first, and into the engine chapter by
// chapter.
type index struct {
	engine kv.Engine
	log    *ledger.Log
	trail  *Trail

	hurry chan struct{} // somebody waits: do not collect

	mu      sync.Mutex
	saved   progress      // as it stands in the engine
	seen    uint64        // records taken in, pending ones included
	moved   chan struct{} // closed when seen grows; nil while nobody waits
	failure error         // why the index does not follow; nil while it does
	extents []extent      // the chapters that the engine has, oldest first
	open    []*chapter    // the others, oldest first

	next    position // the record to read next; the follower's alone, as is
	pending pending
}

// openIndex reads the position. An index that cannot be one of this log is an
// error: the log was put back to an older state. Where an operator accepts that,
// the index is built anew and what is accepted is returned, to be recorded.
func (t *Trail) openIndex(ctx context.Context) (behind *BehindError, err error) {
	x := &index{engine: t.cfg.Engine, log: t.log, trail: t, hurry: make(chan struct{}, 1), pending: newPending()}
	var value []byte
	err = x.engine.View(ctx, func(r kv.Reader) error {
		values, err := r.Get(ctx, []byte{positionKey})
		if err != nil {
			return err
		}
		value = values[0]
		for e, err := range r.Scan(ctx, kv.Prefix([]byte{famExtent})) {
			if err != nil {
				return err
			}
			s, err := extentOf(e)
			if err != nil {
				return err
			}
			x.extents = append(x.extents, s)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("audit: position of the index: %w", err)
	}
	p, ok := progressOf(value)
	if ok && p.settled.Seq > t.log.Next() {
		behind = &BehindError{Who: "the index", Reached: p.settled.Seq - 1, Records: t.log.Next()}
		if t.cfg.Accept == "" {
			return nil, behind
		}
		ok = false
	}
	if !ok {
		p = progress{}
		if err := x.clear(ctx); err != nil {
			return nil, err
		}
	}
	x.saved, x.next, x.seen = p, p.written, p.written.Seq
	t.index = x
	return behind, nil
}

// clear deletes the whole index, in steps that fit into a transaction.
func (x *index) clear(ctx context.Context) error {
	x.extents = nil
	const step = 5000
	for {
		var keys [][]byte
		err := x.engine.View(ctx, func(r kv.Reader) error {
			keys = keys[:0]
			for e, err := range r.Scan(ctx, kv.Range{KeysOnly: true, Limit: step}) {
				if err != nil {
					return err
				}
				keys = append(keys, append([]byte(nil), e.Key...))
			}
			return nil
		})
		if err != nil || len(keys) == 0 {
			return err
		}
		err = x.engine.Update(ctx, func(w kv.Writer) error {
			for _, k := range keys {
				if err := w.Delete(k); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
}

// settled returns the number before which the outcome of every change is known.
func (x *index) settled() uint64 {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.saved.settled.Seq
}

// reached returns how many records are taken in, a channel that is closed when
// there are more, and why there may not be.
func (x *index) reached() (uint64, <-chan struct{}, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.moved == nil {
		x.moved = make(chan struct{})
	}
	return x.seen, x.moved, x.failure
}
