package auth

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/cordee-sante/cordee/auth/audit"
	"github.com/cordee-sante/cordee/fhir"
)

// An entry is one passage of the guard: who asks, within what, and what the
// trail will be told of it.
type entry struct {
	principal *Principal
	view      *scopedView
	record    audit.Record
	denied    bool // something exists and is withheld: for the trail alone
	written   bool // the witness of the store has made the record durable
}

// newEntry opens an entry for the principal of ctx, if there is one.
func newEntry(ctx context.Context, record audit.Record) *entry {
	e := &entry{principal: principalOf(ctx), record: record}
	if p := e.principal; p != nil {
		identify(&e.record, p)
	}
	return e
}

// identify says who asks.
func identify(r *audit.Record, p *Principal) {
	r.Client, r.ClientName, r.Organization, r.Purpose, r.Token = p.Client, p.ClientName, p.Organization, p.Purpose, p.TokenID
	r.Agent, r.AgentID, r.AgentName, r.Role = p.Practitioner, p.Identifier, p.Name, p.Role
}

// disclose notes the hits that are about to be given, and why by their facts. Bodies are not hashed:
// the version says which one it was.
func (e *entry) disclose(ctx context.Context, snap fhir.Snapshot, facts []fhir.Facts, hits ...[]fhir.Resource) {
	e.record.Entries = make([]audit.Entry, 0, len(facts))
	for _, list := range hits {
		for i := range list {
			e.record.Entries = append(e.record.Entries, audit.Entry{Key: list[i].Key, Patients: list[i].Facts.Patients})
		}
	}
	for _, why := range e.view.Reasons(ctx, snap, facts) {
		e.because(why)
	}
}

// withhold notes what the answer will say is absent.
func (e *entry) withhold(ctx context.Context, snap fhir.Snapshot, r fhir.Resource) {
	e.denied = true
	e.record.Entries = append(e.record.Entries, audit.Entry{Key: r.Key, Patients: r.Facts.Patients})
	if e.view != nil {
		e.because(e.view.Explain(ctx, snap, r.Facts))
	}
}

// refused makes the record one of a refusal that the answer does not show: what
// was asked about is withheld, and the principal is told what would be said of
// nothing.
func (e *entry) refused(ctx context.Context, snap fhir.Snapshot, r fhir.Resource) {
	e.withhold(ctx, snap, r)
	e.record.Outcome, e.record.Reason = audit.MinorFailure, "auth.withheld"
}

// about notes the patients of a change that is refused: who asks about them in
// vain is found under them too.
func (e *entry) about(images ...*fhir.Resource) {
	for _, image := range images {
		if image != nil {
			e.record.Patients = append(e.record.Patients, image.Facts.Patients...)
		}
	}
}

// attempted names the changes of a refused commit, each once, with what it was
// to do: the witness names only what is written.
func (e *entry) attempted(changes []fhir.Change) {
	for i := range changes {
		key := changes[i].Key
		known := slices.ContainsFunc(e.record.Entries, func(a audit.Entry) bool { return a.Key.Current() == key.Current() })
		if !known || key.ID == "" {
			e.record.Entries = append(e.record.Entries, audit.Entry{Key: key, Effect: effectOf(changes[i].Method)})
		}
	}
}

func effectOf(m fhir.Method) fhir.Effect {
	switch m {
	case fhir.Create:
		return fhir.Created
	case fhir.Update:
		return fhir.Updated
	case fhir.Delete:
		return fhir.Deleted
	}
	return fhir.NoEffect
}

// because adds a reason, once. It reports whether it was new.
func (e *entry) because(why Reason) (added bool) {
	switch {
	case why.Rule == "" || why.Rule == e.record.Rule:
	case e.record.Rule == "":
		e.record.Rule, added = why.Rule, true
	case !slices.Contains(strings.Split(e.record.Rule, " "), why.Rule):
		e.record.Rule, added = e.record.Rule+" "+why.Rule, true
	}
	for _, policy := range why.Policies {
		if !slices.Contains(e.record.Policies, policy) {
			e.record.Policies, added = append(slices.Clip(e.record.Policies), policy), true
		}
	}
	return added
}

// conclude says how the interaction ended.
func (e *entry) conclude(err error) {
	if err == nil {
		return
	}
	e.record.Outcome, e.record.Reason = outcomeOf(fhir.KindOf(err)), issueID(err)
	if e.denied && fhir.KindOf(err) == fhir.NotFound {
		e.record.Reason = "auth.withheld"
	}
	if e.record.Reason == "" {
		e.record.Reason = "auth.internal"
	}
}

func outcomeOf(kind fhir.Kind) audit.Outcome {
	switch kind {
	case 0:
		return audit.Success
	case fhir.Internal, fhir.Unavailable, fhir.InsufficientStorage:
		return audit.SeriousFailure
	}
	return audit.MinorFailure
}

func issueID(err error) string {
	var e *fhir.Error
	if errors.As(err, &e) && len(e.Issues) > 0 {
		return e.Issues[0].ID
	}
	return ""
}

// A pendingContext is the context of one Commit. It carries the record that the
// store's witness makes durable (audit.WithPending), as it stands: the reasons
// are known only when the changes are judged, inside the transaction.
type pendingContext struct {
	context.Context
	current atomic.Pointer[context.Context]
}

func newPendingContext(ctx context.Context, record audit.Record) *pendingContext {
	p := &pendingContext{Context: ctx}
	p.set(record)
	return p
}

func (p *pendingContext) set(record audit.Record) {
	current := audit.WithPending(p.Context, record)
	p.current.Store(&current)
}

func (p *pendingContext) Value(key any) any { return (*p.current.Load()).Value(key) }
