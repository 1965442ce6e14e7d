package naive

import (
	"fmt"
	"strings"
)

// A coding is a system and a code, and what a person reads.
type coding struct{ system, code string }

// compareToken is R4 search.html#token.
func compareToken(v value, modifier, s string) (bool, error) {
	switch modifier {
	case "text":
		return startsWithAny(textsOf(v), plain(s)), nil
	case "of-type":
		return ofType(v, s)
	case "", "not":
	default:
		return false, fmt.Errorf("naive knows no token modifier %s", modifier)
	}
	parts := cut(s, '|')
	for i := range parts {
		parts[i] = plain(parts[i])
	}
	for _, c := range codingsOf(v) {
		want := parts[len(parts)-1]
		if v.typ == "ContactPoint" {
			c.code, want = contact(c.code), contact(want)
		}
		if v.typ == "Coding" || v.typ == "CodeableConcept" {
			c.code, want = strings.ToLower(c.code), strings.ToLower(want)
		}
		switch {
		case len(parts) == 1 && c.code == want && want != "",
			len(parts) == 2 && parts[1] != "" && c.system == parts[0] && c.code == want,
			len(parts) == 2 && parts[1] == "" && c.system == parts[0] && parts[0] != "":
			return true, nil
		}
	}
	return false, nil
}

// codingsOf are the pairs that a value holds.
func codingsOf(v value) (list []coding) {
	add := func(system, code any) {
		if text(code) != "" || text(system) != "" {
			list = append(list, coding{text(system), text(code)})
		}
	}
	switch v.typ {
	case "code", "boolean":
		add("", v.json)
	case "Coding":
		add(v.Get("system"), v.Get("code"))
	case "CodeableConcept":
		for _, c := range walk(v.json, "coding") {
			o := value{"", c}
			add(o.Get("system"), o.Get("code"))
		}
	case "Identifier", "ContactPoint":
		add(v.Get("system"), v.Get("value"))
	}
	return list
}

// textsOf are the texts that :text looks at.
func textsOf(v value) (list []string) {
	path := map[string][]string{"Coding": {"display"}, "CodeableConcept": {"text", "coding.display"}, "Identifier": {"type.text"}}
	for _, p := range path[v.typ] {
		for _, t := range walk(v.json, p) {
			list = append(list, text(t))
		}
	}
	return list
}

// ofType reads system|code|value: the type of an identifier and its value.
func ofType(v value, s string) (bool, error) {
	parts := cut(s, '|')
	if len(parts) != 3 {
		return false, fmt.Errorf("%d parts", len(parts))
	}
	if text(v.Get("value")) != plain(parts[2]) {
		return false, nil
	}
	for _, c := range codingsOf(value{"CodeableConcept", v.Get("type")}) {
		if c.system == plain(parts[0]) && c.code == plain(parts[1]) {
			return true, nil
		}
	}
	return false, nil
}

// contact compares addresses without case and telephone numbers by their digits.
func contact(s string) string {
	digits := strings.NewReplacer(" ", "", ".", "", "-", "", "(", "", ")", "", "/", "").Replace(s)
	if strings.Trim(digits, "+0123456789") == "" && strings.Trim(digits, "+") != "" {
		return digits
	}
	return strings.ToLower(s)
}
