package search

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/cordee-sante/cordee/fhir"
)

// filter reads the value of _filter (R4 search_filter.html):
//
//	filter = test { ("and" | "or") test }             from left to right: neither binds tighter
//	test   = "not" "(" filter ")" | "(" filter ")" | path op value
//	path   = name | name "." path | name "[" filter "]" "." path
//	value  = JSON string | anything up to a space, ) or ]
//
// A name is a search parameter, with :Type where a reference leads to several
// types, or _has:Type:reference:parameter. What stands in brackets is about the
// same resource, or the same element of a composite, as what follows them.
func (p *parser) filter(value string) (fhir.Param, *fhir.Error) {
	if len(value) > p.limits.Filter {
		return fhir.Param{}, fault(fhir.Forbidden, "search.filter-too-long", fhir.CodeTooCostly, "_filter",
			fhir.T("The filter is too long.", "Le filtre est trop long."),
			fhir.T("Write at most %[1]d characters; put what must hold anyway into parameters of its own.",
				"Écrivez au plus %[1]d caractères ; mettez ce qui doit toujours être vrai dans des paramètres séparés.", p.limits.Filter))
	}
	var found fhir.Param
	for i, typ := range p.types {
		f := &filterParser{parser: p, text: value}
		param, err := f.whole(typ)
		switch {
		case err != nil:
			return param, err
		case i > 0 && !reflect.DeepEqual(param, found):
			return param, fault(fhir.Malformed, "search.ambiguous-chain", fhir.CodeNotSupported, "_filter",
				fhir.T("The filter means different things, depending on the type searched.", "Le filtre a un sens différent selon le type cherché."),
				fhir.T("Search one type at a time.", "Cherchez un type à la fois."))
		}
		found = param
	}
	return found, nil
}

// filterParser is a recursive descent over one filter.
type filterParser struct {
	*parser
	text  string
	pos   int // of the next byte
	depth int // of parentheses and brackets
}

func (f *filterParser) whole(typ string) (fhir.Param, *fhir.Error) {
	param, err := f.filter(typ)
	if err == nil && f.space() < len(f.text) {
		err = f.expected(fhir.T("and, or, or the end", "and, or, ou la fin"))
	}
	return param, err
}

func (f *filterParser) filter(typ string) (fhir.Param, *fhir.Error) {
	left, err := f.test(typ)
	for err == nil {
		before := f.pos
		var join fhir.Join
		switch f.word() {
		case "and":
			join = fhir.And
		case "or":
			join = fhir.Or
		default:
			f.pos = before
			return left, nil
		}
		var right fhir.Param
		if right, err = f.test(typ); err == nil {
			left = joined(join, left, right)
		}
	}
	return left, err
}

// joined is left and right under one join, flat where left has it already.
func joined(join fhir.Join, left, right fhir.Param) fhir.Param {
	if left.Join == join && len(left.Chain) == 0 {
		left.Of = append(left.Of, right)
		return left
	}
	return fhir.Param{Join: join, Of: []fhir.Param{left, right}}
}

func (f *filterParser) test(typ string) (fhir.Param, *fhir.Error) {
	start := f.space()
	if f.take('(') {
		return f.nested(typ, ')')
	}
	if name := f.name(); name == "not" {
		f.space()
		if !f.take('(') {
			return fhir.Param{}, f.expected(fhir.T("( after not", "( après not"))
		}
		inner, err := f.nested(typ, ')')
		return fhir.Param{Join: fhir.Not, Of: []fhir.Param{inner}}, err
	}
	f.pos = start
	return f.path(typ, 0)
}

// nested reads a filter and the bracket that ends it.
func (f *filterParser) nested(typ string, closing byte) (fhir.Param, *fhir.Error) {
	if f.depth++; f.depth > maxFilterDepth {
		return fhir.Param{}, fault(fhir.Forbidden, "search.filter-too-deep", fhir.CodeTooCostly, "_filter",
			fhir.T("The filter has too many parentheses within each other.", "Le filtre imbrique trop de parenthèses."),
			fhir.T("At most %[1]d are read.", "Au plus %[1]d sont lues.", maxFilterDepth))
	}
	inner, err := f.filter(typ)
	f.depth--
	f.space()
	if err == nil && !f.take(closing) {
		err = f.expected(fhir.T("and, or, or %[1]s", "and, or, ou %[1]s", string(closing)))
	}
	return inner, err
}

