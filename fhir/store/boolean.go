package store

import (
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/search"
)

// A verdict is what is known of a condition about a candidate.
type verdict uint8

const (
	fails verdict = iota
	holds
	open // only the body tells
)

// A tree is a condition made of others (_filter, _text). A leaf is a predicate
// over rows, words to look for in the body, or a compartment of several
// predicates.
type tree struct {
	join fhir.Join
	of   []tree

	pred  *search.Predicate
	words *search.Words
}

// never is the condition that nothing fulfils: a chain that leads nowhere.
var never = tree{join: fhir.Or} // immutable

// tests compiles one parameter into the tests that must all hold. patients is
// set when the parameter confines the search to the compartments of those
// patients.
func (x *execution) tests(typ string, param fhir.Param) (list []test, patients []string, err error) {
	if len(param.Chain) == 0 && param.Join == fhir.And {
		for _, part := range param.Of {
			more, confined, err := x.tests(typ, part)
			if err != nil {
				return nil, nil, err
			}
			if confined != nil && (patients == nil || len(confined) < len(patients)) {
				patients = confined
			}
			list = append(list, more...)
		}
		return list, patients, nil
	}
	if len(param.Chain) > 0 {
		within, err := x.followContained(typ, param)
		if err != nil {
			return nil, nil, err
		}
		if param, err = x.follow(typ, param); err != nil {
			return nil, nil, err
		}
		if len(within) > 0 || len(param.Values) == 0 {
			root, err := x.either(typ, param, within)
			return []test{testOf(root)}, nil, err
		}
	}
	if param.Join == 0 && search.WordsOf(&param) == nil {
		t, patients, err := x.test(typ, param)
		return []test{t}, patients, err
	}
	root, err := x.tree(typ, param)
	return []test{testOf(root)}, nil, err
}

// testOf is the test of a condition: a plain one where postings decide.
func testOf(root tree) test {
	cover, exact := root.cover()
	if exact {
		return test{any: cover}
	}
	return test{any: cover, tree: &root}
}

// cover returns predicates of which one must hold where the condition does, nil
// when there are none: what may drive the search. exact says that one of them
// suffices.
func (t *tree) cover() (any []*search.Predicate, exact bool) {
	switch {
	case t.pred != nil && t.pred.Not:
		return nil, false
	case t.pred != nil:
		return []*search.Predicate{t.pred}, true
	case t.join == fhir.Or:
		any, exact = []*search.Predicate{}, true
		for i := range t.of {
			some, sure := t.of[i].cover()
			if some == nil {
				return nil, false
			}
			any, exact = append(any, some...), exact && sure
		}
		return any, exact
	case t.join == fhir.And:
		for i := range t.of {
			if some, _ := t.of[i].cover(); some != nil {
				return some, false
			}
		}
	}
	return nil, false
}

// tree compiles a parameter and what it is made of. Chains are followed first,
// within the view of the query.
func (x *execution) tree(typ string, param fhir.Param) (tree, error) {
	if len(param.Chain) > 0 {
		return x.chained(typ, param)
	}
	if param.Join == 0 {
		if w := search.WordsOf(&param); w != nil {
			return tree{words: w}, nil
		}
		pred, err := x.compile(typ, param)
		return tree{pred: pred}, err
	}
	root := tree{join: param.Join, of: make([]tree, len(param.Of))}
	for i, part := range param.Of {
		var err error
		if root.of[i], err = x.tree(typ, part); err != nil {
			return root, err
		}
	}
	return root, nil
}

// chained is the condition that a chain comes to.
func (x *execution) chained(typ string, param fhir.Param) (tree, error) {
	within, err := x.followContained(typ, param)
	if err != nil {
		return never, err
	}
	found, err := x.follow(typ, param)
	if err != nil {
		return never, err
	}
	return x.either(typ, found, within)
}

// either is the condition to refer to one of those found, or to be one of the
// ids: what refers to a resource contained in it.
func (x *execution) either(typ string, found fhir.Param, ids []string) (tree, error) {
	root := tree{join: fhir.Or}
	for _, p := range []fhir.Param{found, {Code: "_id", Values: ids}} {
		if len(p.Values) == 0 {
			continue
		}
		pred, err := x.compile(typ, p)
		if err != nil {
			return root, err
		}
		root.of = append(root.of, tree{pred: pred})
	}
	return root, nil
}

// judge tells what is known of the condition about a resource with these rows.
// body is nil while the body has not been read.
func (t *tree) judge(id string, rs *rows, body *document) verdict {
	switch {
	case t.pred != nil:
		return verdictOf(matches(t.pred, id, rs))
	case t.words != nil && body == nil:
		return open
	case t.words != nil:
		return verdictOf(t.words.Match(body.root))
	case t.join == fhir.Not:
		switch t.of[0].judge(id, rs, body) {
		case holds:
			return fails
		case fails:
			return holds
		}
		return open
	}
	decisive, rest := fails, holds // And: one that fails decides
	if t.join == fhir.Or {
		decisive, rest = holds, fails
	}
	for i := range t.of {
		switch v := t.of[i].judge(id, rs, body); v {
		case decisive:
			return decisive
		case open:
			rest = open
		}
	}
	return rest
}

func verdictOf(ok bool) verdict {
	if ok {
		return holds
	}
	return fails
}

// asksBody reports whether the condition may come down to the body.
func (t *tree) asksBody() bool {
	if t.words != nil {
		return true
	}
	for i := range t.of {
		if t.of[i].asksBody() {
			return true
		}
	}
	return false
}
