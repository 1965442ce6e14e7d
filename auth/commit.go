package auth

import (
	"context"

	"github.com/cordee-sante/cordee/auth/audit"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/google/uuid"
)

// Commit writes. Scopes are held against every change before anything is
// looked up; conditions see what the principal may see (A14); and each change is
// judged by both of its images inside the transaction that makes it (A06), in
// fhir.Change.Permit: whatever another writer does meanwhile, what was judged
// is what is replaced and what is written. All changes happen or none, refusals
// included (A20).
//
// What is withheld is absent here too: to delete it succeeds and changes
// nothing, and a change that names the version it expects fails with NotFound,
// as for an id that was never used (A14). A result whose type the token may not
// read comes without its body (A04).
func (g *Guard) Commit(ctx context.Context, changes []fhir.Change) ([]fhir.Resource, error) {
	record := audit.Record{Interaction: interactionOf(changes)}
	if len(changes) == 1 {
		record.Type = changes[0].Key.Type
	}
	e, err := g.begin(ctx, record)
	var results []fhir.Resource
	if err == nil {
		results, err = g.commit(ctx, e, changes)
	}
	if err != nil {
		e.attempted(changes)
	}
	if err := g.leave(ctx, e, err); err != nil {
		return nil, err
	}
	return results, nil
}

func (g *Guard) commit(ctx context.Context, e *entry, changes []fhir.Change) ([]fhir.Resource, error) {
	for i := range changes {
		if err := writable(ctx, e.principal, &changes[i]); err != nil {
			return nil, err
		}
	}
	c := commit{guard: g, entry: e, judged: make([]fhir.Change, len(changes)), asked: make([]bool, len(changes))}
	for i := range changes {
		if err := c.prepare(ctx, i, changes[i]); err != nil {
			return nil, err
		}
	}
	if len(changes) == 1 && len(c.withheld) == 1 {
		e.refused(ctx, g.Snapshot, c.withheld[0])
		return []fhir.Resource{absent(changes[0].Key)}, nil
	}
	c.pending = newPendingContext(ctx, e.record)
	results, err := g.Repo.Commit(c.pending, c.judged)
	if err != nil {
		return nil, err
	}
	e.written = true
	for _, r := range c.withheld { // the commit is done and on record; what it left alone is not
		other := newEntry(ctx, audit.Record{Interaction: audit.InteractionDelete, Type: r.Type})
		other.view = e.view
		other.refused(ctx, g.Snapshot, r)
		if err := g.leave(ctx, other, nil); err != nil {
			return nil, err
		}
	}
	return c.finish(changes, results)
}

// absent is what a delete of what is not there comes to.
func absent(key fhir.Key) fhir.Resource {
	return fhir.Resource{Key: key.Current(), Effect: fhir.Unchanged, Facts: fhir.Facts{Key: key.Current()}}
}

// writable holds one change against the scopes (SMART App Launch 2.2: c, u, d;
// a condition searches, and so needs s).
func writable(ctx context.Context, p *Principal, c *fhir.Change) error {
	perm := permOf(c.Method)
	if perm == 0 {
		return broken(opCommit, "change without method", nil)
	}
	if p.Reach(c.Key.Type, perm) == ReachNone {
		return refuseScope(ctx, opCommit, c.Key.Type, perm)
	}
	if (c.IfNoneExist != nil || c.Where != nil) && p.Reach(c.Key.Type, 's') == ReachNone {
		return refuseScope(ctx, opCommit, c.Key.Type, 's')
	}
	return nil
}

// permOf returns the permission that a method needs, 0 for none of the methods.
func permOf(m fhir.Method) byte {
	switch m {
	case fhir.Create:
		return 'c'
	case fhir.Update:
		return 'u'
	case fhir.Delete:
		return 'd'
	}
	return 0
}

// A commit is the changes of one Commit on their way to the repository.
type commit struct {
	guard   *Guard
	entry   *entry
	pending *pendingContext
	judged  []fhir.Change
	asked   []bool // by change: whether the repository had it judged

	withheld []fhir.Resource // what was to be deleted and may not be known to the principal
}

