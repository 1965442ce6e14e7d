// Package naive is a search by looking: it reads a resource as plain JSON and
// tells whether it matches, from the text of R4 search.html alone. It shares
// nothing with package search: no published definitions, no index values, no
// ranges of bytes. It is slow, knows the parameters of a few types, and is meant
// to be right at a glance; tests compare the store with it.
//
// It is no reading of a query's syntax: a value that cannot be read is an error
// without a kind. Where R4 leaves a choice, it makes the one that package search
// documents (punctuation parts words or says nothing, ap is ten percent or the
// precision, codings have no case, identifiers have).
package naive

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Matcher matches resources as a server would that has this base and zone.
type Matcher struct {
	Base string         // absolute references below it are local
	Zone *time.Location // of dates that name none

	// Others are all resources of a type, for what asks about more than one:
	// lists, value sets, chains of a filter. Nil for none.
	Others func(typ string) [][]byte
}

// A Criterion is one name=value of a query, decoded. Filter is the value of a
// _filter.
type Criterion struct {
	Name, Value string
	Filter      *Filter
}

// Match reports whether the resource meets all criteria.
func (m Matcher) Match(body []byte, criteria []Criterion) (bool, error) {
	resource, err := decode(body)
	if err != nil {
		return false, err
	}
	return m.all(resource, criteria)
}

func decode(body []byte) (resource map[string]any, err error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber() // 1.00 is not 1
	err = d.Decode(&resource)
	return resource, err
}

func (m Matcher) all(resource map[string]any, criteria []Criterion) (bool, error) {
	for _, c := range criteria {
		ok, err := m.meets(resource, c)
		if err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}

// meets reports whether the resource meets one criterion.
func (m Matcher) meets(resource map[string]any, c Criterion) (bool, error) {
	code, modifier, _ := strings.Cut(c.Name, ":")
	switch {
	case c.Filter != nil:
		return m.filtered(resource, *c.Filter)
	case code == "_text" && modifier == "missing":
		return (len(narrative(resource)) == 0) == (c.Value == "true"), nil
	case code == "_text" || code == "_content":
		return m.lookedFor(resource, code, c.Value)
	case code == "_list":
		return m.listed(resource, c.Value), nil
	}
	typ, _ := resource["resourceType"].(string)
	p, ok := params[typ][code]
	if !ok {
		return false, fmt.Errorf("naive knows no parameter %s of %s", code, typ)
	}
	if p.kind == kindReference && (modifier == "above" || modifier == "below") {
		return m.meets(resource, Criterion{Name: code, Value: m.reached(typ, code, modifier, c.Value)})
	}
	found := p.values(resource)
	if modifier == "missing" {
		return (len(found) == 0) == (c.Value == "true"), nil
	}
	some := false
	for _, alternative := range cut(c.Value, ',') {
		for _, v := range found {
			ok, err := m.compare(p, v, modifier, alternative)
			if err != nil {
				return false, err
			}
			some = some || ok
		}
	}
	return some != (modifier == "not" || modifier == "not-in"), nil
}

// compare compares one value with one alternative.
func (m Matcher) compare(p param, v value, modifier, text string) (bool, error) {
	if len(p.components) > 0 {
		return m.composite(p, v, text)
	}
	switch p.kind {
	case kindToken:
		switch modifier {
		case "in", "not-in", "above", "below":
			return m.coded(v, modifier, text)
		}
		return compareToken(v, modifier, text)
	case kindSpecial:
		return near(v, text)
	case kindString:
		return compareText(v, modifier, text)
	case kindReference:
		return m.compareReference(p, v, modifier, text)
	case kindDate:
		return m.compareDate(v, text)
	case kindNumber:
		return compareNumber(v.Number(), text)
	case kindQuantity:
		return compareQuantity(v, text)
	case kindURI:
		return compareURI(v, modifier, text)
	}
	return false, fmt.Errorf("naive has no comparison for %s", p.kind)
}

// composite holds when each part of the text has a value of its component in
// this one element.
func (m Matcher) composite(p param, v value, text string) (bool, error) {
	parts := cut(text, '$')
	if len(parts) != len(p.components) {
		return false, fmt.Errorf("%d parts for %d components", len(parts), len(p.components))
	}
	element, _ := v.json.(map[string]any)
	for i, c := range p.components {
		some := false
		for _, inner := range c.values(element) {
			ok, err := m.compare(c, inner, "", parts[i])
			if err != nil {
				return false, err
			}
			some = some || ok
		}
		if !some {
			return false, nil
		}
	}
	return true, nil
}

// cut cuts at a separator without a backslash in front, and leaves backslashes.
func cut(s string, separator byte) (parts []string) {
	var part []byte
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			part = append(part, s[i], s[i+1])
			i++
		case s[i] == separator:
			parts = append(parts, string(part))
			part = nil
		default:
			part = append(part, s[i])
		}
	}
	return append(parts, string(part))
}

// plain takes the backslashes off.
func plain(s string) string { return escapes.Replace(s) }

var escapes = strings.NewReplacer(`\\`, `\`, `\,`, `,`, `\|`, `|`, `\$`, `$`)

// prefixed cuts the prefix off an ordered value; eq without one.
func prefixed(s string) (prefix, rest string) {
	prefixes := []string{"eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"}
	if len(s) > 2 && slices.Contains(prefixes, s[:2]) {
		return s[:2], s[2:]
	}
	return "eq", s
}
