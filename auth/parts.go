package auth

import (
	"context"
	"fmt"
	"net/http"

	"github.com/cordee-sante/cordee/auth/audit"
)

// Parts records the entries of a Bundle as the door records requests: each has
// a passage of its own, so that what no guard was asked about is in the trail
// too, and the Bundle has an event beside those of its entries (BALP; A20). It
// is the rest.Trail of the gateway. Outside of a door it does nothing.
type Parts struct{}

// Envelope notes that the request of ctx is a Bundle with that many entries.
// The door records it before a byte of the answer leaves, unless the commit of
// a transaction has.
func (Parts) Envelope(ctx context.Context, kind string, entries int) {
	if p := passageOf(ctx); p != nil {
		p.bundle, p.entries = audit.Interaction(kind), entries
	}
}

// Part returns the context of one entry of the Bundle of ctx.
func (Parts) Part(ctx context.Context) context.Context {
	p := passageOf(ctx)
	if p == nil {
		return ctx
	}
	return &passage{Context: ctx, door: p.door, r: p.r, principal: p.principal}
}

// Done makes the record of an entry durable unless a guard has. r is the
// request that the entry stands for. An error means that nothing of the entry
// may be disclosed.
func (Parts) Done(ctx context.Context, r *http.Request, status int) error {
	p := passageOf(ctx)
	if p == nil {
		return nil
	}
	p.r = r
	if err := p.ensureRecorded(status); err != nil {
		return errUnrecorded(opDoor, err)
	}
	return nil
}

// asked says what was asked for, by pattern: a path holds ids.
func (p *passage) asked() string {
	text := p.r.Method
	if p.door.Route != nil {
		if route := p.door.Route(p.r); route != "" {
			text += " " + route
		}
	}
	if p.bundle != "" {
		text += fmt.Sprintf(", %d entries", p.entries)
	}
	return text
}
