package interference

import (
	"context"
	"slices"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
)

// shadowed decides by the policies of another store, together with what the
// request under way has made of those of its own: the other is asked afterwards,
// and has seen nothing of the request yet.
type shadowed struct {
	auth.Decider
	of, own fhir.Snapshot
	asked   uint64          // how often for epochs
	had     map[string]bool // policies of its own when the request began; nil for one that only reads
}

// begin notes the policies that are there. What is no longer when the request
// is judged has been deleted by it.
func (s *shadowed) begin(ctx context.Context, writes bool) error {
	if s.had = nil; !writes {
		return nil
	}
	s.had = map[string]bool{}
	names := append(slices.Concat(patients, roles, groups), "p3", "RelatedPerson/re1", "RelatedPerson/re2", "RelatedPerson/re3", "RelatedPerson/re4")
	for _, name := range names {
		list, err := s.own.Policy(ctx, name)
		if err != nil {
			return err
		}
		for _, r := range list {
			s.had[r.Current().String()] = true
		}
	}
	return nil
}

// View implements auth.Decider.
func (s *shadowed) View(ctx context.Context, p auth.Principal, typ string) (fhir.View, error) {
	v, err := s.Decider.View(ctx, p, typ)
	return shadowView{v, s}, err
}

// Write implements auth.Decider.
func (s *shadowed) Write(ctx context.Context, p auth.Principal, snap fhir.Snapshot, before, after *fhir.Resource) (auth.Reason, error) {
	return s.Decider.Write(ctx, p, s.over(snap), before, after)
}

type shadowView struct {
	fhir.View
	*shadowed
}

// Sees implements fhir.View.
func (v shadowView) Sees(ctx context.Context, snap fhir.Snapshot, facts []fhir.Facts) ([]bool, error) {
	return v.View.Sees(ctx, v.over(snap), facts)
}

func (s *shadowed) over(snap fhir.Snapshot) fhir.Snapshot {
	if s.had == nil {
		return s.of
	}
	return overlay{s, snap}
}

// overlay is the policies of the other store with the changes that a snapshot
// of the own has in it.
type overlay struct {
	*shadowed
	snap fhir.Snapshot
}

// Epochs implements fhir.Snapshot: nothing is remembered.
func (o overlay) Epochs(ctx context.Context, names []string) ([]uint64, error) {
	epochs, err := o.snap.Epochs(ctx, names)
	if err != nil {
		return nil, err
	}
	others, err := o.of.Epochs(ctx, names)
	for i := range others {
		if others[i]|epochs[i] != 0 {
			o.asked++
			others[i] = fhir.Passing + 1<<62 + o.asked
		}
	}
	return others, err
}

// Policy implements fhir.Snapshot.
func (o overlay) Policy(ctx context.Context, name string) ([]fhir.Resource, error) {
	changed, err := o.snap.Policy(ctx, name)
	if err != nil {
		return nil, err
	}
	list, err := o.of.Policy(ctx, name)
	return append(changed, slices.DeleteFunc(list, func(r fhir.Resource) bool {
		return o.had[r.Current().String()] || slices.ContainsFunc(changed, func(c fhir.Resource) bool { return c.Current() == r.Current() })
	})...), err
}
