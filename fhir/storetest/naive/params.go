package naive

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// The kinds of parameters.
const (
	kindToken     = "token"
	kindString    = "string"
	kindReference = "reference"
	kindDate      = "date"
	kindNumber    = "number"
	kindQuantity  = "quantity"
	kindURI       = "uri"
	kindComposite = "composite"
	kindSpecial   = "special"
)

// A param is a search parameter: where its values are.
type param struct {
	kind       string
	elements   []element
	target     string  // reference: only those to this type
	components []param // composite
}

// An element is a path of member names, over lists where they come, and the
// data type at its end. A last name like telecom[phone] takes the items of that
// system only.
type element struct{ path, typ string }

// A value is what stands at the end of a path.
type value struct {
	typ  string
	json any
}

// Text is a primitive as text.
func (v value) Text() string { return text(v.json) }

func text(j any) string {
	switch j := j.(type) {
	case string:
		return j
	case json.Number:
		return j.String()
	case bool:
		if j {
			return "true"
		}
		return "false"
	}
	return ""
}

// Get is a member of an object.
func (v value) Get(name string) any {
	object, _ := v.json.(map[string]any)
	return object[name]
}

// Number is a decimal as written.
func (v value) Number() string { return v.Text() }

func (p param) values(resource map[string]any) (list []value) {
	for _, e := range p.elements {
		for _, j := range walk(resource, e.path) {
			v := value{e.typ, j}
			if v.says() && (p.target == "" || p.target == targetOf(v)) {
				list = append(list, v)
			}
		}
	}
	return list
}

// says reports whether there is anything to compare: not in a reference that is
// nothing but a display, in a quantity without a value, in a name without a
// text, in a timing without limits.
func (v value) says() bool {
	switch v.typ {
	case "HumanName", "Address":
		return len(stringsOf(v)) > 0
	case "Timing":
		return v.Get("event") != nil || len(walk(v.json, "repeat.boundsPeriod")) > 0
	case "Reference":
		return text(v.Get("reference")) != "" || v.Get("identifier") != nil
	case "Quantity", "Age":
		return v.Get("value") != nil
	case "position":
		return v.Get("latitude") != nil && v.Get("longitude") != nil
	}
	return true
}

// walk follows a path. An empty path stays where it is.
func walk(at any, path string) []any {
	if list, ok := at.([]any); ok {
		var found []any
		for _, item := range list {
			found = append(found, walk(item, path)...)
		}
		return found
	}
	if at == nil {
		return nil
	}
	if path == "" {
		return []any{at}
	}
	name, rest, _ := strings.Cut(path, ".")
	name, system, filtered := strings.Cut(strings.TrimSuffix(name, "]"), "[")
	object, _ := at.(map[string]any)
	next := object[name]
	if !filtered {
		return walk(next, rest)
	}
	var found []any
	for _, item := range walk(next, "") {
		if o, _ := item.(map[string]any); text(o["system"]) == system {
			found = append(found, walk(item, rest)...)
		}
	}
	return found
}

// Codes are the parameters known of a type, sorted, and their kinds; for the
// empty type those of all types.
func Codes(typ string) (codes, kinds []string) {
	params := params
	if typ == "" {
		params = map[string]map[string]param{"": with(map[string]param{})}
	}
	for _, code := range slices.Sorted(maps.Keys(params[typ])) {
		codes = append(codes, code)
		if p := params[typ][code]; len(p.components) > 0 {
			kinds = append(kinds, kindComposite)
		} else {
			kinds = append(kinds, p.kind)
		}
	}
	return codes, kinds
}

// of makes a parameter from pairs of path and type.
func of(kind string, pairs ...string) param {
	p := param{kind: kind}
	for i := 0; i < len(pairs); i += 2 {
		p.elements = append(p.elements, element{pairs[i], pairs[i+1]})
	}
	return p
}

// to limits a reference parameter to a type.
func (p param) to(typ string) param {
	p.target = typ
	return p
}

// pair makes a composite over the elements at a path, of two components.
func pair(path string, first, second param) param { return pairs([]string{path}, first, second) }

// pairs is pair over the elements at several paths.
func pairs(paths []string, first, second param) param {
	p := param{kind: kindComposite, components: []param{first, second}}
	for _, path := range paths {
		p.elements = append(p.elements, element{path, ""})
	}
	return p
}

// Components are the kinds of the components of a composite.
func Components(typ, code string) (kinds []string) {
	for _, c := range params[typ][code].components {
		kinds = append(kinds, c.kind)
	}
	return kinds
}
