package store

import (
	"slices"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/search"
)

// A plan says where the candidates of one type come from, which tests each must
// still pass, and how the matches are ordered.
type plan struct {
	typ    string
	source source
	tests  []test
	care   map[string]*tree // of $everything, by type
	sorted []sortKey        // order in memory; nil when the source's own order will do
	order  []sortKey        // that the query asks for; nil for none

	all     []test       // of the query, those that the source fulfils among them
	n       int          // about how many candidates the source has; less than 0 for all of the type
	bounded bool         // the source is some ids, some patients, or the bounds of the view
	instead func() error // gives the plan the index as its source, which brings so many
	brings  int
	pause   int // candidates after which to reconsider the source (confine.go)

	date         uint32 // the type's main date, which some postings carry; 0 for none
	datesSuffice bool   // tests and order ask for nothing but the date and the id
	needsRows    bool   // something asks for more than a version says of itself
	needsRecord  bool   // something asks for _lastUpdated

	// For _explain: candidates of the source, those that match, those of them put
	// before the view, those that it shows.
	proposed, matched, passed, seen int
	sieved                          int    // besides those proposed: held back by a sieve
	looked                          int    // candidates put to the tests
	walked                          bool   // by the postings of what is sorted by
	confined                        string // the parameter that confines the search to patients

	unjudged *holding // what a count could be added up from, but for the view
}

// prepare works out what the plan has to read of candidates.
func (p *plan) prepare(x *execution) {
	p.date = x.store.coverages[p.typ].date
	p.datesSuffice, p.needsRows, p.needsRecord = p.date != 0, false, false
	need := func(code string, id uint32) {
		switch {
		case code == "_id":
		case code == "_lastUpdated":
			p.needsRecord, p.datesSuffice = true, false
		default:
			p.needsRows = true
			p.datesSuffice = p.datesSuffice && id == p.date
		}
	}
	for i := range p.tests {
		for _, pred := range p.tests[i].any {
			need(pred.Param.Code, postingID(p.typ, pred.Param))
		}
		if p.tests[i].tree != nil {
			p.needsRows, p.datesSuffice = true, false
		}
	}
	for _, k := range p.sorted {
		need(k.code, postingID(p.typ, k.param))
	}
	if s, ok := p.source.(*typeSource); ok {
		s.enough = !p.needsRows
	}
}

// restore gives the plan all tests of the query, for another source.
func (p *plan) restore(x *execution) {
	p.tests = p.all
	p.source, p.proposed, p.matched, p.passed, p.seen, p.sieved = nil, 0, 0, 0, 0, 0
	p.prepare(x)
}

// dateRows are the rows of a resource of which only its dates are known.
func (p *plan) dateRows(id string, dates []byte) *rows {
	rs := &rows{facts: fhir.Facts{Key: fhir.Key{Type: p.typ, ID: id}}}
	d := decoder{b: dates}
	for len(d.b) > 0 && !d.bad {
		rs.list = append(rs.list, row{p.date, d.bytes()})
	}
	return rs
}

// asksDate reports whether the test is about the type's main date alone.
func (p *plan) asksDate(t *test) bool {
	for _, pred := range t.any {
		if postingID(p.typ, pred.Param) != p.date {
			return false
		}
	}
	return t.tree == nil && len(t.any) > 0
}

// datesHold reports whether the tests on the date hold.
func (p *plan) datesHold(id string, dates []byte) bool {
	if p.date == 0 {
		return true
	}
	var rs *rows
	for i := range p.tests {
		if !p.asksDate(&p.tests[i]) {
			continue
		}
		if rs == nil {
			rs = p.dateRows(id, dates)
		}
		if !p.tests[i].holds(id, rs) {
			return false
		}
	}
	return true
}

// A test is a condition of the query: any of the predicates must hold.
type test struct {
	any []*search.Predicate
	ids []string // the ids that an _id test asks for, sorted

	spelled []*search.Predicate // any, with the values that its ranges of few hold (few.go); nil for any itself

	since int64 // the moment (UnixMilli) from which on a _lastUpdated test asks; else 0

	name string // the parameter without its values, for _explain; else empty

	// tree decides where it is set; any then only proposes, nil when it cannot.
	tree *tree
}

// points reports whether the test asks for nothing but exact values, so that
// its postings come ordered by resource.
func (t test) points() bool {
	if t.tree != nil && t.any == nil {
		return false
	}
	for _, p := range t.drives() {
		if p.Not || p.Accept != nil {
			return false
		}
		for _, r := range p.Ranges {
			if !r.Point {
				return false
			}
		}
	}
	return true
}

