package store

import (
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/search"
)

// meant are the resources that canonicals of the holders mean, as an include
// asks.
func (in *inclusion) meant(holders []candidate, inc fhir.Include) (keys []fhir.Key, err error) {
	named := map[*search.Param][]search.Canonical{}
	var params []*search.Param
	for i := range holders {
		h := &holders[i]
		if inc.Type != "*" && inc.Type != h.typ {
			continue
		}
		for _, p := range in.x.referenceParams(h.typ, inc.Code) {
			if !p.Canonical {
				continue
			}
			rs, err := in.x.rows.read(h.typ, h.id, h.raw)
			if err != nil {
				return nil, err
			}
			if some := search.Canonicals(rs.values(p)); len(some) > 0 {
				if named[p] == nil {
					params = append(params, p)
				}
				named[p] = append(named[p], some...)
			}
		}
	}
	if in.named == nil {
		in.named = map[fhir.Key]fhir.Resource{}
	}
	for _, p := range params {
		types := p.Targets
		if inc.Target != "" {
			types = []string{inc.Target}
		}
		list, err := in.x.meant(types, named[p], in.room+len(in.known)) // what is known takes no room
		if err != nil {
			return nil, err
		}
		for _, res := range list {
			in.named[res.Current()] = res
			keys = append(keys, res.Current())
		}
	}
	return keys, nil
}

// canonicalValues appends the values of a reference parameter by which a canonical
// means one of these. An earlier version is not meant.
func (in *inclusion) canonicalValues(values []string, to []fhir.Resource, inc fhir.Include) ([]string, error) {
	for _, res := range to {
		if _, ok := in.x.store.registry.URLParam(res.Type); !ok || in.older[res.Key] || inc.Target != "" && inc.Target != res.Type {
			continue
		}
		url, version, err := urlAndVersion(res.Type, res.Body)
		if err != nil {
			return nil, err
		}
		_, some := search.CanonicalsOf(url, version)
		values = append(values, some...)
	}
	return values, nil
}
