package search

import (
	"bytes"

	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// The rows of what a resource contains (R4 search.html#contained), all of one
// parameter that no query names:
//
//	containedRow  type end                  it contains a resource of the type
//	containedRow  type end code end value   which has this value for the parameter
//
// Several contained resources of one type are not told apart, and a long value
// is cut: the rows propose, and the body decides.
const containedRow = 'k'

// containedParam has the rows of contained resources.
var containedParam = Param{Code: "_contained", Base: "Resource", Type: Special, ID: id("Resource", "_contained")} // immutable

// ContainedParam is the parameter whose rows tell what a resource contains.
func ContainedParam() *Param { return &containedParam }

// contained appends the entries of the contained resources.
func (r *Registry) contained(entries []Entry, root fhirjson.Node) ([]Entry, error) {
	for n := range root.Get("contained").Items() {
		typ := n.Get("resourceType").Text()
		if r.table().types[typ] == nil {
			continue
		}
		within, err := r.extract(typ, n)
		if err != nil {
			return nil, err
		}
		head := containedHead(typ)
		entries = append(entries, Entry{&containedParam, head})
		for _, e := range within {
			value := append(append(append([]byte(nil), head...), e.Param.Code...), end)
			entries = append(entries, Entry{&containedParam, append(value, e.Value[:min(len(e.Value), MaxValue-len(value))]...)})
		}
		if len(entries) > maxEntries {
			return nil, tooManyEntries(typ)
		}
	}
	return entries, nil
}

func containedHead(typ string) []byte {
	return append(append([]byte{containedRow}, typ...), end)
}

// Contained returns the ranges of ContainedParam that propose the resources in
// which something of the type may satisfy one of the predicates. Without
// predicates, or with one that a resource without a row may satisfy, they are
// all resources that contain the type.
func Contained(typ string, any []*Predicate) []Range {
	head := containedHead(typ)
	var ranges []Range
	for _, p := range any {
		if p.Not || p.Param.Code == "_id" || p.Param.Code == "_lastUpdated" {
			return []Range{point(head)}
		}
		for _, part := range p.Param.Parts() {
			ranges = append(ranges, containedIn(head, part, p.Ranges)...)
		}
	}
	if any == nil {
		return []Range{point(head)}
	}
	return ranges
}

// containedIn are the rows of one parameter of contained resources that may lie in
// the ranges.
func containedIn(head []byte, p *Param, of []Range) (ranges []Range) {
	head = append(append(bytes.Clone(head), p.Code...), end)
	room := MaxValue - len(head)
	for _, r := range of {
		lo := append(bytes.Clone(head), r.Lo[:min(len(r.Lo), room)]...)
		switch {
		case r.Point && len(r.Lo) < room:
			ranges = append(ranges, point(lo))
		case r.Point:
			ranges = append(ranges, Range{Lo: lo, Hi: append(bytes.Clone(lo), 0xFF)})
		default:
			hi := append(bytes.Clone(head), r.Hi[:min(len(r.Hi), room)]...)
			if len(r.Hi) > room {
				hi = append(hi, 0xFF)
			}
			ranges = append(ranges, Range{Lo: lo, Hi: hi})
		}
	}
	return ranges
}

// ContainedIDs returns, from the values of a reference parameter, the ids of the
// contained resources that it leads to.
func ContainedIDs(values [][]byte) map[string]bool {
	ids := map[string]bool{}
	for _, v := range values {
		if v[0] == refContained {
			ids[string(v[1:])] = true
		}
	}
	return ids
}
