package store

import (
	"context"
	"iter"
	"slices"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/search"
)

// everything searches all types of one Patient compartment at once (R4
// operation-patient-everything.html): the patient's rows lie together, so it is
// one scan, by type and id. Its parameters are those of every type.
func (x *execution) everything(after []byte) error {
	if _, done := supported(after); done {
		return nil
	}
	p, err := x.recordsPlan()
	if err != nil || p == nil {
		return err
	}
	err = x.run(p, after)
	x.trace.note(x, p)
	return err
}

// recordsPlan is the plan of everything about the patient; nil when no type is left.
func (x *execution) recordsPlan() (*plan, error) {
	types := x.q.Types
	if !x.q.Care.All {
		if types = x.compartmentTypes(); len(types) == 0 {
			return nil, nil
		}
	}
	p := &plan{source: &compartmentSource{patientRows: patientRows{names: x.store.names, kept: x.kept, patient: x.q.Compartment.ID}, types: types}}
	for _, param := range x.q.Params {
		if err := x.common(param); err != nil {
			return nil, err
		}
		tests, _, err := x.tests("Patient", param)
		if err != nil {
			return nil, err
		}
		x.trace.name(tests, &param)
		p.tests = append(p.tests, tests...)
	}
	var err error
	if p.care, err = x.care(); err != nil {
		return nil, err
	}
	p.prepare(x)
	return p, nil
}

// compartmentTypes are the types asked for, all without any, that the compartment
// of the query has.
func (x *execution) compartmentTypes() []string {
	list := slices.Compact(slices.Sorted(slices.Values(x.q.Types)))
	if len(list) == 0 {
		list = slices.Clone(resourceTypes())
	}
	return slices.DeleteFunc(list, func(typ string) bool {
		_, _, ok := x.store.registry.Compartment(x.q.Compartment.Type, typ)
		return !ok
	})
}

// care is, for each type that has a date of care, the test that this date lies
// within what was asked for (R4 patient-operation-everything.html, start and
// end); nil when nothing was.
func (x *execution) care() (map[string]*tree, error) {
	var within []fhir.Param
	if x.q.Care.Start != "" {
		within = append(within, fhir.Param{Values: []string{"ge" + x.q.Care.Start}})
	}
	if x.q.Care.End != "" {
		within = append(within, fhir.Param{Values: []string{"le" + x.q.Care.End}})
	}
	if len(within) == 0 {
		return nil, nil
	}
	tests := map[string]*tree{}
	for _, typ := range resourceTypes() {
		code, other := mainDates[typ]
		if !other {
			code = "date"
		}
		if p, ok := x.store.registry.Param(typ, code); !ok || p.Type != search.Date || typ == "Patient" {
			continue
		}
		dated := fhir.Param{Join: fhir.And}
		for _, p := range within {
			p.Code = code
			dated.Of = append(dated.Of, p)
		}
		t, err := x.tree(typ, fhir.Param{Join: fhir.Or, Of: []fhir.Param{{Code: code, Modifier: "missing", Values: []string{"true"}}, dated}})
		if err != nil {
			return nil, err
		}
		tests[typ] = &t
	}
	return tests, nil
}

// common refuses what is not a parameter of every type.
func (x *execution) common(param fhir.Param) (err error) {
	param.All(func(p *fhir.Param) {
		known, ok := x.store.registry.Param("Patient", p.Code)
		if p.Join != 0 && len(p.Chain) == 0 || ok && known.Base == "Resource" && len(p.Chain) == 0 {
			return
		}
		err = fhir.Errorf(fhir.Malformed, "store.Search", "search.not-common", fhir.CodeNotSupported, "http."+p.Code,
			fhir.T("%s is not a parameter of every type.", "%s n'est pas un paramètre de tous les types.", p.Code),
			fhir.T("Search one type, or use the parameters that begin with an underscore.", "Cherchez un seul type, ou utilisez les paramètres qui commencent par un tiret bas."))
	})
	return err
}

// compartmentSource proposes everything about one patient, with its rows, by
// type and id.
type compartmentSource struct {
	patientRows
	types []string // empty for all
}

func (s *compartmentSource) scan(ctx context.Context, r kv.Reader, after []byte) iter.Seq2[candidate, error] {
	var from fhir.Key
	d := decoder{b: after}
	from.Type = string(d.bytes())
	from.ID = string(d.b)
	return func(yield func(candidate, error) bool) {
		for c, err := range s.patientRows.scan(ctx, r, from) {
			if err == nil && len(s.types) > 0 && !slices.Contains(s.types, c.typ) {
				continue
			}
			if err == nil && c.typ == "Binary" {
				var still bool
				if still, err = s.still(ctx, r, c.facts); err == nil && !still {
					continue
				}
			}
			if !yield(c, err) || err != nil {
				return
			}
		}
	}
}

// still reports whether a Binary that lies under the patient is about them: its
// context may have moved to another since it was written.
func (s *compartmentSource) still(ctx context.Context, r kv.Reader, f fhir.Facts) (bool, error) {
	facts, err := rooted(ctx, r, []fhir.Facts{f})
	return err == nil && slices.Contains(facts[0].Patients, s.patient), err
}
