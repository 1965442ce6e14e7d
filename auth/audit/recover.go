package audit

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/cordee-sante/cordee/auth/audit/ledger"
	"github.com/cordee-sante/cordee/fhir"
)

// An OpenChange was attested and never settled: the process stopped in
// between.
type OpenChange struct {
	Seq    uint64
	Ticket uint64
	Time   time.Time
	Keys   []fhir.Key // with the versions that it was about to write
}

// Unsettled returns the changes whose outcome was not known when the trail was
// opened.
func (t *Trail) Unsettled() []OpenChange { return slices.Clone(t.open) }

// Exists reports whether the store holds the version that key names, with a
// body of that SHA-256; for a tombstone the hash is zero.
type Exists func(ctx context.Context, key fhir.Key, hash [32]byte) (bool, error)

// Recover finds out how every open change ended, and records it, durable when
// it returns. Applied is the last ticket that the store has committed, 0 for
// none: only changes above it, and open ones, are looked for.
//
// It fails with a *LostError when the store lacks changes that had been
// settled, and with a *BehindError when the store knows of a ticket that the
// trail does not: one of the two was put back to an older state. The server
// then refuses to start, unless an operator accepts it (Config.Accept), which
// is recorded.
func (t *Trail) Recover(ctx context.Context, applied uint64, exists Exists) error {
	t.attest.Lock()
	defer t.attest.Unlock()
	if records := t.log.Next(); applied >= records {
		if err := t.accept(ctx, "trail.behind-store", nil, &BehindError{Who: "the store", Reached: applied, Records: records}); err != nil {
			return err
		}
	}
	changes, err := t.changes(min(applied, t.index.settled()))
	if err != nil {
		return err
	}
	var closures [][]byte
	var lost []fhir.Key
	for _, c := range changes {
		if c.settled && (!c.took || c.item.Ticket <= applied) || c.closed {
			continue
		}
		missing, err := absent(ctx, c.item.Record.Entries, exists)
		if err != nil {
			return err
		}
		took := len(missing) == 0
		if !took && (c.settled || len(missing) < written(c.item.Record.Entries)) {
			lost = append(lost, missing...) // it took effect once: all of it or nothing
			continue
		}
		if !c.settled {
			body, err := encode(Item{Kind: KindClosed, Of: c.item.Seq, Ticket: c.item.Ticket, Took: took})
			if err != nil {
				return err
			}
			closures = append(closures, body)
		}
	}
	if len(lost) > 0 {
		if err := t.accept(ctx, "trail.store-lost", lost, &LostError{Missing: lost}); err != nil {
			return err
		}
	}
	if len(closures) > 0 {
		if _, err := t.log.Append(closures...); err != nil {
			return unavailable("audit.Recover", err)
		}
	}
	t.recovered = true
	return nil
}

// accept records a loss, and returns err unless an operator accepts it.
func (t *Trail) accept(ctx context.Context, reason string, lost []fhir.Key, err error) error {
	r := Record{Interaction: InteractionAlarm, Outcome: MajorFailure, Reason: reason, Query: Query{Clean: "refused to start"}}
	if t.cfg.Accept != "" {
		r.Query.Clean = "accepted: " + t.cfg.Accept
	}
	for _, k := range lost {
		r.Entries = append(r.Entries, Entry{Key: k})
	}
	if recordErr := t.Record(ctx, r); recordErr != nil {
		return errors.Join(err, recordErr)
	}
	if t.cfg.Accept != "" {
		return nil
	}
	return err
}

// absent returns the keys that a change wrote and the store does not hold.
func absent(ctx context.Context, entries []Entry, exists Exists) (missing []fhir.Key, err error) {
	for _, e := range entries {
		if !e.writes() {
			continue
		}
		ok, err := exists(ctx, e.Key, e.Hash)
		if err != nil {
			return nil, err
		}
		if !ok {
			missing = append(missing, e.Key)
		}
	}
	return missing, nil
}

// writes reports whether the entry made a version.
func (e Entry) writes() bool {
	return e.Effect == fhir.Created || e.Effect == fhir.Updated || e.Effect == fhir.Deleted
}

func written(entries []Entry) (n int) {
	for _, e := range entries {
		if e.writes() {
			n++
		}
	}
	return n
}

// change is a change record with what the log says of its outcome.
type change struct {
	item                  Item
	settled, took, closed bool
}

// changes reads the change records from a number on.
func (t *Trail) changes(from uint64) ([]change, error) {
	var all []change
	byTicket := map[uint64][]int{}
	bySeq := map[uint64]int{}
	for e, err := range t.log.Entries(t.log.SegmentOf(from)) {
		if err != nil {
			return nil, err
		}
		if e.Seq < from || Kind(e.Body[0]) == KindRequest {
			continue
		}
		it, err := Decode(e)
		if err != nil {
			return nil, &ledger.DamageError{What: err.Error(), First: e.Seq, Last: e.Seq}
		}
		switch it.Kind {
		case KindChange:
			byTicket[it.Ticket] = append(byTicket[it.Ticket], len(all))
			bySeq[it.Seq] = len(all)
			all = append(all, change{item: it})
		case KindSettled:
			for _, i := range byTicket[it.Ticket] {
				all[i].settled, all[i].took = true, it.Took
			}
		case KindClosed:
			if i, ok := bySeq[it.Of]; ok {
				all[i].closed = true
			}
		}
	}
	return all, nil
}

// unsettled lists the open changes. The index never moves past one, so that
// nothing before its position is open.
func (t *Trail) unsettled() ([]OpenChange, error) {
	all, err := t.changes(t.index.settled())
	if err != nil {
		return nil, err
	}
	var open []OpenChange
	for _, c := range all {
		if c.settled || c.closed {
			continue
		}
		o := OpenChange{Seq: c.item.Seq, Ticket: c.item.Ticket, Time: c.item.Time}
		for _, e := range c.item.Record.Entries {
			o.Keys = append(o.Keys, e.Key)
		}
		open = append(open, o)
	}
	return open, nil
}
