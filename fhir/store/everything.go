package store

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/search"
)

// everything searches all types of one Patient compartment at once (R4
// operation-patient-everything.html): the patient's rows lie together, so it is
// one scan, by type and id. Its parameters are those of every type.
func (x *execution) everything(after []byte) error {
	p := &plan{source: &compartmentSource{patient: x.q.Compartment.ID, types: x.q.Types}}
	for _, param := range x.q.Params {
		pred, err := x.store.registry.Compile("Patient", param)
		if err != nil {
			return err
		}
		if pred.Param.Base != "Resource" || len(param.Chain) > 0 {
			return fhir.Errorf(fhir.Malformed, "store.Search", "search.not-common", fhir.CodeNotSupported, "http."+param.Code,
				fhir.T("%s is not a parameter of every type.", "%s n'est pas un paramètre de tous les types.", param.Code),
				fhir.T("Search one type, or use the parameters that begin with an underscore.", "Cherchez un seul type, ou utilisez les paramètres qui commencent par un tiret bas."))
		}
		p.tests = append(p.tests, test{any: []*search.Predicate{pred}})
	}
	return x.run(p, after)
}

// compartmentSource proposes everything about one patient, with its rows, by
// type and id.
type compartmentSource struct {
	patient string
	types   []string // empty for all
}

func (s *compartmentSource) scan(ctx context.Context, r kv.Reader, after []byte) iter.Seq2[candidate, error] {
	return func(yield func(candidate, error) bool) {
		prefix := append(append([]byte{famRows}, s.patient...), 0)
		rng := kv.Prefix(prefix)
		if after != nil {
			d := decoder{b: after}
			typ := string(d.bytes())
			rng.Start = append(rowsKey(s.patient, typ, string(d.b)), 0)
		}
		var rr rowsReader
		for e, err := range r.Scan(ctx, rng) {
			if err != nil {
				yield(candidate{}, err)
				return
			}
			typ, id, ok := strings.Cut(string(e.Key[len(prefix):]), "\x00")
			if !ok || len(s.types) > 0 && !slices.Contains(s.types, typ) {
				continue
			}
			rs, err := rr.read(typ, id, e.Value)
			if err != nil {
				yield(candidate{}, err)
				return
			}
			if !yield(candidate{typ: typ, id: id, facts: rs.facts, rows: rs}, nil) {
				return
			}
		}
	}
}