// maxFilterDepth is how many parentheses and brackets a filter has within each
// other.
const maxFilterDepth = 20

// path reads a path with its comparison. links counts those already followed.
func (f *filterParser) path(typ string, links int) (fhir.Param, *fhir.Error) {
	start := f.pos
	name := f.name()
	if name == "" {
		return fhir.Param{}, f.expected(fhir.T("a search parameter, not (…) or (", "un paramètre de recherche, not (…) ou ("))
	}
	if links > f.limits.Chain {
		return fhir.Param{}, f.at(start, chainTooLong("_filter", f.limits.Chain))
	}
	if rest, ok := strings.CutPrefix(name, "_has:"); ok {
		link, rest, err := f.reverse(typ, rest, "_filter")
		if err != nil {
			return fhir.Param{}, f.at(start, err)
		}
		f.pos -= len(rest)
		return f.behind(link, links)
	}
	switch {
	case f.take('.'):
		link, err := f.forward(typ, name, f.text[f.pos:], "_filter")
		if err != nil {
			return fhir.Param{}, f.at(start, err)
		}
		return f.behind(link, links)
	case f.take('['):
		return f.bracket(typ, name, start, links)
	}
	x, ok := f.find(typ, name)
	if !ok {
		return fhir.Param{}, f.at(start, f.unknown(typ, name))
	}
	return f.comparison(typ, x, start)
}

// behind reads the rest of a path beyond a link.
func (f *filterParser) behind(link fhir.Link, links int) (fhir.Param, *fhir.Error) {
	param, err := f.path(link.Type, links+1)
	param.Chain = append([]fhir.Link{link}, param.Chain...)
	if err == nil {
		err = f.turning("_filter", param.Chain)
	}
	return param, err
}

// bracket reads name[filter].path: over a reference one resource that meets
// both, over a composite one element.
func (f *filterParser) bracket(typ, name string, start, links int) (fhir.Param, *fhir.Error) {
	if x, ok := f.find(typ, name); ok && x.Type == Composite {
		return f.compositeOf(x, start)
	}
	link, err := f.forward(typ, name, afterBracket(f.text[f.pos:]), "_filter")
	if err != nil {
		return fhir.Param{}, f.at(start, err)
	}
	inner, err := f.nested(link.Type, ']')
	if err == nil && !f.take('.') {
		err = f.expected(fhir.T(". and a search parameter", ". et un paramètre de recherche"))
	}
	if err != nil {
		return inner, err
	}
	rest, err := f.path(link.Type, links+1)
	both := joined(fhir.And, inner, rest)
	both.Chain = append([]fhir.Link{link}, both.Chain...)
	return both, err
}

// afterBracket is the name that follows the bracket which ends the filter that
// the text begins with: it tells to which type a reference leads.
func afterBracket(text string) string {
	depth := 1
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			i += jsonStringLen(text[i:]) - 1
		case '[':
			depth++
		case ']':
			if depth--; depth == 0 {
				return strings.TrimPrefix(text[i+1:], ".")
			}
		}
	}
	return ""
}

// comparison reads operator and value behind a parameter.
func (f *filterParser) comparison(typ string, x *parameter, start int) (fhir.Param, *fhir.Error) {
	op, value, quoted, err := f.operation()
	if err != nil {
		return fhir.Param{}, err
	}
	param, err := f.compare(x, op, value, quoted)
	if err != nil {
		return param, f.at(start, err)
	}
	if param.Join == 0 {
		if err := f.check(typ, "_filter", param); err != nil {
			return param, f.at(start, err)
		}
	}
	return param, nil
}

