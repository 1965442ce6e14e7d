package main

import (
	"fmt"
	"slices"
	"sort"
	"strings"
)

// paramTable: a record for each search parameter and base type
//
//	base  code  type  url  expression  targets  definition  expression  …
//
// Of a union, the expression keeps the alternatives that start at the base
// type. Targets are parted by spaces; a composite goes on with its components.
// Parameters without an expression (_text, _content, _filter, _query and two
// of extensions) are left out, and so are the three examples of the specification.
func paramTable(p pack) (string, error) {
	var lines []string
	for _, sp := range p.params {
		if sp.Expression == "" || slices.Contains([]string{"example", "example-reference", "example-extension"}, sp.ID) {
			continue
		}
		var components []string
		for _, c := range sp.Component {
			components = append(components, c.Definition, c.Expression)
		}
		for _, base := range sp.Base {
			expression := restrict(sp.Expression, base)
			if expression == "" {
				return "", fmt.Errorf("%s: nothing starts at %s", sp.URL, base)
			}
			fields := []string{base, sp.Code, sp.Type, sp.URL, expression, strings.Join(sp.Target, " ")}
			lines = append(lines, strings.Join(append(fields, components...), "\t"))
		}
	}
	sort.Strings(lines)
	for i := 1; i < len(lines); i++ {
		if a, b := strings.Split(lines[i-1], "\t"), strings.Split(lines[i], "\t"); a[0] == b[0] && a[1] == b[1] {
			return "", fmt.Errorf("%s.%s is defined twice", a[0], a[1])
		}
	}
	return strings.Join(lines, "\n") + "\n", nil
}

// restrict returns the alternatives of a union that start at the base type.
func restrict(expression, base string) string {
	var kept []string
	for _, alternative := range alternatives(expression) {
		start := strings.TrimLeft(alternative, "(")
		if end := strings.IndexFunc(start, func(r rune) bool { return r == '.' || r == ' ' || r == ')' }); end >= 0 {
			start = start[:end]
		}
		switch {
		case start == base:
			kept = append(kept, alternative)
		case start[0] >= 'a': // InsurancePlan name: "name | alias", relative to its base
			kept = append(kept, base+"."+alternative)
		}
	}
	return strings.Join(kept, " | ")
}

// alternatives splits a union at the bars outside parentheses.
func alternatives(expression string) []string {
	var list []string
	depth, start := 0, 0
	for i := range len(expression) {
		switch expression[i] {
		case '(':
			depth++
		case ')':
			depth--
		case '|':
			if depth == 0 {
				list = append(list, strings.TrimSpace(expression[start:i]))
				start = i + 1
			}
		}
	}
	return append(list, strings.TrimSpace(expression[start:]))
}
