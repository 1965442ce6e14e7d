package store

import (
	"context"
	"iter"
	"slices"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
)

// boundSource proposes what the bounds of a view hold of a type, each resource
// once and in no order. It reads them in the snapshot that answers the query:
// nothing of them is kept, so that whoever is added to a care team or taken from
// it is so on the next request, on every process.
type boundSource struct {
	names  *naming
	kept   *compartments // nil within a transaction
	typ    string
	bounds *fhir.Bounds
}

func (s *boundSource) scan(ctx context.Context, r kv.Reader, _ []byte) iter.Seq2[candidate, error] {
	return func(yield func(candidate, error) bool) {
		for c, err := range propose(s.names, s.typ, s.contributions(ctx, r)) {
			if !yield(c, err) || err != nil {
				return
			}
		}
		patients, err := s.patients(ctx, r)
		if err != nil {
			yield(candidate{}, err)
			return
		}
		all := cohort{names: s.names, kept: s.kept, typ: s.typ, patients: patients}
		for c, err := range all.scan(ctx, r) {
			if err == nil && s.again(&c, patients) {
				continue
			}
			if !yield(c, err) || err != nil {
				return
			}
		}
	}
}

// contributions yields the postings of what the contributors brought in.
func (s *boundSource) contributions(ctx context.Context, r kv.Reader) iter.Seq2[posted, error] {
	return func(yield func(posted, error) bool) {
		for e, err := range r.Scan(ctx, s.contributed()...) {
			_, id, ok := splitPosting(e.Key)
			if err == nil && !ok {
				err = corrupt("posting of a %s", s.typ)
			}
			if !yield(posted{id, e.Value}, err) || err != nil {
				return
			}
		}
	}
}

func (s *boundSource) contributed() []kv.Range {
	return pointsOf(postingID(s.typ, &contributorRelation), s.bounds.Contributors)
}

// named are the postings of the policies that name one of the named.
func (s *boundSource) named() (list []kv.Range) {
	for _, typ := range policyTypes {
		list = append(list, pointsOf(postingID(typ, &namedRelation), s.bounds.Named)...)
	}
	return list
}

func pointsOf(param uint32, values []string) []kv.Range {
	list := make([]kv.Range, len(values))
	for i, v := range values {
		list[i] = kv.Prefix(pointPrefix(param, []byte(v)))
	}
	return list
}

// patients are those of the bounds, sorted.
func (s *boundSource) patients(ctx context.Context, r kv.Reader) ([]string, error) {
	list := slices.Clone(s.bounds.Patients)
	fr := namedReader{names: s.names}
	for e, err := range r.Scan(ctx, s.named()...) {
		if err != nil {
			return nil, err
		}
		d := decoder{b: e.Value}
		f := fr.read(&d)
		if d.bad {
			return nil, corrupt("posting of a policy")
		}
		list = append(list, f.Patients...)
	}
	slices.Sort(list)
	return slices.Compact(list), nil
}

// again reports whether what was found under a patient is proposed elsewhere: as
// a contribution, or under the first of its patients that the bounds hold.
func (s *boundSource) again(c *candidate, patients []string) bool {
	if slices.Contains(s.bounds.Contributors, c.facts.Contributor) {
		return true
	}
	for _, p := range c.facts.Patients {
		if _, held := slices.BinarySearch(patients, p); held {
			return p != c.scope
		}
	}
	return false
}

// Naming implements fhir.Naming: one Scan.
func (sn snapshot) Naming(ctx context.Context, typ string, targets []string) (list []string, ok bool, err error) {
	if !slices.Contains(rosterTypes, typ) {
		return nil, false, nil
	}
	ranges := pointsOf(postingID(typ, &namedRelation), targets)
	for i := range ranges {
		ranges[i].KeysOnly, ranges[i].Limit = true, namingMost+1
	}
	for e, err := range sn.r.Scan(ctx, ranges...) {
		if err != nil {
			return nil, false, err
		}
		_, id, _ := splitPosting(e.Key)
		if list = append(list, typ+"/"+string(id)); len(list) > namingMost {
			return nil, false, nil
		}
	}
	slices.Sort(list)
	return slices.Compact(list), true, nil
}

// namingMost is how many groups or functions may name somebody, beyond which
// the bounds of a view would cost more than they spare.
const namingMost = 64

// Naming answers for the latest state of the store.
func (s *Store) Naming(ctx context.Context, typ string, targets []string) (list []string, ok bool, err error) {
	err = s.engine.View(ctx, func(r kv.Reader) error {
		list, ok, err = snapshot{r}.Naming(ctx, typ, targets)
		return err
	})
	return list, ok, err
}

// Naming implements fhir.Naming.
func (s *sight) Naming(ctx context.Context, typ string, targets []string) ([]string, bool, error) {
	return snapshot{s.r}.Naming(ctx, typ, targets)
}

var (
	_ fhir.Naming = (*Store)(nil)
	_ fhir.Naming = (*sight)(nil)
	_ fhir.Naming = snapshot{}
)
