package rest

import (
	"context"
	"net/http"
)

// A Trail is told of the entries of Bundles, so that those that never reach a
// repository are recorded like the requests they stand for (IHE BALP: one event
// for each entry and one for the Bundle). Package auth has one.
type Trail interface {
	// Envelope says that the request of ctx is a "batch" or "transaction".
	Envelope(ctx context.Context, kind string, entries int)

	// Part opens the record of one entry; what it returns is the context of the
	// entry alone.
	Part(ctx context.Context) context.Context

	// Done ends it once the answer is known and before it is given. r is the
	// request that the entry stands for, or just its method when it stands for
	// none. An error is answered in place of the entry.
	Done(ctx context.Context, r *http.Request, status int) error
}

type noTrail struct{}

func (noTrail) Envelope(context.Context, string, int)          {}
func (noTrail) Part(ctx context.Context) context.Context       { return ctx }
func (noTrail) Done(context.Context, *http.Request, int) error { return nil }
