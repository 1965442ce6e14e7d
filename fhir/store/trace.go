package store

import (
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
)

// A trace notes the operators of a query that is explained. Those of other
// queries are nil, and note nothing.
type trace struct {
	list  []fhir.Operator
	depth int
	idle  int // types without a candidate
}

func (t *trace) add(o fhir.Operator) {
	o.Depth = t.depth
	t.list = append(t.list, o)
}

// inside is the trace of a link of a chain.
func (t *trace) inside() *trace {
	if t == nil {
		return nil
	}
	return &trace{depth: t.depth + 1}
}

// found takes over what a link of a chain has noted.
func (t *trace) found(in *trace, typ string, param *fhir.Param, n int) {
	if t == nil {
		return
	}
	t.list = append(t.list, in.list...)
	in.add(fhir.Operator{Kind: fhir.OperatorLink, Type: typ, Codes: []string{nameOf(param)}, Estimate: -1, Out: n})
	t.list = append(t.list, in.list[len(in.list)-1])
}

// name names tests by their parameter.
func (t *trace) name(tests []test, param *fhir.Param) {
	if t == nil {
		return
	}
	for i := range tests {
		tests[i].name = nameOf(param)
	}
}

// nameOf is a parameter without its values.
func nameOf(p *fhir.Param) string {
	var b strings.Builder
	for _, link := range p.Chain {
		b.WriteString(link.String())
	}
	if p.Join != 0 {
		names := make([]string, len(p.Of))
		for i := range p.Of {
			names[i] = nameOf(&p.Of[i])
		}
		return b.String() + map[fhir.Join]string{fhir.And: "and", fhir.Or: "or", fhir.Not: "not"}[p.Join] + "(" + strings.Join(names, ", ") + ")"
	}
	b.WriteString(p.Code)
	for _, s := range []string{p.Modifier, p.Compare} {
		if s != "" {
			b.WriteString(":" + s)
		}
	}
	return b.String()
}

// note notes a plan that was run. Types of which nothing was proposed are but
// counted where there are several.
func (t *trace) note(x *execution, p *plan) {
	switch {
	case t == nil:
	case (x.q.Type == "" || x.among) && p.typ != "" && p.proposed == 0:
		t.idle++
	default:
		t.proposes(x, p)
		t.shows(x, p, p.sorted)
	}
}

// contains notes the search for contained resources.
func (t *trace) contains(typ string, n int) {
	if t != nil {
		t.add(fhir.Operator{Kind: fhir.OperatorSource, Access: fhir.AccessContained, Type: typ, Estimate: -1, Out: n})
	}
}

