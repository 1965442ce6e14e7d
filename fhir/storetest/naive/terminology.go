package naive

import (
	"fmt"
	"slices"
	"strings"
)

// coded is R4 search.html#modifiers, :in, :not-in, :above, :below: is there a
// coding that the value set, or the code, takes in?
func (m Matcher) coded(v value, modifier, s string) (bool, error) {
	s = plain(s)
	takes := func(c coding) (bool, error) { return m.inSet(s, c) }
	if modifier == "above" || modifier == "below" {
		system, code, _ := strings.Cut(s, "|")
		line, err := m.line(system, code, modifier == "above")
		if err != nil {
			return false, err
		}
		takes = func(c coding) (bool, error) { return c.system == system && holds(line, c.code), nil }
	}
	for _, c := range codingsOf(v) {
		ok, err := takes(c)
		if ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

// holds compares codes as codings are, without case.
func holds(codes []string, code string) bool {
	return slices.ContainsFunc(codes, func(c string) bool { return strings.EqualFold(c, code) })
}

// definition is the resource of a type with that canonical.
func (m Matcher) definition(typ, url string) (map[string]any, error) {
	for _, r := range m.others(typ) {
		if text(r["url"]) == url {
			return r, nil
		}
	}
	return nil, fmt.Errorf("no %s %s", typ, url)
}

// inSet reports whether a value set has the coding (R4 valueset.html#compose).
func (m Matcher) inSet(url string, c coding) (bool, error) {
	set, err := m.definition("ValueSet", url)
	if err != nil {
		return false, err
	}
	in := false
	for part, has := range map[string]bool{"include": true, "exclude": false} {
		for _, include := range walk(set["compose"], part) {
			ok, err := m.inPart(value{"", include}, c)
			if err != nil {
				return false, err
			}
			if ok && !has {
				return false, nil
			}
			in = in || ok
		}
	}
	return in, nil
}

func (m Matcher) inPart(part value, c coding) (bool, error) {
	if system := text(part.Get("system")); system != "" && system != c.system {
		return false, nil
	}
	if concepts := walk(part.json, "concept.code"); len(concepts) > 0 && !holds(texts(concepts), c.code) {
		return false, nil
	}
	for _, f := range walk(part.json, "filter") {
		f := value{"", f}
		root := text(f.Get("value"))
		line, err := m.line(text(part.Get("system")), root, false)
		if err != nil {
			return false, err
		}
		if !holds(line, c.code) || text(f.Get("op")) == "descendent-of" && strings.EqualFold(root, c.code) {
			return false, nil
		}
	}
	for _, other := range walk(part.json, "valueSet") {
		if ok, err := m.inSet(text(other), c); err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}

func texts(list []any) (out []string) {
	for _, j := range list {
		out = append(out, text(j))
	}
	return out
}

// line is the code and all above or below it in the hierarchy of its system.
func (m Matcher) line(system, code string, above bool) ([]string, error) {
	r, err := m.definition("CodeSystem", system)
	if err != nil {
		return nil, err
	}
	var found []string
	var visit func(list any, path []string, under bool)
	visit = func(list any, path []string, under bool) {
		for _, concept := range walk(list, "") {
			c := value{"", concept}
			own := text(c.Get("code"))
			at := append(slices.Clone(path), own)
			switch {
			case own == code && above:
				found = append(found, at...)
			case !above && (under || own == code):
				found = append(found, own)
			}
			visit(c.Get("concept"), at, under || own == code)
		}
	}
	visit(r["concept"], nil, false)
	return found, nil
}
