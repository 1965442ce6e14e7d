package search

import (
	"bytes"
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
)

// filterOperators are the operators of _filter (R4 search_filter.html).
var filterOperators = []string{"eq", "ne", "co", "sw", "ew", "gt", "lt", "ge", "le", "ap", "sa", "eb", "pr", "po", "ss", "sb", "in", "ni", "re"}

// operatorsOf are those that apply to a kind of parameter, pr aside.
var operatorsOf = map[Kind][]string{
	String:    {"eq", "ne", "co", "sw", "ew"},
	Token:     {"eq", "ne", "co", "sw", "ew", "ss", "sb", "in", "ni"},
	URI:       {"eq", "ne", "co", "sw", "ew"},
	Reference: {"eq", "ne", "re"},
	Number:    {"eq", "ne", "gt", "lt", "ge", "le", "ap", "sa", "eb"},
	Quantity:  {"eq", "ne", "gt", "lt", "ge", "le", "ap", "sa", "eb"},
	Date:      {"eq", "ne", "gt", "lt", "ge", "le", "ap", "sa", "eb", "po"},
	Composite: {"eq"},
	Special:   {"eq"},
}

// compare makes the parameter that a comparison of a filter stands for.
func (f *filterParser) compare(x *parameter, op, value string, quoted bool) (fhir.Param, *fhir.Error) {
	param := fhir.Param{Code: x.Code}
	if op == "pr" {
		param.Modifier = "missing"
		switch value {
		case "true":
			param.Values = []string{"false"}
		case "false":
			param.Values = []string{"true"}
		default:
			return param, oneOf("_filter", "pr true, pr false")
		}
		return param, nil
	}
	if words[x.Code] && op == "eq" {
		return f.words(x.Code, escapeValue(value, ""))
	}
	if allowed := operatorsOf[x.Type]; !slices.Contains(allowed, op) {
		return param, fault(fhir.Malformed, "search.filter-operator", fhir.CodeNotSupported, "_filter",
			fhir.T("The operator %[1]s does not apply to %[2]s, a %[3]s parameter.", "L'opérateur %[1]s ne s'applique pas à %[2]s, un paramètre de type %[3]s.", op, x.Code, x.Type),
			fhir.T("It takes %[1]s and pr.", "Il accepte %[1]s et pr.", strings.Join(allowed, ", ")))
	}
	keep := ""
	if x.Type == Token || x.Type == Quantity || x.Type == Special || x.Type == Composite {
		keep = "|" // between system and code
	}
	if x.Type == Composite {
		keep = "|$"
	}
	value = escapeValue(value, keep)
	param.Values = []string{value}
	switch x.Type {
	case Number, Quantity, Date:
		if op == "po" {
			param.Compare = op
		} else if op != "eq" {
			param.Values = []string{op + value}
		}
		return param, nil
	}
	switch op {
	case "sw":
		if x.Type != String {
			param.Compare = op
		}
	case "co":
		if x.Type == String {
			param.Modifier = "contains"
		} else {
			param.Compare = op
		}
	case "eq":
		if x.Type == String {
			param.Compare = op
		}
	case "ne", "ew":
		param.Compare = op
	case "ss":
		param.Modifier = "below"
	case "sb":
		param.Modifier = "above"
	case "in":
		param.Modifier = "in"
	case "ni":
		param.Modifier = "not-in"
	}
	return param, nil
}