// proposes notes source and tests of a plan.
func (t *trace) proposes(x *execution, p *plan) {
	if t == nil {
		return
	}
	if (x.q.Type == "" || x.among) && p.typ != "" && p.proposed == 0 {
		t.idle++
		return
	}
	source := x.describe(p)
	source.Kind, source.Type, source.Out = fhir.OperatorSource, p.typ, p.proposed
	t.add(source)
	var names []string
	for i := range p.tests {
		if name := p.tests[i].name; !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(p.care) > 0 {
		names = append(names, "start", "end")
	}
	if len(names) > 0 {
		t.add(fhir.Operator{Kind: fhir.OperatorTest, Type: p.typ, Codes: names, Estimate: -1, In: p.proposed, Out: p.matched})
	}
}

// shows notes how matches are put in order and before the view. The view comes
// first where the total is counted, or bodies are to be read.
func (t *trace) shows(x *execution, p *plan, sorted []sortKey) {
	if t == nil || p == nil {
		return
	}
	list := []fhir.Operator{
		{Kind: fhir.OperatorScope, In: p.passed, Out: p.passed},
		{Kind: fhir.OperatorConsent, In: p.passed, Out: p.seen},
	}
	if x.bodies > 0 {
		list = append(list, fhir.Operator{Kind: fhir.OperatorRead, In: x.bodies, Out: x.bodies})
	}
	if sorted != nil && !p.walked && x.limit > 0 {
		order := fhir.Operator{Kind: fhir.OperatorSort, In: x.pooled, Out: x.pooled}
		order.Codes = codesOf(sorted)
		at := 0
		if x.counting || p.asksBody() {
			at = len(list)
		}
		list = slices.Insert(list, at, order)
	}
	for _, o := range list {
		if o.Estimate = -1; x.q.Type != "" {
			o.Type = x.q.Type
		}
		t.add(o)
	}
}

// end notes what became of the matches, and returns the plan.
func (t *trace) end(x *execution, page *fhir.Page) *fhir.Plan {
	if t.idle > 0 {
		t.add(fhir.Operator{Kind: fhir.OperatorIdle, Estimate: -1, Out: t.idle})
	}
	if x.counting {
		t.add(fhir.Operator{Kind: fhir.OperatorCount, Type: x.q.Type, Estimate: -1, Out: x.total})
	}
	if x.limit > 0 {
		t.add(fhir.Operator{Kind: fhir.OperatorPage, Type: x.q.Type, Estimate: x.limit, Out: len(page.Matches)})
	}
	if len(x.q.Includes) > 0 {
		o := fhir.Operator{Kind: fhir.OperatorInclude, Estimate: -1, In: len(page.Matches), Out: len(page.Included)}
		for _, in := range x.q.Includes {
			o.Codes = append(o.Codes, includeName(in))
		}
		t.add(o)
	}
	return &fhir.Plan{Operators: t.list}
}

func includeName(in fhir.Include) string {
	name := "_include"
	if in.Reverse {
		name = "_revinclude"
	}
	if in.Iterate {
		name += ":iterate"
	}
	if name += " " + in.Type + ":" + in.Code; in.Target != "" {
		name += ":" + in.Target
	}
	return name
}

// describe tells of the source of a plan what it is, and what it was expected to
// bring.
func (x *execution) describe(p *plan) fhir.Operator {
	if p.walked {
		return x.estimated(fhir.AccessWalk, codesOf(p.sorted), kv.Prefix(currentPrefix(p.typ)))
	}
	var ranges []kv.Range
	switch s := p.source.(type) {
	case *idSource:
		return fhir.Operator{Access: fhir.AccessIDs, Codes: []string{"_id"}, Parts: len(s.ids), Estimate: len(s.ids)}
	case *patientSource:
		for _, patient := range s.patients {
			ranges = append(ranges, kv.Prefix(rowsPrefix(patient, s.typ)))
		}
		return x.estimated(fhir.AccessPatients, named(p.confined), ranges...)
	case *compartmentSource:
		return x.estimated(fhir.AccessPatients, nil, kv.Prefix(append(append([]byte{famRows}, s.patient...), 0)))
	case *pointSource:
		return x.streamed(s)
	case *rangeSource:
		return x.estimated(fhir.AccessRange, named(s.test.name), postingsOf(s.typ, s.test)...)
	case *boundSource:
		return fhir.Operator{Access: fhir.AccessView, Parts: len(s.bounds.Patients) + len(s.bounds.Named) + len(s.bounds.Contributors), Estimate: p.n}
	case *sinceSource:
		return x.estimated(fhir.AccessFeed, []string{"_lastUpdated"}, s.changes())
	case *feedSource:
		var names []string
		if s.since > 0 {
			names = []string{"_lastUpdated"}
		}
		return x.estimated(fhir.AccessFeed, names, s.changes())
	}
	return x.estimated(fhir.AccessType, nil, kv.Prefix(currentPrefix(p.typ)))
}

// streamed describes postings, or a merge of some: as many as the stream with
// the fewest has.
func (x *execution) streamed(s *pointSource) fhir.Operator {
	all := fhir.Operator{Access: fhir.AccessPostings, Estimate: -1}
	if len(s.streams) > 1 {
		all.Access = fhir.AccessMerge
	}
	for _, stream := range s.streams {
		ranges := make([]kv.Range, len(stream.prefixes))
		for i, prefix := range stream.prefixes {
			ranges[i] = kv.Prefix(prefix)
		}
		one := x.estimated(all.Access, named(stream.name), ranges...)
		all.Codes, all.Parts = append(all.Codes, one.Codes...), all.Parts+one.Parts
		if all.Estimate < 0 || one.Estimate < all.Estimate {
			all.Estimate = one.Estimate
		}
	}
	return all
}

func (x *execution) estimated(access fhir.Access, codes []string, ranges ...kv.Range) fhir.Operator {
	o := fhir.Operator{Access: access, Codes: codes, Parts: len(ranges)}
	counts, err := kv.Estimate(x.ctx, x.r, ranges...)
	if err != nil {
		o.Estimate = -1
	}
	for _, n := range counts {
		o.Estimate += int(n)
	}
	return o
}

func codesOf(sorted []sortKey) (codes []string) {
	for _, k := range sorted {
		codes = append(codes, k.code)
	}
	return codes
}

func named(name string) []string {
	if name == "" {
		return nil
	}
	return []string{name}
}
