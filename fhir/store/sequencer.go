package store

import (
	"context"
	"encoding/binary"
	"errors"
	"sync"
	"time"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
)

// Limits of one batch. An engine transaction has a cap (Badger: 9.6 MB), and a
// long batch keeps its first commit waiting.
const (
	batchCommits = 128
	batchBytes   = 2 << 20
	queueLength  = 1024
)

// A sequencer writes the commits of one process, many at once: one engine
// transaction and one durable append to the trail for a whole batch. Within a
// batch the commits are evaluated one after the other, each seeing those
// before, so conditions hold without locks; the failure of one leaves its
// neighbours alone. See docs/adr for why there is one.
type sequencer struct {
	store   *Store
	witness fhir.Witness
	queue   chan *commit
	last    uint64 // last sequence number given out
	room    room   // of the next transaction

	closing sync.RWMutex // held for reading while a commit is being queued
	closed  bool
	done    chan struct{}
}

func startSequencer(s *Store, w fhir.Witness, last uint64) *sequencer {
	q := &sequencer{store: s, witness: w, last: last, queue: make(chan *commit, queueLength), done: make(chan struct{})}
	go q.run()
	return q
}

// submit hands a commit over and waits for its outcome. A caller that goes
// away does not stop a commit that was queued: it happens or it does not, and
// the trail says which.
func (q *sequencer) submit(p *commit) ([]fhir.Resource, error) {
	q.closing.RLock()
	if q.closed {
		q.closing.RUnlock()
		return nil, errUnavailable(kv.ErrClosed)
	}
	select {
	case q.queue <- p:
		q.closing.RUnlock()
	case <-p.ctx.Done():
		q.closing.RUnlock()
		return nil, errUnavailable(p.ctx.Err())
	}
	<-p.done
	return p.results, p.err
}

// upkeep runs f between the commits, in one of their transactions. f fails only
// for faults of the engine, which fail the commits beside it too.
func (q *sequencer) upkeep(ctx context.Context, f func(*transaction) error) error {
	_, err := q.submit(&commit{ctx: ctx, upkeep: f, done: make(chan struct{})})
	return err
}

// stop refuses new commits and waits for those that were queued.
func (q *sequencer) stop() {
	q.closing.Lock()
	if !q.closed {
		q.closed = true
		close(q.queue)
	}
	q.closing.Unlock()
	<-q.done
}

func (q *sequencer) run() {
	defer close(q.done)
	for first := range q.queue {
		batch := q.gather(first)
		q.write(batch)
		q.name(batch)
		for _, p := range batch {
			close(p.done)
		}
	}
}

// gather takes what is waiting: while one batch is being made durable the next
// one fills up, so no timer is needed.
func (q *sequencer) gather(first *commit) []*commit {
	batch, size := []*commit{first}, first.size
	for len(batch) < batchCommits && size < batchBytes {
		select {
		case p, open := <-q.queue:
			if !open {
				return batch
			}
			batch = append(batch, p)
			size += p.size
		default:
			return batch
		}
	}
	return batch
}

// errRetried settles the ticket of an attempt that the engine ran again.
var errRetried = errors.New("store: transaction retried")

// write makes one batch durable, or fails each of its commits.
func (q *sequencer) write(batch []*commit) {
	var ticket uint64
	var tx *transaction // of the attempt that succeeds
	err := q.store.engine.Update(context.Background(), func(w kv.Writer) (err error) {
		if ticket != 0 {
			q.witness.Settle(ticket, errRetried)
		}
		tx = newTransaction(q.store, w, q.now(), q.room)
		ticket, err = q.attempt(tx, batch)
		return err
	})
	if err == nil {
		q.store.epochs.carry(tx.policy)
	}
	if err == nil && tx.stamps[1] > 0 {
		q.store.stretches.carry(tx.stamps[0], tx.stamps[1], tx.posted)
		q.store.counts.carry(q.store.names, tx.stamps[0], tx.stamps[1], tx.posted)
	}
	if ticket != 0 {
		q.witness.Settle(ticket, err)
	}
	if tx != nil {
		q.room = tx.room.cleared()
	}
	if err == nil {
		return
	}
	if errors.Is(err, kv.ErrTooLarge) && len(batch) > 1 {
		for _, p := range batch { // each alone: one of them is too large, or all together were
			q.write([]*commit{p})
		}
		return
	}
	for _, p := range batch {
		p.results, p.err = nil, errOfEngine(err)
	}
}