// escapeValue escapes what separates the parts of a value, but for what is kept.
func escapeValue(s, keep string) string {
	if !strings.ContainsAny(s, `,$|\`) {
		return s
	}
	var b strings.Builder
	for i := range len(s) {
		if strings.IndexByte(`,$|\`, s[i]) >= 0 && strings.IndexByte(keep, s[i]) < 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// compositeOf reads composite[component op value].component op value: one
// element for which both hold.
func (f *filterParser) compositeOf(x *parameter, start int) (fhir.Param, *fhir.Error) {
	parts := make([]string, len(x.components))
	for i := range x.components {
		f.space()
		from := f.pos
		k := slices.IndexFunc(x.components, func(c component) bool { return c.name == f.peekName() })
		if k < 0 || parts[k] != "" {
			return fhir.Param{}, f.expected(fhir.T("a component of %[1]s: %[2]s", "un composant de %[1]s : %[2]s", x.Code, strings.Join(componentNames(x), ", ")))
		}
		f.name()
		op, value, quoted, err := f.operation()
		if err != nil {
			return fhir.Param{}, err
		}
		part, err := f.compare(x.components[k].parameter, op, value, quoted)
		if err == nil && (part.Compare != "" && op != "eq" || part.Modifier != "" || part.Join != 0) {
			err = fault(fhir.Malformed, "search.filter-operator", fhir.CodeNotSupported, "_filter",
				fhir.T("The operator %[1]s does not apply within a composite.", "L'opérateur %[1]s ne s'applique pas dans un composite.", op),
				fhir.T("Use eq or, with numbers, quantities and dates, a comparison.", "Utilisez eq ou, pour les nombres, quantités et dates, une comparaison."))
		}
		if err != nil {
			return part, f.at(from, err)
		}
		parts[k] = part.Values[0]
		if i == 0 {
			f.space()
			if !f.take(']') || !f.take('.') {
				return part, f.expected(fhir.T("]. and the other component", "]. et l'autre composant"))
			}
		}
	}
	param := fhir.Param{Code: x.Code, Values: []string{strings.Join(parts, "$")}}
	if err := f.check(x.Base, "_filter", param); err != nil {
		return param, f.at(start, err)
	}
	return param, nil
}

func (f *filterParser) peekName() string {
	at := f.pos
	name := f.name()
	f.pos = at
	return name
}

func componentNames(x *parameter) (names []string) {
	for _, c := range x.components {
		names = append(names, c.name)
	}
	return names
}

// compared compiles a value of a comparison that only a filter has.
func (c *compiler) compared(op, value string) ([]clause, error) {
	switch {
	case op == "po" && c.p.Type == Date:
		return c.overlaps(value)
	case op == "ne":
		return c.unequal(value)
	}
	s, ok := unescape(value)
	if !ok {
		return nil, c.escapes()
	}
	switch c.p.Type {
	case String:
		return c.comparedString(op, value)
	case URI:
		return comparedText(op, uriWhole, s), nil
	case Token:
		var out []clause
		if c.inSystem() {
			return comparedText(op, tokenCode, s), nil
		}
		if c.p.exact {
			out = comparedText(op, tokenPair, s)
		}
		if c.p.caseless {
			out = append(out, comparedText(op, tokenPlain, strings.ToLower(s))...)
		}
		if c.p.contact {
			out = append(out, comparedText(op, tokenPlain, contactForm(s))...)
		}
		return out, nil
	}
	return nil, c.unsupported("search.unsupported-modifier", op)
}

// comparedText is the clause of texts behind a tag, to their end, that start
// with, hold or end with another.
func comparedText(op string, tag byte, s string) []clause {
	text := appendText(nil, s)
	switch op {
	case "sw":
		return []clause{{Range: prefixed(append([]byte{tag}, text...))}}
	case "co":
		return []clause{{Range: tagged(tag, tag), accept: func(v []byte) bool { return bytes.Contains(codeOf(v), text) }}}
	}
	return []clause{{Range: tagged(tag, tag), accept: func(v []byte) bool { return bytes.HasSuffix(codeOf(v), text) }}}
}

// comparedString compares folded texts, whole (eq) or by their end (ew).
func (c *compiler) comparedString(op, value string) ([]clause, error) {
	if op == "eq" {
		fold, err := c.fold(value, foldLimit(c.part))
		if err != nil {
			return nil, err
		}
		return []clause{{Range: prefixed(append(append([]byte{stringWhole}, fold...), end))}}, nil
	}
	fold, err := c.fold(value, containsMax)
	if err != nil {
		return nil, err
	}
	last := append(bytes.Clone(fold), end)
	return []clause{
		{Range: tagged(stringRest, stringRest), accept: func(v []byte) bool { return bytes.HasSuffix(v, last) }},
		{Range: tagged(stringWhole, stringWhole), accept: func(v []byte) bool {
			return bytes.HasSuffix(v[1:1+bytes.IndexByte(v[1:], end)], fold)
		}},
	}, nil
}

// unequal is the clause of the values that are not this one: a resource with
// several values may have both.
func (c *compiler) unequal(value string) ([]clause, error) {
	var equal []clause
	var err error
	if c.p.Type == String {
		equal, err = c.comparedString("eq", value)
	} else {
		equal, err = c.value("", value)
	}
	if err != nil {
		return nil, err
	}
	var tags []byte
	switch c.p.Type {
	case String:
		tags = []byte{stringWhole}
	case URI:
		tags = []byte{uriWhole}
	case Token:
		if tags = []byte{tokenPair, tokenPlain}; c.inSystem() {
			tags = []byte{tokenCode}
		}
	case Reference:
		tags = []byte{refKey, uriWhole}
	}
	var out []clause
	for _, tag := range tags {
		out = append(out, clause{Range: tagged(tag, tag), accept: func(v []byte) bool {
			return !c.another(v) && !slices.ContainsFunc(equal, func(k clause) bool { return k.matches(v) })
		}})
	}
	return out, nil
}

// overlaps is the clause of the periods that share an instant with the value.
func (c *compiler) overlaps(value string) ([]clause, error) {
	m, err := c.moment(value)
	if err != nil {
		return nil, err
	}
	overlap := func(s interval) []clause {
		return byStart(0, s.hi, func(_, hi instant) bool { return hi > s.lo })
	}
	out := overlap(m.interval)
	if m.again != (interval{}) {
		out = append(out, overlap(m.again)...)
	}
	return out, nil
}
