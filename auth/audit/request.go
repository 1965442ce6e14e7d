package audit

import (
	"context"
	"time"
)

// A Request is what the trail needs to know of an HTTP request.
type Request struct {
	ID      string // X-Request-Id
	Trace   string // W3C trace id, 32 hexadecimal digits
	Address string // network address of the peer, without port
	Method  string
	Route   string // pattern, never the path: it may hold ids
	Start   time.Time
}

type requestKey struct{}

// WithRequest returns a context that carries the facts of a request. Whoever
// takes the request in sets it once; records made under the context get them.
func WithRequest(ctx context.Context, r Request) context.Context {
	return context.WithValue(ctx, requestKey{}, r)
}

// RequestFrom returns the facts of the request that ctx belongs to.
func RequestFrom(ctx context.Context) (Request, bool) {
	r, ok := ctx.Value(requestKey{}).(Request)
	return r, ok
}

type pendingKey struct{}

// WithPending returns a context for one Commit, which carries the record of who
// is about to change something and why. The guard sets it; Attest takes it,
// adds what the change does, and makes it durable before the change is. A
// Commit without one is refused.
func WithPending(ctx context.Context, r Record) context.Context {
	return context.WithValue(ctx, pendingKey{}, r)
}

// PendingFrom returns the record that WithPending set.
func PendingFrom(ctx context.Context) (Record, bool) {
	r, ok := ctx.Value(pendingKey{}).(Record)
	return r, ok
}

// of fills what the record does not say about its request from ctx.
func (r Record) of(ctx context.Context) Record {
	q, ok := RequestFrom(ctx)
	if !ok {
		return r
	}
	for _, f := range []struct {
		to   *string
		from string
	}{{&r.Request, q.ID}, {&r.Trace, q.Trace}, {&r.Address, q.Address}} {
		if *f.to == "" {
			*f.to = f.from
		}
	}
	if r.Start.IsZero() {
		r.Start = q.Start
	}
	return r
}
