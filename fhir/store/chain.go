package store

import (
	"slices"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/search"
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
	p, ok := x.store.registry.Param(typ, link.Code)
	if !ok {
		return fhir.Param{}, nil
	}
	out := fhir.Param{Code: link.Code}
	hits, err := x.inner(link.Type, inner, false)
	if err != nil {
		return out, err
	}
	for _, h := range hits {
		out.Values = append(out.Values, link.Type+"/"+h.id)
	}
	if p.Canonical {
		named, err := x.canonicalValues(link.Type, hits)
		if err != nil {
			return out, err
		}
		out.Values = append(out.Values, named...)
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
	var named []search.Canonical
	for _, h := range hits {
		rs, err := x.rows.read(h.typ, h.id, h.raw)
		if err != nil {
			return out, err
		}
		values := rs.values(p)
		for _, key := range x.store.registry.References(link.Type, link.Code, values) {
			if key.Type == typ {
				out.Values = append(out.Values, key.ID)
			}
		}
		named = append(named, search.Canonicals(values)...)
	}
	if p.Canonical {
		limit := x.store.limits.Chain
		meant, err := x.meant([]string{typ}, named, limit)
		if err != nil {
			return out, err
		}
		if len(meant) > limit {
			return out, errChainCostly(link.Code, limit)
		}
		for _, res := range meant {
			out.Values = append(out.Values, res.ID)
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
		q: &fhir.Query{Type: typ, Params: []fhir.Param{param}}}
	if err := in.types(nil); err != nil {
		return nil, err
	}
	if in.more {
		return nil, errChainCostly(param.Code, limit)
	}
	x.trace.found(in.trace, typ, &param, len(in.hits))
	return in.hits, nil
}

func errChainCostly(code string, limit int) error {
	return fhir.Errorf(fhir.Forbidden, "store.Search", "search.chain-costly", fhir.CodeTooCostly, "http."+code,
		fhir.T("A link of the chain leads to more than %d resources.", "Un maillon de la chaîne mène à plus de %d ressources.", limit),
		fhir.T("Narrow the end of the chain.", "Précisez la fin de la chaîne."))
}
