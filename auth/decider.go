package auth

import (
	"context"

	"github.com/cordee-sante/cordee/fhir"
)

// A Decider is a decision point (XACML PDP; PCF Consent Authorization Server).
// An error never means yes: the guard refuses the request with it.
type Decider interface {
	// View returns what p may see when it asks for resources of the type. The
	// view also judges the resources of other types that a search includes or
	// passes through. An error of kind Forbidden refuses the whole interaction
	// whatever exists.
	View(ctx context.Context, p Principal, typ string) (fhir.View, error)

	// Write judges one change by both of its images, as they stand in the
	// transaction that makes it: before is nil for a resource that did not
	// exist, and after is a tombstone for a delete; never are both nil. Facts are
	// those the store worked out; snap is what the transaction sees. It returns why it permits; an *fhir.Error of
	// kind Forbidden refuses. It runs where all writes are put in order, so it
	// must be quick.
	Write(ctx context.Context, p Principal, snap fhir.Snapshot, before, after *fhir.Resource) (Reason, error)
}

// A Reason is why a decision fell as it did, for the audit record.
type Reason struct {
	Rule     string    // stable name of the rule: "consent.care-team"
	Policies []string  // the policies it rests on: "Consent/x/_history/3"
	Text     fhir.Text // a sentence; no health data
}

// An Explainer is a fhir.View that can say why it lets a record be seen.
type Explainer interface {
	Explain(ctx context.Context, snap fhir.Snapshot, facts fhir.Facts) Reason
}

// A Reasoner is an Explainer of many records at once, which most often have their
// reasons in common.
type Reasoner interface {
	Explainer
	Reasons(ctx context.Context, snap fhir.Snapshot, facts []fhir.Facts) []Reason // one for each
}
