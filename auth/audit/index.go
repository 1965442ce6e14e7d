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
const indexVersion = 2

// position is how far the index has followed the log: everything before it is
// indexed. It never moves past a change whose outcome is not known yet.
type position struct {
	Seq   uint64
	Place ledger.Place
}

func (p position) value() []byte {
	b := binary.BigEndian.AppendUint64([]byte{indexVersion}, p.Seq)
	b = binary.BigEndian.AppendUint64(b, p.Place.Segment)
	return binary.BigEndian.AppendUint64(b, uint64(p.Place.Offset))
}

func positionOf(v []byte) (position, bool) {
	if len(v) != 25 || v[0] != indexVersion {
		return position{}, false
	}
	return position{binary.BigEndian.Uint64(v[1:]), ledger.Place{
		Segment: binary.BigEndian.Uint64(v[9:]), Offset: int64(binary.BigEndian.Uint64(v[17:])),
	}}, true
}

// index follows the log into the engine.
type index struct {
	engine kv.Engine
	log    *ledger.Log
	trail  *Trail

	hurry chan struct{} // somebody waits: do not collect

	mu      sync.Mutex
	saved   position      // as it stands in the engine
	seen    uint64        // records taken in, pending ones included
	moved   chan struct{} // closed when seen grows; nil while nobody waits
	failure error         // why the index does not follow; nil while it does

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
		if err == nil {
			value = values[0]
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("audit: position of the index: %w", err)
	}
	p, ok := positionOf(value)
	if ok && p.Seq > t.log.Next() {
		behind = &BehindError{Who: "the index", Reached: p.Seq - 1, Records: t.log.Next()}
		if t.cfg.Accept == "" {
			return nil, behind
		}
		ok = false
	}
	if !ok {
		p = position{}
		if err := x.clear(ctx); err != nil {
			return nil, err
		}
	}
	x.saved, x.next, x.seen = p, p, p.Seq
	t.index = x
	return behind, nil
}

// clear deletes the whole index, in steps that fit into a transaction.
func (x *index) clear(ctx context.Context) error {
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

// position returns how far the engine has followed.
func (x *index) position() position {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.saved
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
