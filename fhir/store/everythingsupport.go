package store

import (
	"slices"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/search"
)

// $everything brings, after the records of a patient, what these refer to: who
// gave the care, where, and with what (R4 patient-operation-everything.html),
// once each and in the order of their keys. Each page that holds some goes
// through the records again and keeps as many references as fit into a chunk, so
// that its memory depends on neither.

// supporting are the types that support the records of a patient, and that are
// about no patient, or seldom. What lies in the compartment itself is a match.
var supporting = []string{"Device", "HealthcareService", "Location", "Medication", "Organization", "Practitioner", "PractitionerRole", "Substance"}

// supportTypes are those that are asked for.
func (x *execution) supportTypes() []string {
	return slices.DeleteFunc(slices.Clone(supporting), func(typ string) bool {
		return len(x.q.Types) > 0 && !slices.Contains(x.q.Types, typ)
	})
}

// supported is how far a position is in the supporting resources; ok is false
// before all matches have come.
func supported(after []byte) (last string, ok bool) {
	d := decoder{b: after}
	if after == nil || len(d.bytes()) > 0 {
		return "", false
	}
	return string(d.b), true
}

// support fills a page on which the last of the matches is, or that comes after
// it, with what supports them. It returns the position of the next page; nil on
// the last.
func (x *execution) support(page *fhir.Page, after []byte) ([]byte, error) {
	types := x.supportTypes()
	if x.more || len(types) == 0 {
		return nil, nil
	}
	last, _ := supported(after)
	for {
		keys, more, err := x.referredByAll(types, last)
		if err != nil {
			return nil, err
		}
		list, err := x.supports(keys)
		if err != nil {
			return nil, err
		}
		for _, res := range list {
			if len(page.Matches)+len(page.Included) >= x.limit {
				return append(appendString(nil, ""), last...), nil
			}
			page.Included = append(page.Included, res)
			last = res.Current().String()
		}
		if !more {
			return nil, nil
		}
		last = keys[len(keys)-1].String()
	}
}

// referredByAll returns the first keys after last, of the types, that any of the
// records refers to.
func (x *execution) referredByAll(types []string, last string) (keys []fhir.Key, more bool, err error) {
	q := *x.q
	if !slices.ContainsFunc(q.Types, func(typ string) bool { return !slices.Contains(supporting, typ) }) {
		q.Types = nil // the records are not wanted, but what supports them
	}
	in := &execution{ctx: x.ctx, store: x.store, rows: x.store.rowsReader(), r: x.r, q: &q, sight: x.sight, kept: x.kept, keepRows: true}
	p, err := in.recordsPlan()
	if err != nil || p == nil {
		return nil, false, err
	}
	var refs []string
	var failed error
	leading := map[string][]*search.Param{} // from a type of records to the types
	err = in.judge(p, nil, func(c candidate) bool {
		rs, err := in.rows.read(c.typ, c.id, c.raw)
		if err != nil {
			failed = err
			return false
		}
		params, known := leading[c.typ]
		if !known {
			params = in.leading(c.typ, types)
			leading[c.typ] = params
		}
		for _, param := range params {
			for _, key := range x.store.registry.References(c.typ, param.Code, rs.values(param)) {
				if !slices.Contains(types, key.Type) {
					continue
				}
				ref := key.String()
				if ref <= last {
					continue
				}
				i, known := slices.BinarySearch(refs, ref)
				if known || i == chunkMost {
					more = more || !known
					continue
				}
				if refs = slices.Insert(refs, i, ref); len(refs) > chunkMost {
					refs, more = refs[:chunkMost], true
				}
			}
		}
		return true
	})
	for _, ref := range refs {
		key, _ := fhir.ParseReference(ref)
		keys = append(keys, key)
	}
	if err == nil {
		err = failed
	}
	return keys, more, err
}

// leading are the reference parameters of a type that may lead to one of others.
func (x *execution) leading(typ string, to []string) []*search.Param {
	return slices.DeleteFunc(x.referenceParams(typ, "*"), func(p *search.Param) bool {
		return len(p.Targets) > 0 && !slices.ContainsFunc(p.Targets, func(t string) bool { return slices.Contains(to, t) })
	})
}

// supports reads those of the resources that the view lets be seen, that are not
// about the patient, and that meet what was asked for of every resource.
func (x *execution) supports(keys []fhir.Key) ([]fhir.Resource, error) {
	list, err := readAll(x.ctx, x.r, keys)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	facts := make([]fhir.Facts, len(list))
	for i := range list {
		facts[i] = list[i].Facts
	}
	visible, err := x.sight.sees(facts)
	if err != nil {
		return nil, err
	}
	var tests []test
	for _, param := range x.q.Params {
		some, _, err := x.tests("Patient", param)
		if err != nil {
			return nil, err
		}
		tests = append(tests, some...)
	}
	kept := list[:0]
	for i, res := range list {
		if !visible[i] || slices.Contains(res.Facts.Patients, x.q.Compartment.ID) {
			continue
		}
		if ok, err := x.fits(&res, tests); err != nil {
			return nil, err
		} else if ok {
			kept = append(kept, res)
		}
	}
	return kept, nil
}

// fits tests a resource of which only the body is at hand.
func (x *execution) fits(res *fhir.Resource, tests []test) (bool, error) {
	if len(tests) == 0 {
		return true, nil
	}
	doc, err := fhirjson.Parse(res.Body)
	if err != nil {
		return false, corrupt("body of a %s", res.Type)
	}
	entries, err := x.store.registry.Extract(res.Type, doc.Root())
	if err != nil {
		return false, err
	}
	rs := &rows{lastUpdated: res.LastUpdated.UnixMilli(), facts: res.Facts, list: newRows(res.Type, entries)}
	return !slices.ContainsFunc(tests, func(t test) bool {
		if t.tree != nil {
			return t.tree.judge(res.ID, rs, &document{doc.Root()}) != holds
		}
		return !t.holds(res.ID, rs)
	}), nil
}