// indexed reports whether postings can drive the search: a negation is
// fulfilled by resources that have no posting at all.
func (t test) indexed() bool {
	if t.tree != nil && t.any == nil {
		return false
	}
	for _, p := range t.any {
		if p.Not || p.Param.Code == "_id" || p.Param.Code == "_lastUpdated" {
			return false
		}
	}
	return true
}

// plan compiles the parameters and picks the source with the fewest candidates.
func (x *execution) plan(typ string) (*plan, error) {
	p := &plan{typ: typ}
	scope := x.patientScope(typ)
	for _, param := range x.q.Params {
		tests, patients, err := x.tests(typ, param)
		if err != nil {
			return nil, err
		}
		x.trace.name(tests, &param)
		if patients != nil && (scope == nil || len(patients) < len(scope)) {
			scope, p.confined = patients, tests[0].name
		}
		p.tests = append(p.tests, tests...)
	}
	if c := x.q.Compartment; c.ID != "" {
		t, err := x.compartment(typ, c)
		if err != nil {
			return nil, err
		}
		t.name = "[" + c.Type + "]"
		p.tests = append(p.tests, t)
	}
	var err error
	if p.sorted, err = x.sortKeys(typ); err != nil {
		return nil, err
	}
	if x.limit == 0 || x.q.Type != "" && len(p.sorted) == 1 && p.sorted[0].code == "_id" && !p.sorted[0].desc {
		p.sorted = nil // a count has no order, and the order by id is that of all sources
	}
	p.order = p.sorted
	if err := x.choose(p, scope); err != nil {
		return nil, err
	}
	p.prepare(x)
	return p, nil
}

// sort has the matches sorted in memory, by id when nothing else was asked for.
func (p *plan) sort() {
	if p.sorted == nil {
		p.sorted = []sortKey{}
	}
}

// test compiles one parameter without a chain. patients is set when the parameter
// confines the search to the compartments of those patients.
func (x *execution) test(typ string, param fhir.Param) (t test, patients []string, err error) {
	pred, err := x.compile(typ, param)
	if err != nil {
		return t, nil, err
	}
	t.any = []*search.Predicate{pred}
	if param.Code == "_id" && param.Modifier == "" && param.Compare == "" {
		t.ids = slices.Sorted(slices.Values(param.Values))
		t.ids = slices.Compact(t.ids)
	}
	t.since = sinceOf(param, pred)
	return t, x.patientsOf(typ, param, pred), nil
}

// idsOf returns the ids of the first test on _id; nil when there is none.
func idsOf(tests []test) []string {
	for _, t := range tests {
		if t.ids != nil {
			return t.ids
		}
	}
	return nil
}

// compartment is the test of a compartment search: any of the parameters that
// place the type in the compartment (R4 compartmentdefinition.html).
func (x *execution) compartment(typ string, c fhir.Key) (t test, err error) {
	params, self, ok := x.store.registry.Compartment(c.Type, typ)
	if !ok {
		return test{any: []*search.Predicate{}}, nil
	}
	if self {
		pred, err := x.store.registry.Compile(typ, fhir.Param{Code: "_id", Values: []string{c.ID}})
		if err != nil {
			return t, err
		}
		t.any = append(t.any, pred)
	}
	for _, p := range params {
		pred, err := x.store.registry.Compile(typ, fhir.Param{Code: p.Code, Values: []string{c.String()}})
		if err != nil {
			return t, err
		}
		t.any = append(t.any, pred)
	}
	return t, nil
}

// patientScope are the patients of a search in a Patient compartment.
func (x *execution) patientScope(typ string) []string {
	if x.q.Compartment.Type != "Patient" || x.q.Compartment.ID == "" {
		return nil
	}
	return []string{x.q.Compartment.ID}
}

// patientsOf returns the patients whose compartments hold everything that a
// reference parameter can match; nil when it may match elsewhere. The rows of a
// patient are clustered, so this is the cheapest source there is.
func (x *execution) patientsOf(typ string, param fhir.Param, pred *search.Predicate) []string {
	if pred.Not || pred.Param.Type != search.Reference || max(len(param.Values), len(pred.Ranges)) > x.store.limits.Patients {
		return nil
	}
	params, _, ok := x.store.registry.Compartment("Patient", typ)
	if !ok || param.Code != "patient" && !slices.Contains(params, pred.Param) {
		return nil // "patient" is a compartment's parameter, or one narrowed to patients (TestPatientParameter)
	}
	var list []string
	for _, r := range pred.Ranges {
		if !r.Point {
			return nil
		}
		for _, key := range x.store.registry.References(typ, param.Code, [][]byte{r.Lo}) {
			if key.Type != "Patient" {
				return nil
			}
			list = append(list, key.ID)
		}
	}
	if len(list) != len(pred.Ranges) {
		return nil
	}
	slices.Sort(list)
	return slices.Compact(list)
}