// operation reads operator and value.
func (f *filterParser) operation() (op, value string, quoted bool, err *fhir.Error) {
	f.space()
	if op = f.word(); !slices.Contains(filterOperators, op) {
		f.pos -= len(op)
		return "", "", false, f.expected(fhir.T("one of %[1]s", "l'un de %[1]s", strings.Join(filterOperators, ", ")))
	}
	if f.space(); f.pos == len(f.text) {
		return op, "", false, f.expected(fhir.T("a value", "une valeur"))
	}
	value, quoted, ok := f.value()
	if !ok || value == "" {
		return op, "", false, f.expected(fhir.T("a value: a JSON string, or a word without spaces, ) and ]", "une valeur : une chaîne JSON, ou un mot sans espace, ) ni ]"))
	}
	return op, value, quoted, nil
}

func (f *filterParser) value() (value string, quoted, ok bool) {
	if f.text[f.pos] == '"' {
		n := jsonStringLen(f.text[f.pos:])
		text := f.text[f.pos : f.pos+n]
		if json.Unmarshal([]byte(text), &value) != nil {
			return "", true, false
		}
		f.pos += n
		return value, true, true
	}
	n := strings.IndexFunc(f.text[f.pos:], func(r rune) bool { return r == ')' || r == ']' || unicode.IsSpace(r) })
	if n < 0 {
		n = len(f.text) - f.pos
	}
	value = f.text[f.pos : f.pos+n]
	f.pos += n
	return value, false, true
}

// jsonStringLen is the length of the string that the text begins with; all of it
// when the string does not end.
func jsonStringLen(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}

// space goes on to the next byte that is no space.
func (f *filterParser) space() int {
	f.pos = len(f.text) - len(strings.TrimLeftFunc(f.text[f.pos:], unicode.IsSpace))
	return f.pos
}

func (f *filterParser) take(c byte) bool {
	if f.pos < len(f.text) && f.text[f.pos] == c {
		f.pos++
		return true
	}
	return false
}

// word reads letters after spaces.
func (f *filterParser) word() string {
	f.space()
	return f.run(func(c byte) bool { return letter(c) && c != '_' })
}

// name reads what a path is made of.
func (f *filterParser) name() string {
	if f.pos < len(f.text) && !letter(f.text[f.pos]) {
		return ""
	}
	return f.run(func(c byte) bool { return letter(c) || c >= '0' && c <= '9' || c == '-' || c == ':' })
}

func (f *filterParser) run(in func(c byte) bool) string {
	start := f.pos
	for f.pos < len(f.text) && in(f.text[f.pos]) {
		f.pos++
	}
	return f.text[start:f.pos]
}

// expected is the fault of a text that goes on otherwise. It does not repeat the
// text, which may hold a name or an identifier.
func (f *filterParser) expected(what fhir.Text) *fhir.Error {
	return fault(fhir.Malformed, "search.malformed-filter", fhir.CodeValue, "_filter",
		fhir.T("The filter cannot be read at character %[1]d.", "Le filtre est illisible au caractère %[1]d.", f.column(f.pos)),
		fhir.Text{EN: "Expected: " + what.EN + ".", FR: "Attendu : " + what.FR + "."})
}

// at adds the place to a fault of a parameter or value in the filter.
func (f *filterParser) at(pos int, err *fhir.Error) *fhir.Error {
	place := fhir.T("(character %[1]d of the filter)", "(caractère %[1]d du filtre)", f.column(pos))
	for i := range err.Issues {
		is := &err.Issues[i]
		is.At = "http._filter"
		is.Text = fhir.Text{EN: is.Text.EN + " " + place.EN, FR: is.Text.FR + " " + place.FR}
	}
	return err
}

// column counts characters from 1.
func (f *filterParser) column(pos int) int { return utf8.RuneCountInString(f.text[:pos]) + 1 }

// check compiles a parameter for its faults.
func (p *parser) check(typ, name string, param fhir.Param) *fhir.Error {
	codings := p.codings
	if codings == nil { // known when the query runs
		codings = func(string, string) ([]Coding, error) { return nil, nil }
	}
	_, err := p.compile(typ, name, param, codings)
	if err == nil {
		return nil
	}
	var fault *fhir.Error
	if errors.As(err, &fault) {
		return fault
	}
	return fhir.Errorf(fhir.Internal, "search.Parse", "search.terminology", fhir.CodeException, "",
		fhir.T("The codes of a modifier could not be worked out.", "Les codes d'un modificateur n'ont pas pu être déterminés."), fhir.Text{}).Wrap(err)
}
