package store

import (
	"bytes"
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/search"
)

// $everything brings, after the records of a patient, what these refer to: who
// gave the care, where, and with what (R4 patient-operation-everything.html),
// once each and in the order of their keys. A page that has all records looks at
// the rows of these; every other that holds some goes through the records again.
// It keeps as many references as fit into a chunk, so that its memory depends on
// neither.

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
	whole := after == nil && x.wantsRecords() // the page has all records
	for {
		found := references{types: types, after: last}
		err := x.refer(&found, whole)
		if err != nil {
			return nil, err
		}
		keys, more := found.keys, found.more
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

// wantsRecords reports whether records of the patient are asked for, and not only
// what supports them.
func (x *execution) wantsRecords() bool {
	return len(x.q.Types) == 0 || slices.ContainsFunc(x.q.Types, func(typ string) bool { return !slices.Contains(supporting, typ) })
}

// refer finds what the records refer to: those of the page when it has all, or all
// that are found once more.
func (x *execution) refer(found *references, whole bool) error {
	if whole {
		return found.in(x.hits)
	}
	q := *x.q
	if !x.wantsRecords() {
		q.Types = nil
	}
	in := &execution{ctx: x.ctx, store: x.store, rows: x.store.rowsReader(), r: x.r, q: &q, sight: x.sight, kept: x.kept, keepRows: true}
	p, err := in.recordsPlan()
	if err != nil || p == nil {
		return err
	}
	return in.sift(p, nil, func(chunk []candidate) (bool, error) {
		seen, err := in.see(p, chunk)
		if err == nil {
			err = found.in(seen)
		}
		return true, err
	})
}

// references are the first after one of them, of some types, that records refer to.
type references struct {
	types []string
	after string // Type/id
	keys  []fhir.Key
	more  bool // there are more than fit into a chunk
}

// in adds those of records.
func (r *references) in(records []candidate) error {
	for i := range records {
		if !eachRow(records[i].raw, r.row) {
			return corrupt("rows of a %s", records[i].typ)
		}
	}
	return nil
}

// row adds what a row of a record names, if it is one of these. Most are not, and
// most of the others were found before.
func (r *references) row(value []byte) {
	ref, ok := search.Referred(value)
	typ, _, _ := bytes.Cut(ref, []byte{'/'})
	if !ok || !slices.ContainsFunc(r.types, func(t string) bool { return t == string(typ) }) || string(ref) <= r.after {
		return
	}
	i, known := slices.BinarySearchFunc(r.keys, ref, func(k fhir.Key, ref []byte) int { return compareReference(k, ref) })
	if known {
		return
	}
	if i == chunkMost {
		r.more = true
		return
	}
	if key, ok := fhir.ParseReference(string(ref)); ok {
		if r.keys = slices.Insert(r.keys, i, key); len(r.keys) > chunkMost {
			r.keys, r.more = r.keys[:chunkMost], true
		}
	}
}

// compareReference compares a key as Type/id.
func compareReference(k fhir.Key, ref []byte) int {
	typ, id, _ := bytes.Cut(ref, []byte{'/'})
	if k.Type != string(typ) {
		return strings.Compare(k.Type, string(typ))
	}
	return strings.Compare(k.ID, string(id))
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
