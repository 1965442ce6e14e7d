package naive

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// A Filter is the value of _filter (R4 search_filter.html), taken apart: tests
// joined from left to right, neither join binding tighter.
type Filter struct {
	Tests []Test
	Joins []string // "and" or "or" between two tests
}

// A Test is a comparison, or a filter in parentheses.
type Test struct {
	Not bool    // not ( … )
	Sub *Filter // in parentheses

	Link            *Link // in front of Code
	Code, Op, Value string
	Quoted          bool // Value is written as a JSON string
}

// A Link leads from a resource to those it refers to.
type Link struct {
	Code, To string
	Where    *Filter // in brackets: of the same resource as what follows
}

// String is the filter as it is written in a query.
func (f Filter) String() string {
	var b strings.Builder
	for i, t := range f.Tests {
		if i > 0 {
			b.WriteString(" " + f.Joins[i-1] + " ")
		}
		b.WriteString(t.String())
	}
	return b.String()
}

func (t Test) String() string {
	switch {
	case t.Not:
		return "not (" + t.Sub.String() + ")"
	case t.Sub != nil:
		return "(" + t.Sub.String() + ")"
	}
	path := t.Code
	if l := t.Link; l != nil && l.Where != nil {
		path = l.Code + ":" + l.To + "[" + l.Where.String() + "]." + path
	} else if l != nil {
		path = l.Code + ":" + l.To + "." + path
	}
	value := t.Value
	if t.Quoted {
		quoted, _ := json.Marshal(value)
		value = string(quoted)
	}
	return path + " " + t.Op + " " + value
}

// filtered reports whether the resource passes the filter.
func (m Matcher) filtered(resource map[string]any, f Filter) (bool, error) {
	so := false
	for i, t := range f.Tests {
		ok, err := m.tested(resource, t)
		if err != nil {
			return false, err
		}
		switch {
		case i == 0:
			so = ok
		case f.Joins[i-1] == "and":
			so = so && ok
		default:
			so = so || ok
		}
	}
	return so, nil
}

func (m Matcher) tested(resource map[string]any, t Test) (bool, error) {
	if t.Sub != nil {
		ok, err := m.filtered(resource, *t.Sub)
		return ok != t.Not, err
	}
	if t.Link == nil {
		return m.compared(resource, t)
	}
	end := t
	end.Link = nil
	for _, other := range m.others(t.Link.To) {
		ok, err := m.compared(other, end)
		if err == nil && ok && t.Link.Where != nil {
			ok, err = m.filtered(other, *t.Link.Where)
		}
		if err == nil && ok {
			ok, err = m.meets(resource, Criterion{Name: t.Link.Code, Value: t.Link.To + "/" + text(other["id"])})
		}
		if ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

// compared is one comparison. A value is compared as by the parameter of its own,
// but for what only filters have.
func (m Matcher) compared(resource map[string]any, t Test) (bool, error) {
	p, ok := params[text(resource["resourceType"])][t.Code]
	if !ok {
		return false, fmt.Errorf("naive knows no parameter %s", t.Code)
	}
	found := p.values(resource)
	if t.Op == "pr" {
		return (len(found) > 0) == (t.Value == "true"), nil
	}
	if i := slices.Index([]string{"ss", "sb", "in", "ni"}, t.Op); i >= 0 {
		return m.meets(resource, Criterion{Name: t.Code + ":" + []string{"below", "above", "in", "not-in"}[i], Value: escape(t.Value, "|")})
	}
	for _, v := range found {
		ok, err := m.comparedValue(p, v, t.Op, t.Value)
		if ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

func (m Matcher) comparedValue(p param, v value, op, raw string) (bool, error) {
	switch {
	case p.kind == kindString:
		return comparedString(v, op, raw)
	case p.kind == kindDate && op == "po":
		return m.overlaps(v, raw)
	case p.kind == kindDate || p.kind == kindNumber || p.kind == kindQuantity:
		if op == "eq" {
			op = ""
		}
		return m.compare(p, v, "", op+escape(raw, "|"))
	case op == "eq" || op == "re":
		return m.compare(p, v, "", escape(raw, "|$"))
	}
	for _, one := range apart(v) {
		ok, err := m.comparedOne(p, one, op, raw)
		if ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

// apart takes a concept apart into its codings: each is a value.
func apart(v value) (list []value) {
	if v.typ != "CodeableConcept" {
		return []value{v}
	}
	for _, c := range walk(v.json, "coding") {
		list = append(list, value{"Coding", c})
	}
	return list
}

func (m Matcher) comparedOne(p param, v value, op, raw string) (bool, error) {
	own, asked := ownText(v), raw
	switch v.typ {
	case "Coding":
		own, asked = strings.ToLower(own), strings.ToLower(raw)
	case "ContactPoint":
		own, asked = contact(own), contact(raw)
	case "Reference":
		if own == "" || own[0] == '#' {
			return false, nil
		}
	}
	switch op {
	case "ne":
		ok, err := m.compare(p, v, "", escape(raw, "|"))
		return !ok, err
	case "sw":
		return strings.HasPrefix(own, asked), nil
	case "ew":
		return strings.HasSuffix(own, asked), nil
	case "co":
		return strings.Contains(own, asked), nil
	}
	return false, fmt.Errorf("naive knows no %s of %s", op, p.kind)
}

// ownText is what co, sw and ew look at: a code, an address, a URI.
func ownText(v value) string {
	switch v.typ {
	case "Coding":
		return text(v.Get("code"))
	case "Identifier", "ContactPoint":
		return text(v.Get("value"))
	case "Reference":
		return text(v.Get("reference"))
	}
	return v.Text()
}

// comparedString compares without case and accents.
func comparedString(v value, op, raw string) (bool, error) {
	switch op {
	case "co":
		return compareText(v, "contains", escape(raw, ""))
	case "sw":
		return compareText(v, "", escape(raw, ""))
	}
	for _, t := range stringsOf(v) {
		switch {
		case op == "eq" && fold(t) == fold(raw), op == "ne" && fold(t) != fold(raw), op == "ew" && strings.HasSuffix(fold(t), fold(raw)):
			return true, nil
		}
	}
	return false, nil
}

// overlaps reports whether the value and the time asked for share an instant.
func (m Matcher) overlaps(v value, raw string) (bool, error) {
	asked, err := m.read(raw)
	if err != nil {
		return false, err
	}
	own, ok, err := m.spanOf(v)
	return ok && own.lo.Before(asked.hi) && asked.lo.Before(own.hi), err
}

// escape writes a value in the syntax of parameters, but for what is kept.
func escape(s, keep string) string {
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune(`\,|$`, r) && !strings.ContainsRune(keep, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
