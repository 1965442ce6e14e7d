package search

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/cordee-sante/cordee/fhir"
)

// A compiler turns the values of one parameter of a query into clauses.
type compiler struct {
	*Registry
	p    *parameter
	name string // of the parameter in the query, for errors
	part int    // as in the writer whose rows are looked for

	codings Codings
}

// A clause is a range of rows, looked at more closely where accept is not nil.
type clause struct {
	Range
	accept func(value []byte) bool
}

func equals(value []byte) clause { return clause{Range: point(value)} }

// matches reports whether the value lies in the clause and is accepted.
func (k *clause) matches(value []byte) bool {
	return k.Contains(value) && (k.accept == nil || k.accept(value))
}

// Compile returns the predicate for a parameter of a query on the type. The
// chain of p is not looked at: the predicate is that of the chain's end. For
// _id and _lastUpdated it is a predicate over IDValue and InstantValue.
func (r *Registry) Compile(typ string, p fhir.Param) (*Predicate, error) {
	return r.compile(typ, p.Code, p, r.codings)
}

// CompileWith is Compile with a terminology for the modifiers in, not-in, above
// and below.
func (r *Registry) CompileWith(typ string, p fhir.Param, codings Codings) (*Predicate, error) {
	return r.compile(typ, p.Code, p, codings)
}

// compile is Compile for a parameter of that name in the query.
func (r *Registry) compile(typ, name string, p fhir.Param, codings Codings) (*Predicate, error) {
	x, ok := r.find(typ, p.Code)
	if !ok {
		return nil, r.unknown(typ, p.Code)
	}
	c := &compiler{Registry: r, p: x, name: name, part: wide, codings: codings}
	if err := c.modifier(p.Modifier); err != nil {
		return nil, err
	}
	if p.Modifier == "missing" {
		return c.missing(p.Values)
	}
	var all []clause
	for i, v := range p.Values {
		if v == "" || !utf8.ValidString(v) {
			return nil, ofAlternative(c.empty(), i, len(p.Values))
		}
		some, err := c.alternative(&p, v)
		if err != nil {
			return nil, ofAlternative(err, i, len(p.Values))
		}
		all = append(all, some...)
	}
	out := assemble(all)
	out.Param = &x.Param
	out.Not = p.Modifier == "not" || p.Modifier == "not-in"
	return out, nil
}

// ofAlternative says of a fault which of several values has it. The value itself
// may be a name or an identifier, and is not repeated.
func ofAlternative(err error, i, of int) error {
	var fault *fhir.Error
	if of > 1 && errors.As(err, &fault) {
		place := fhir.T("(alternative %[1]d of %[2]d)", "(alternative %[1]d sur %[2]d)", i+1, of)
		for k := range fault.Issues {
			is := &fault.Issues[k]
			is.Text = fhir.Text{EN: is.Text.EN + " " + place.EN, FR: is.Text.FR + " " + place.FR}
		}
	}
	return err
}

// alternative compiles one of the values.
func (c *compiler) alternative(p *fhir.Param, v string) ([]clause, error) {
	switch {
	case words[c.p.Code]:
		return c.word(p.Compare, v)
	case p.Compare != "":
		return c.compared(p.Compare, v)
	}
	return c.value(p.Modifier, v)
}

// value compiles one alternative as a parameter of its own.
func (c *compiler) value(modifier, v string) ([]clause, error) {
	switch c.p.Type {
	case Token:
		return c.token(modifier, v)
	case String:
		return c.string(modifier, v)
	case Reference:
		return c.reference(modifier, v)
	case Date:
		return c.date(v)
	case Number:
		return c.number(v)
	case Quantity:
		return c.quantity(v)
	case URI:
		return c.uri(modifier, v)
	case Composite:
		return c.composite(v)
	}
	return c.near(v)
}

