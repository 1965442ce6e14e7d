package auth

import (
	"context"

	"github.com/cordee-sante/cordee/auth/audit"
	"github.com/cordee-sante/cordee/fhir"
)

// The operations of the guard and the door in errors.
const (
	opDoor   = "auth.Authenticate"
	opEnter  = "auth.Guard"
	opCommit = "auth.Guard.Commit"
)

// begin checks what every interaction needs. The entry is there even when it
// fails, for the record.
func (g *Guard) begin(ctx context.Context, record audit.Record) (*entry, error) {
	e := newEntry(ctx, record)
	switch p := e.principal; {
	case g.Repo == nil || g.Snapshot == nil || g.Decide == nil || g.Trail == nil:
		return e, broken(opEnter, "guard without repository, snapshot, decision point or trail", nil)
	case p == nil:
		return e, errNobody(opEnter)
	case p.Client == "" || p.Organization == "" || p.Purpose == "":
		return e, errStanding(opEnter)
	}
	return e, nil
}

// enter begins an interaction of one permission on record.Type; on all of the
// types when that is empty, on every type there is when types is empty too.
func (g *Guard) enter(ctx context.Context, record audit.Record, perm byte, types ...string) (*entry, error) {
	e, err := g.begin(ctx, record)
	if err != nil {
		return e, err
	}
	if record.Type != "" {
		types = []string{record.Type}
	} else if len(types) == 0 {
		types = []string{"*"}
	}
	for _, typ := range types {
		if e.principal.Reach(typ, perm) == ReachNone {
			return e, refuseScope(ctx, opEnter, typ, perm)
		}
	}
	e.view, err = g.view(ctx, e.principal, record.Type)
	return e, err
}

func (g *Guard) view(ctx context.Context, p *Principal, typ string) (*scopedView, error) {
	view, err := g.Decide.View(ctx, *p, typ)
	if err == nil && view == nil {
		err = broken(opEnter, "decision point without a view", nil)
	}
	if err != nil {
		return nil, err
	}
	return &scopedView{principal: p, inner: view}, nil
}

// leave makes the record durable, unless the store's witness has. It returns
// the error of the interaction, or that of the trail, and then nothing may be
// disclosed.
func (g *Guard) leave(ctx context.Context, e *entry, err error) error {
	if g.Trail == nil {
		return err // begin has refused
	}
	if err == nil {
		err = g.notify(ctx, e)
	}
	if !e.written || err != nil {
		e.conclude(err)
		if recErr := g.Trail.Record(ctx, e.record); recErr != nil {
			return errUnrecorded(opEnter, recErr)
		}
	}
	if p := passageOf(ctx); p != nil {
		p.recorded.Store(true)
		if err != nil {
			p.refused.Store(true)
		}
	}
	return err
}

// refuseScope refuses for want of a scope, which the door tells in
// WWW-Authenticate (RFC 6750 §3.1, insufficient_scope).
func refuseScope(ctx context.Context, op, typ string, perm byte) error {
	if p := passageOf(ctx); p != nil {
		scope := "system/" + typ + "." + string(rune(perm))
		p.missing.Store(&scope)
	}
	return errScope(op, typ, perm)
}

// interactionOf names a Commit in the trail.
func interactionOf(changes []fhir.Change) audit.Interaction {
	if len(changes) != 1 {
		return audit.InteractionTransaction
	}
	switch changes[0].Method {
	case fhir.Create:
		return audit.InteractionCreate
	case fhir.Delete:
		return audit.InteractionDelete
	}
	return audit.InteractionUpdate
}
