package fhir

import "context"

// A Witness makes the audit record of a change durable before the change is.
// The store calls it once for each batch of commits that it is about to write,
// and refuses to write without one.
type Witness interface {
	// Attest makes durable what each commit of the batch is about to do, and
	// returns a ticket that grows from batch to batch. When it fails nothing of
	// the batch is written and every commit of it fails with Unavailable.
	Attest(batch []Attestation) (ticket uint64, err error)

	// Settle says how the batch of that ticket ended: nil when it is durable in
	// the store. It is called before any commit of the batch is acknowledged.
	Settle(ticket uint64, err error)
}

// An Attestation is what one Commit is about to do.
type Attestation struct {
	Ctx     context.Context // of the Commit: it carries who asks
	Results []Resource      // in the order of the changes, with versions and effects
}
