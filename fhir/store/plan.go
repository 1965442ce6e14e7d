package store

import (
	"slices"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/search"
)

// A plan says where the candidates of one type come from, which tests each must
// still pass, and how the matches are ordered.
type plan struct {
	typ    string
	source source
	tests  []test
	sorted []sortKey // order in memory; nil when the source's own order will do
}

// A test is a condition of the query: any of the predicates must hold.
type test struct {
	any []*search.Predicate
	ids []string // the ids that an _id test asks for, sorted

	// tree decides where it is set; any then only proposes, nil when it cannot.
	tree *tree
}

// points reports whether the test asks for nothing but exact values, so that
// its postings come ordered by resource.
func (t test) points() bool {
	if t.tree != nil && t.any == nil {
		return false
	}
	for _, p := range t.any {
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
		if patients != nil && (scope == nil || len(patients) < len(scope)) {
			scope = patients
		}
		p.tests = append(p.tests, tests...)
	}
	if c := x.q.Compartment; c.ID != "" {
		t, err := x.compartment(typ, c)
		if err != nil {
			return nil, err
		}
		p.tests = append(p.tests, t)
	}
	var err error
	if p.sorted, err = x.sortKeys(typ); err != nil {
		return nil, err
	}
	return p, x.choose(p, scope)
}

// choose sets the source: ids, then the patients asked about, then the postings
// of the test with the fewest, then all of the type.
func (x *execution) choose(p *plan, scope []string) error {
	if ids := idsOf(p.tests); ids != nil {
		p.source = &idSource{typ: p.typ, ids: ids}
		return nil
	}
	if scope != nil {
		p.source = &patientSource{typ: p.typ, patients: scope}
		if len(scope) > 1 {
			p.sort()
		}
		return nil
	}
	best, least := -1, 0
	for i, t := range p.tests {
		if !t.indexed() {
			continue
		}
		n, err := x.estimate(p.typ, t)
		if err != nil {
			return err
		}
		if best < 0 || n < least {
			best, least = i, n
		}
	}
	if x.sortedByFeed(p, best, least) {
		return nil
	}
	if best >= 0 && p.tests[best].points() {
		p.source = newPointSource(p.typ, p.tests[best])
		if p.tests[best].tree == nil {
			p.tests = slices.Delete(p.tests, best, best+1)
		}
		return nil
	}
	return x.chooseRange(p, best, least)
}

// chooseRange weighs the postings of a range, which bring n candidates that
// must all be looked at and sorted, against the whole type in its order, of
// which a page needs as many as its matches are apart.
func (x *execution) chooseRange(p *plan, best, n int) error {
	p.source = &typeSource{typ: p.typ}
	if best < 0 {
		return nil
	}
	if !x.counting && p.sorted == nil {
		all, err := kv.Estimate(x.ctx, x.r, kv.Prefix(currentPrefix(p.typ)))
		if err != nil || n > 0 && x.limit*int(all[0])/n < n {
			return err
		}
	}
	p.source = &rangeSource{typ: p.typ, test: p.tests[best]}
	p.sort()
	return nil
}

// sort has the matches sorted in memory, by id when nothing else was asked for.
func (p *plan) sort() {
	if p.sorted == nil {
		p.sorted = []sortKey{}
	}
}

// feedWorth is the number of candidates above which it pays to walk the type's
// history instead of sorting them.
const feedWorth = 1000

// sortedByFeed uses the type's history as the source when the newest changes
// come first and the index would bring more than memory should sort.
func (x *execution) sortedByFeed(p *plan, best, least int) bool {
	if x.q.Type == "" {
		return false // several types are sorted together
	}
	newestFirst := len(p.sorted) == 1 && p.sorted[0].code == "_lastUpdated" && p.sorted[0].desc
	if !newestFirst || best >= 0 && least < feedWorth {
		return false
	}
	p.source, p.sorted = &feedSource{typ: p.typ}, nil
	return true
}

// estimate is about how many postings a test would bring.
func (x *execution) estimate(typ string, t test) (int, error) {
	counts, err := kv.Estimate(x.ctx, x.r, postingsOf(typ, t)...)
	sum := 0
	for _, n := range counts {
		sum += int(n)
	}
	return sum, err
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
	if pred.Not || pred.Param.Type != search.Reference || len(param.Values) > patientsMerged {
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

// patientsMerged bounds how many patients one search walks one by one; more are
// served from the postings.
const patientsMerged = 64
