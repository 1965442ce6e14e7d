package audit

import (
	"context"
	"errors"

	"github.com/cordee-sante/cordee/fhir"
)

var _ fhir.Witness = (*Trail)(nil)

var (
	errNoPending    = errors.New("audit: a commit whose context carries no record of who asks (audit.WithPending)")
	errNotRecovered = errors.New("audit: the trail has open changes; Recover has not been called")
)

// Attest makes durable who is about to change what: for each commit the record
// that WithPending put into its context, with the keys, versions, effects and
// hashes of what it is about to write. The ticket is the number that the next
// record had before: records of a batch have numbers from its ticket on.
func (t *Trail) Attest(batch []fhir.Attestation) (ticket uint64, err error) {
	t.attest.Lock()
	defer t.attest.Unlock()
	if !t.recovered {
		return 0, unavailable("audit.Attest", errNotRecovered)
	}
	ticket = t.log.Next()
	bodies := make([][]byte, len(batch))
	for i, a := range batch {
		r, ok := PendingFrom(a.Ctx)
		if !ok {
			return 0, unavailable("audit.Attest", errNoPending)
		}
		bodies[i], err = encode(Item{Kind: KindChange, Ticket: ticket, Record: changes(r.of(a.Ctx), a.Results)})
		if err != nil {
			return 0, unavailable("audit.Attest", err)
		}
	}
	if _, err := t.log.Append(bodies...); err != nil {
		return 0, unavailable("audit.Attest", err)
	}
	return ticket, nil
}

// changes adds what a commit writes to the record of who asked for it.
func changes(r Record, results []fhir.Resource) Record {
	r.Entries = append([]Entry(nil), r.Entries...)
	for _, res := range results {
		if len(results) > 1 && res.Version == "" {
			continue // the delete of what is not there, in a transaction: it touched nothing
		}
		e := Entry{Key: res.Key, Effect: res.Effect, Patients: res.Facts.Patients}
		if len(res.Body) > 0 {
			e.Hash = res.Sum()
		}
		r.Entries = append(r.Entries, e)
	}
	return r
}

// Settle notes how the batch of the ticket ended. The note becomes durable with
// the next record or a moment later; without it, Recover finds out.
func (t *Trail) Settle(ticket uint64, err error) {
	it := Item{Kind: KindSettled, Ticket: ticket, Took: err == nil}
	if err != nil {
		it.Reason = reasonOf(err)
	}
	body, encodeErr := encode(it)
	if encodeErr == nil {
		_, encodeErr = t.log.Write(body)
	}
	if encodeErr != nil {
		t.complain(context.Background(), "a settlement was not noted", encodeErr)
	}
}

// reasonOf is the stable name of an error: nothing else of it belongs into the
// trail.
func reasonOf(err error) string {
	var e *fhir.Error
	if errors.As(err, &e) && len(e.Issues) > 0 {
		return e.Issues[0].ID
	}
	return "error"
}