// prepare makes the change that goes to the repository. The caller's is left
// as it is.
func (c *commit) prepare(ctx context.Context, i int, change fhir.Change) error {
	p := c.entry.principal
	view, err := c.guard.view(ctx, p, change.Key.Type)
	if err != nil {
		return err
	}
	c.entry.view = view
	if change.Key.ID != "" && (change.Method == fhir.Delete || change.IfMatch != "") {
		if err := c.look(ctx, view.inner, &change); err != nil {
			return err
		}
	}
	change.Contributor = p.Organization
	change.Within = view
	change.IfNoneExist = within(change.IfNoneExist, view)
	change.Where = within(change.Where, view)
	change.Permit = func(snap fhir.Snapshot, before, after *fhir.Resource) error {
		return c.permit(ctx, i, snap, before, after)
	}
	c.judged[i] = change
	return nil
}

// look sees to it that a change of what is withheld ends as one of what is
// absent would. It is not the judgement, which follows in the transaction. A
// withheld resource is deleted under an id that was never used, so that a
// Bundle with such an entry goes its usual way.
func (c *commit) look(ctx context.Context, view fhir.View, change *fhir.Change) error {
	current, err := c.guard.image(ctx, change.Key.Current())
	absent := fhir.KindOf(err) == fhir.NotFound
	if err != nil && !absent && fhir.KindOf(err) != fhir.Gone {
		return err
	}
	seen := false
	if !absent {
		if seen, err = c.guard.sees(ctx, view, &current); err != nil {
			return err
		}
		if c.entry.principal.Reach(change.Key.Type, permOf(change.Method)) == ReachPatient {
			seen = seen && ownRecord(&current.Facts, c.entry.principal.Patient)
		}
	}
	switch {
	case !seen && change.IfMatch != "":
		if !absent {
			c.entry.withhold(ctx, c.guard.Snapshot, current)
		}
		return errAbsent(change.Key.Type)
	case !seen && !absent:
		c.withheld = append(c.withheld, current)
		change.Key.ID = uuid.NewString()
	}
	return nil
}

func within(q *fhir.Query, view fhir.View) *fhir.Query {
	if q == nil {
		return nil
	}
	narrowed := *q
	narrowed.Within = view
	return &narrowed
}

// permit judges one change. The repository calls it where it puts all writes
// in order, and again when it has to start over.
func (c *commit) permit(ctx context.Context, i int, snap fhir.Snapshot, before, after *fhir.Resource) error {
	p := c.entry.principal
	if after == nil || before == nil && after.Facts.Contributor != p.Organization {
		return broken(opCommit, "image to judge without its contributor", nil)
	}
	if p.Reach(after.Type, permOf(c.judged[i].Method)) == ReachPatient {
		for _, image := range []*fhir.Resource{before, after} {
			if image != nil && (len(image.Facts.Patients) == 0 || !ownRecord(&image.Facts, p.Patient)) {
				c.entry.about(before, after)
				return errWriteRefused(opCommit)
			}
		}
	}
	reason, err := c.guard.Decide.Write(ctx, *p, snap, before, after)
	if err != nil {
		c.entry.about(before, after)
		return err
	}
	c.asked[i] = true
	if c.entry.because(reason) {
		c.pending.set(c.entry.record)
	}
	return nil
}

// finish checks that nothing was written unjudged, and takes away what may not
// be read.
func (c *commit) finish(changes []fhir.Change, results []fhir.Resource) ([]fhir.Resource, error) {
	if len(results) != len(c.judged) {
		return nil, broken(opCommit, "results do not match the changes", nil)
	}
	for i := range results {
		idle := results[i].Effect == fhir.Unchanged && (c.judged[i].IfNoneExist != nil || c.judged[i].Method == fhir.Delete)
		if !c.asked[i] && !idle {
			return nil, broken(opCommit, "the repository wrote a change that was not judged", nil)
		}
		if changes[i].Key.ID != c.judged[i].Key.ID { // see look
			results[i] = absent(changes[i].Key)
		}
		if c.entry.principal.Reach(results[i].Type, 'r') == ReachNone {
			results[i].Body = nil
		}
	}
	return results, nil
}
