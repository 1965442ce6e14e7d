package auth

import (
	"context"

	"github.com/cordee-sante/cordee/auth/audit"
	"github.com/cordee-sante/cordee/fhir"
)

// A Guard is the enforcement point (IHE PCF Consent Enforcement Point): a
// Repository around another, and the only way to it. For every interaction, in
// this order: somebody asks; the token reaches it, or 403 before anything is
// looked up; the decision point says what may be seen, and the repository
// answers within that; each hit is judged once more; the record is durable;
// then the answer is given. What it decides itself is only whether to go on.
//
// A Guard with anything missing refuses everything.
type Guard struct {
	Repo     fhir.Repository
	Snapshot fhir.Snapshot // the policies as they stand, for the second judgement
	Decide   Decider
	Trail    audit.Recorder

	// Notify tells the patient that somebody breaks the glass: it returns nil once
	// the notice is durable. It is asked before anything of the patient is given,
	// each time, and remembers by itself. Nil refuses break-glass.
	Notify func(ctx context.Context, p Principal) error

	decoys decoys
}

var _ fhir.Repository = (*Guard)(nil)

// Read reads a resource or, with a version in the key, one version of it. What
// is withheld is absent, and a version is withheld when it or the current one
// is (A05, A12, A13).
func (g *Guard) Read(ctx context.Context, key fhir.Key) (fhir.Resource, error) {
	record := audit.Record{Interaction: audit.InteractionRead, Type: key.Type}
	if key.Version != "" {
		record.Interaction = audit.InteractionVRead
	}
	e, err := g.enter(ctx, record, 'r')
	var r fhir.Resource
	if err == nil {
		r, err = g.read(ctx, e, key)
	}
	if len(e.record.Entries) == 0 {
		e.record.Entries = []audit.Entry{{Key: key}}
	}
	if err := g.leave(ctx, e, err); err != nil && fhir.KindOf(err) != fhir.Gone {
		return fhir.Resource{}, err
	}
	return r, err // Gone: a tombstone that may be seen
}

func (g *Guard) read(ctx context.Context, e *entry, key fhir.Key) (fhir.Resource, error) {
	if key.Version != "" { // the current one first: a version that never was tells of it too
		if _, err := g.visible(ctx, e, key.Current()); err != nil && fhir.KindOf(err) != fhir.Gone {
			return fhir.Resource{}, err
		}
	}
	r, err := g.visible(ctx, e, key)
	if err == nil || fhir.KindOf(err) == fhir.Gone {
		g.decoys.note(r.Key, false)
		e.disclose(ctx, g.Snapshot, []fhir.Facts{r.Facts}, []fhir.Resource{r})
	}
	return r, err
}

// visible reads a version that the principal may see. A tombstone comes beside
// the error Gone; what is withheld is absent, but for the trail.
func (g *Guard) visible(ctx context.Context, e *entry, key fhir.Key) (fhir.Resource, error) {
	r, err := g.image(ctx, key)
	if err != nil && fhir.KindOf(err) != fhir.Gone {
		if fhir.KindOf(err) == fhir.NotFound {
			g.pretend(ctx, e, key.Type)
		}
		return fhir.Resource{}, err
	}
	seen, seeErr := g.sees(ctx, e.view, &r)
	switch {
	case seeErr != nil:
		return fhir.Resource{}, seeErr
	case !seen:
		e.withhold(ctx, g.Snapshot, r)
		g.miss(ctx, r.Key)
		return fhir.Resource{}, errAbsent(key.Type)
	}
	return r, err
}

// image reads a version for judgement. Absence is always errAbsent; a tombstone
// comes with its facts beside the error Gone.
func (g *Guard) image(ctx context.Context, key fhir.Key) (fhir.Resource, error) {
	r, err := g.Repo.Read(ctx, key)
	switch fhir.KindOf(err) {
	case fhir.NotFound:
		return fhir.Resource{}, errAbsent(key.Type)
	case 0, fhir.Gone:
		if r.Facts.Key.Current() != key.Current() {
			return fhir.Resource{}, broken(opEnter, "facts of another resource", err)
		}
	}
	return r, err
}