// now is the time of a batch: lastUpdated never goes back, so that sequence
// numbers order as it does.
func (q *sequencer) now() time.Time {
	now := q.store.clock()
	if last := time.UnixMicro(int64(q.last)); now.Before(last) {
		return last
	}
	return now
}

// attempt evaluates the batch within one transaction and has it attested.
func (q *sequencer) attempt(tx *transaction, batch []*commit) (ticket uint64, err error) {
	ctx := context.Background()
	if err := tx.prefetch(ctx, batch); err != nil {
		return 0, err
	}
	var granted []fhir.Attestation
	for _, p := range batch {
		if p.upkeep != nil {
			if p.err = p.upkeep(tx); p.err != nil {
				return 0, p.err
			}
			continue
		}
		q.last = max(q.last+1, uint64(tx.now.UnixMicro()))
		p.results, p.err = tx.apply(p.ctx, p, q.last)
		if gone := p.ctx.Err(); gone != nil && errors.Is(p.err, gone) { // the neighbours are still there
			p.err = errUnavailable(p.err)
		}
		if isFault(p.err) {
			return 0, p.err
		}
		if p.err == nil {
			granted = append(granted, fhir.Attestation{Ctx: p.ctx, Results: p.results})
		}
	}
	q.last++
	if err := tx.stamp(ctx, q.last); err != nil {
		return 0, err
	}
	if len(granted) == 0 {
		return 0, nil
	}
	if ticket, err = q.witness.Attest(granted); err != nil {
		return 0, errUnavailable(err)
	}
	if err := tx.w.Put(metaTicket, binary.BigEndian.AppendUint64(nil, ticket)); err != nil {
		return ticket, err
	}
	return ticket, tx.w.Put(metaSeq, binary.BigEndian.AppendUint64(nil, q.last))
}

// isFault reports whether err is a fault of the engine, which ends the whole
// batch, and not the refusal of one commit.
func isFault(err error) bool {
	var refusal *fhir.Error
	return err != nil && !errors.As(err, &refusal)
}

// errOfEngine is how a fault of the engine reaches the client.
func errOfEngine(err error) error {
	var known *fhir.Error
	switch {
	case errors.As(err, &known):
		return err
	case errors.Is(err, kv.ErrTooLarge):
		return fhir.Errorf(fhir.TooLarge, "store.Commit", "transaction.too-large", fhir.CodeTooCostly, "",
			fhir.T("The change is too large to be made in one transaction; nothing was written.", "La modification est trop grande pour une seule transaction ; rien n'a été écrit."),
			fhir.T("Split the Bundle, or send large documents one by one.", "Divisez le Bundle, ou envoyez les documents volumineux un par un.")).Wrap(err)
	case errors.Is(err, kv.ErrConflict):
		return fhir.Errorf(fhir.Conflict, "store.Commit", "store.conflict", fhir.CodeConflict, "",
			fhir.T("Another change came in between; nothing was written.", "Une autre modification s'est interposée ; rien n'a été écrit."),
			fhir.T("Send the request again.", "Renvoyez la requête.")).Wrap(err)
	case errors.Is(err, kv.ErrFull):
		return fhir.Errorf(fhir.InsufficientStorage, "store.Commit", "store.full", fhir.CodeNoStore, "",
			fhir.T("The disk is nearly full: nothing is written until there is room. Reads go on.", "Le disque est presque plein : aucune écriture tant que la place manque. Les lectures continuent."),
			fhir.T("Free or add disk space.", "Libérez ou ajoutez de l'espace disque.")).Wrap(err)
	case errors.Is(err, kv.ErrClosed), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return errUnavailable(err)
	}
	return err
}

func errUnavailable(err error) error {
	return fhir.Errorf(fhir.Unavailable, "store.Commit", "store.unavailable", fhir.CodeTransient, "",
		fhir.T("The change could not be made durable; nothing was written.", "La modification n'a pas pu être rendue durable ; rien n'a été écrit."),
		fhir.T("Try again later.", "Réessayez plus tard.")).Wrap(err)
}
