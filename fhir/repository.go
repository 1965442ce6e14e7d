package fhir

import "context"

// A Repository keeps resources. The store is one, the guard wraps one and is
// one, the searchable half of the audit trail is one.
//
// Every error that a client may see is an *Error. Implementations are safe for
// concurrent use.
type Repository interface {
	// Read returns the version that the key names, or the current one. It fails
	// with NotFound, and with Gone when the version is a tombstone (the
	// Resource is then returned beside the error, for its Facts).
	Read(ctx context.Context, key Key) (Resource, error)

	// History returns versions, newest first.
	History(ctx context.Context, q HistoryQuery) (Page, error)

	// Search returns one page of what matches the query within its view.
	Search(ctx context.Context, q Query) (Page, error)

	// Commit applies the changes, all or none, and returns one Resource for
	// each, in the same order. What it returns is durable.
	Commit(ctx context.Context, changes []Change) ([]Resource, error)
}