// Search searches within what the principal may see, or tells the plan.
func (g *Guard) Search(ctx context.Context, q fhir.Query) (fhir.Page, error) {
	if q.Explain {
		return g.explain(ctx, q)
	}
	e, err := g.enter(ctx, searchRecord(&q), 's', q.Types...)
	var page fhir.Page
	if err == nil {
		q.Within = e.view
		page, err = g.page(ctx, e, func() (fhir.Page, error) { return g.Repo.Search(ctx, q) })
	}
	if err == nil {
		g.level(ctx, &q, &page)
	}
	if err := g.leave(ctx, e, err); err != nil {
		return fhir.Page{}, err
	}
	return page, nil
}

// History returns versions within what the principal may see. The history of a
// resource whose current version is withheld is absent (A12).
func (g *Guard) History(ctx context.Context, q fhir.HistoryQuery) (fhir.Page, error) {
	record := audit.Record{Interaction: audit.InteractionHistoryType, Type: q.Type}
	perm := byte('s')
	switch {
	case q.ID != "":
		record.Interaction, perm = audit.InteractionHistoryInstance, 'r'
	case q.Type == "":
		record.Interaction = audit.InteractionHistorySystem
	}
	e, err := g.enter(ctx, record, perm)
	var page fhir.Page
	if err == nil {
		page, err = g.history(ctx, e, q)
	}
	if q.ID != "" && len(e.record.Entries) == 0 {
		e.record.Entries = []audit.Entry{{Key: fhir.Key{Type: q.Type, ID: q.ID}}}
	}
	if err := g.leave(ctx, e, err); err != nil {
		return fhir.Page{}, err
	}
	return page, nil
}

func (g *Guard) history(ctx context.Context, e *entry, q fhir.HistoryQuery) (fhir.Page, error) {
	if q.ID != "" {
		if _, err := g.visible(ctx, e, fhir.Key{Type: q.Type, ID: q.ID}); err != nil && fhir.KindOf(err) != fhir.Gone {
			return fhir.Page{}, err
		}
	}
	q.Within = e.view
	return g.page(ctx, e, func() (fhir.Page, error) { return g.Repo.History(ctx, q) })
}

// page asks the repository and judges each hit again, on the policies as they
// stand now. They may have changed since the snapshot that answered (C05), so
// a refused hit is asked for once more; refused again, the repository did not
// honour the view, and nothing of its answer is given.
func (g *Guard) page(ctx context.Context, e *entry, ask func() (fhir.Page, error)) (fhir.Page, error) {
	for range 2 {
		page, err := ask()
		if err != nil {
			return fhir.Page{}, err
		}
		facts, own := factsOf(page.Matches, page.Included)
		now := newJudgement(g.Snapshot)
		seen, err := allSeen(ctx, now, e.view, facts)
		if err != nil {
			return fhir.Page{}, err
		}
		if seen && own {
			e.disclose(ctx, now, facts, page.Matches, page.Included)
			return page, nil
		}
	}
	return fhir.Page{}, broken("auth.Guard.page", "the repository answered beyond its view", nil)
}

// sees reports whether the resource may be seen now.
func (g *Guard) sees(ctx context.Context, view fhir.View, r *fhir.Resource) (bool, error) {
	if r.Facts.Key.Current() != r.Current() {
		return false, nil
	}
	return allSeen(ctx, g.Snapshot, view, []fhir.Facts{r.Facts})
}

// factsOf lists the facts of resources, and reports whether all are their own.
func factsOf(hits ...[]fhir.Resource) (facts []fhir.Facts, own bool) {
	n := 0
	for _, list := range hits {
		n += len(list)
	}
	facts, own = make([]fhir.Facts, 0, n), true
	for _, list := range hits {
		for i := range list {
			facts = append(facts, list[i].Facts)
			own = own && list[i].Facts.Key.Current() == list[i].Current()
		}
	}
	return facts, own
}

// allSeen reports whether the view lets all be seen.
func allSeen(ctx context.Context, snap fhir.Snapshot, view fhir.View, facts []fhir.Facts) (bool, error) {
	answers, err := view.Sees(ctx, snap, facts)
	if err != nil || len(answers) != len(facts) {
		return false, err
	}
	for _, yes := range answers {
		if !yes {
			return false, nil
		}
	}
	return true, nil
}
