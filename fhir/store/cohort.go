package store

import (
	"context"
	"iter"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
)

// A cohort is the rows of one type under many patients, patient after patient.
// What was kept of a patient is taken from memory (compartments): a seek for
// each patient is what a page of those whom a view is bounded to costs.
type cohort struct {
	names    *naming
	kept     *compartments // nil within a transaction
	typ      string
	patients []string
}

// cohortPart is how many patients one round is about.
const cohortPart = 256

func (s *cohort) scan(ctx context.Context, r kv.Reader) iter.Seq2[candidate, error] {
	return func(yield func(candidate, error) bool) {
		for from := 0; from < len(s.patients); from += cohortPart {
			part := cohort{s.names, s.kept, s.typ, s.patients[from:min(from+cohortPart, len(s.patients))]}
			if goesOn, err := part.round(ctx, r, yield); err != nil {
				yield(candidate{}, err)
				return
			} else if !goesOn {
				return
			}
		}
	}
}

// round proposes what there is under the patients, and reports whether more is
// wanted.
func (s *cohort) round(ctx context.Context, r kv.Reader, yield func(candidate, error) bool) (bool, error) {
	if s.kept == nil {
		return s.read(ctx, r, make([]*compartment, len(s.patients)), yield)
	}
	known, fresh, err := s.known(ctx, r)
	if err != nil {
		return false, err
	}
	rest := cohort{names: s.names, kept: s.kept, typ: s.typ}
	for i, c := range known {
		if c == nil {
			rest.patients = append(rest.patients, s.patients[i])
			continue
		}
		goesOn := true
		c.scan(fhir.Key{}, func(c candidate, err error) bool {
			goesOn = yield(c, err)
			return goesOn
		})
		if !goesOn {
			return false, nil
		}
	}
	return rest.read(ctx, r, fresh, yield)
}

// known returns what is kept of the patients and holds in this snapshot, nil for
// the others; and for each of those a compartment to be filled.
func (s *cohort) known(ctx context.Context, r kv.Reader) (known, fresh []*compartment, err error) {
	keys := make([][]byte, len(s.patients))
	for i, p := range s.patients {
		keys[i] = stampKey(p)
	}
	stamps, err := r.Get(ctx, keys...)
	if err != nil {
		return nil, nil, err
	}
	known = make([]*compartment, len(s.patients))
	s.kept.mu.Lock()
	defer s.kept.mu.Unlock()
	for i, p := range s.patients {
		now := &compartment{patient: p}
		now.stampedBy(stamps[i])
		if c, ok := s.kept.kept.Get(string(rowsPrefix(p, s.typ))); ok && c.stamp == now.stamp {
			known[i] = c
		} else {
			fresh = append(fresh, now)
		}
	}
	return known, fresh, nil
}

// read goes through the rows in the engine, and keeps those of the patients
// that it has come through. fresh are what to keep them in, nil for nothing.
func (s *cohort) read(ctx context.Context, r kv.Reader, fresh []*compartment, yield func(candidate, error) bool) (bool, error) {
	if len(s.patients) == 0 {
		return true, nil
	}
	ranges := make([]kv.Range, len(s.patients))
	for i, p := range s.patients {
		ranges[i] = kv.Prefix(rowsPrefix(p, s.typ))
	}
	rr := rowsReader{facts: namedReader{names: s.names}}
	for e, err := range r.Scan(ctx, ranges...) {
		if err != nil {
			return false, err
		}
		value := fresh[e.Range].own(e.Value)
		id := lastName(e.Key)
		rs, err := rr.read(s.typ, id, value)
		if err != nil {
			return false, err
		}
		fresh[e.Range] = fresh[e.Range].add(rs, value)
		if !yield(candidate{typ: s.typ, id: id, facts: rs.facts, rows: rs, raw: value, scope: s.patients[e.Range]}, nil) {
			return false, nil
		}
	}
	for i, p := range s.patients {
		s.kept.put(&patientRows{patient: p, typ: s.typ}, fresh[i])
	}
	return true, nil
}