// missing compiles :missing, which asks whether there is any row at all.
func (c *compiler) missing(values []string) (*Predicate, error) {
	if len(values) != 1 || values[0] != "true" && values[0] != "false" {
		return nil, c.malformed("search.malformed-missing",
			fhir.T("The value of :missing is neither true nor false.", "La valeur de :missing n'est ni true ni false."),
			fhir.T("Write :missing=true for resources without the element, :missing=false for those with it.",
				"Écrivez :missing=true pour les ressources sans l'élément, :missing=false pour celles qui l'ont."))
	}
	return &Predicate{Param: &c.p.Param, Ranges: []Range{tagged(' ', '~')}, Not: values[0] == "true"}, nil
}

// assemble joins alternatives into sorted, disjoint ranges and one Accept.
func assemble(all []clause) *Predicate {
	slices.SortStableFunc(all, func(a, b clause) int { return bytes.Compare(a.Lo, b.Lo) })
	p := &Predicate{}
	closer := false
	for _, k := range all {
		if !k.Point && bytes.Compare(k.Lo, k.Hi) >= 0 {
			continue // nothing lies in it
		}
		closer = closer || k.accept != nil
		p.Ranges = join(p.Ranges, k.Range)
	}
	if closer {
		p.Accept = func(value []byte) bool {
			for i := range all {
				if bytes.Compare(all[i].Lo, value) > 0 {
					return false
				}
				if all[i].matches(value) {
					return true
				}
			}
			return false
		}
	}
	return p
}

// join adds a range that begins no earlier than the last.
func join(ranges []Range, r Range) []Range {
	if len(ranges) == 0 {
		return append(ranges, r)
	}
	last := &ranges[len(ranges)-1]
	switch {
	case last.Point && r.Point && bytes.Equal(last.Lo, r.Lo):
	case last.Point && !r.Point && bytes.Equal(last.Lo, r.Lo):
		*last = r
	case !last.Point && bytes.Compare(r.Lo, last.Hi) < 0:
		if !r.Point && bytes.Compare(r.Hi, last.Hi) > 0 {
			last.Hi, last.Few = r.Hi, last.Few && r.Few
		}
	default:
		return append(ranges, r)
	}
	return ranges
}

// prefixes are the comparisons of numbers, dates and quantities.
var prefixes = []string{"eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"}

// prefix takes the comparison off the front of a value; there is none by default.
func (c *compiler) prefix(s string) (op, rest string, err error) {
	if s == "" || !letter(s[0]) {
		return "eq", s, nil
	}
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return p, s[len(p):], nil
		}
	}
	return "", "", c.malformed("search.unknown-prefix",
		fhir.T("The value begins with a prefix that does not exist.", "La valeur commence par un préfixe qui n'existe pas."),
		fhir.T("Use one of %[1]s, or none.",
			"Utilisez l'un de %[1]s, ou aucun.", strings.Join(prefixes, ", ")))
}

// split cuts a value at each separator that no backslash precedes, and takes the
// backslashes off the parts. It returns nil when a backslash stands before
// anything else.
func split(value string, separator byte) (parts []string) {
	start := 0
	for i := 0; i <= len(value); i++ {
		if i < len(value) && value[i] == '\\' {
			i++
			continue
		}
		if i >= len(value) || value[i] == separator {
			part, ok := unescape(value[start:min(i, len(value))])
			if !ok {
				return nil
			}
			parts = append(parts, part)
			start = i + 1
		}
	}
	return parts
}

// fields cuts a value like split, and leaves the backslashes.
func fields(value string, separator byte) (parts []string) {
	start := 0
	for i := 0; i < len(value); i++ {
		switch value[i] {
		case '\\':
			i++
		case separator:
			parts = append(parts, value[start:i])
			start = i + 1
		}
	}
	return append(parts, value[start:])
}

// unescape takes the backslashes off: \, \$ \| and \\ are all there are (R4
// search.html#escaping).
func unescape(s string) (string, bool) {
	if strings.IndexByte(s, '\\') < 0 {
		return s, true
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' {
			i++
			if i == len(s) || strings.IndexByte(`,$|\`, s[i]) < 0 {
				return "", false
			}
		}
		b = append(b, s[i])
	}
	return string(b), true
}
