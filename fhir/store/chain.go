package store

import (
	"slices"

	"github.com/cordee-sante/cordee/fhir"
)

// follow resolves the first link of a chain (R4 search.html#chaining, #has): it
// runs the rest of the chain as a search of its own, within the same view, and
// returns the parameter that asks for what was found. A chain that finds
// nothing returns a parameter without values.
func (x *execution) follow(typ string, param fhir.Param) (fhir.Param, error) {
	link := param.Chain[0]
	inner := param
	inner.Chain = param.Chain[1:]
	if link.Reverse {
		return x.followReverse(typ, link, inner)
	}
	types := []string{link.Type}
	if link.Type == "" {
		p, ok := x.store.registry.Param(typ, link.Code)
		if !ok {
			return fhir.Param{}, nil
		}
		types = p.Targets
	}
	out := fhir.Param{Code: link.Code}
	for _, target := range types {
		if _, ok := x.store.registry.Param(target, inner.Code); !ok && len(inner.Chain) == 0 && inner.Join == 0 {
			continue // chains without a type lead only to types that know the parameter
		}
		hits, err := x.inner(target, inner, false)
		if err != nil {
			return out, err
		}
		for _, h := range hits {
			out.Values = append(out.Values, target+"/"+h.id)
		}
	}
	return out, nil
}

// followReverse finds the resources of the link's type that match, and returns
// an _id parameter of those they refer to.
func (x *execution) followReverse(typ string, link fhir.Link, inner fhir.Param) (fhir.Param, error) {
	out := fhir.Param{Code: "_id"}
	p, ok := x.store.registry.Param(link.Type, link.Code)
	if !ok {
		return out, nil
	}
	hits, err := x.inner(link.Type, inner, true)
	if err != nil {
		return out, err
	}
	for _, h := range hits {
		rs, err := x.rows.read(h.typ, h.id, h.raw)
		if err != nil {
			return out, err
		}
		for _, key := range x.store.registry.References(link.Type, link.Code, rs.values(p)) {
			if key.Type == typ {
				out.Values = append(out.Values, key.ID)
			}
		}
	}
	slices.Sort(out.Values)
	out.Values = slices.Compact(out.Values)
	return out, nil
}

// inner runs one parameter as a search within the view of the query. It keeps
// the rows of what it finds when a reference of theirs is to be followed.
func (x *execution) inner(typ string, param fhir.Param, keepRows bool) ([]candidate, error) {
	limit := x.store.limits.Chain
	in := &execution{ctx: x.ctx, store: x.store, rows: x.store.rowsReader(), r: x.r, limit: limit, sight: x.sight, keepRows: keepRows, trace: x.trace.inside(),
		q: &fhir.Query{Type: typ, Params: []fhir.Param{param}, Within: x.q.Within}}
	if err := in.types(nil); err != nil {
		return nil, err
	}
	if in.more {
		return nil, fhir.Errorf(fhir.Forbidden, "store.Search", "search.chain-costly", fhir.CodeTooCostly, "http."+param.Code,
			fhir.T("A link of the chain leads to more than %d resources.", "Un maillon de la chaîne mène à plus de %d ressources.", limit),
			fhir.T("Narrow the end of the chain.", "Précisez la fin de la chaîne."))
	}
	x.trace.found(in.trace, typ, &param, len(in.hits))
	return in.hits, nil
}
