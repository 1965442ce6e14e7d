package search

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/fhir/fhirjson"
	tables "github.com/cordee-sante/cordee/fhir/r4"
)

// A step goes from an object to the items of one of its members.
type step struct {
	name  string
	first bool
	cond  string
	keep  func(n fhirjson.Node) bool
}

// A path is what an expression comes down to: the members to go through, and
// what lies at the end. Choices are resolved, so an expression with value[x]
// has a path for each type.
type path struct {
	steps   []step
	root    bool            // it starts at the resource, whatever the context (%resource)
	element *tables.Element // whose children the end has; nil for a primitive or another resource
	typ     tables.TypeRef  // of the end
	binding string          // required binding of the end
	targets []string        // types that a where(resolve() is T) left of a reference
	choice  bool            // one of several types of an element
}

// paths resolves an expression against the definitions. The context is the
// element that it starts from.
func paths(e *expr, context *tables.Element) ([]path, error) {
	if e == nil {
		return nil, fmt.Errorf("a function without anything before")
	}
	switch e.op {
	case "|":
		left, err := paths(e.args[0], context)
		if err != nil {
			return nil, err
		}
		right, err := paths(e.args[1], context)
		return append(left, right...), err
	case "name":
		return named(e.name, context)
	case "resource":
		root, ok := tables.Lookup(strings.SplitN(context.Path, ".", 2)[0])
		if !ok {
			return nil, fmt.Errorf("no type for %s", context.Path)
		}
		return []path{{root: true, element: root.Root(), typ: tables.TypeRef{Code: root.Name}}}, nil
	}
	if len(e.args) == 0 || e.args[0] == nil {
		return nil, fmt.Errorf("%s %s without anything before", e.op, e.name)
	}
	from, err := paths(e.args[0], context)
	if err != nil {
		return nil, err
	}
	switch {
	case e.op == ".":
		return children(from, e.name)
	case e.op == "as":
		return ofType(from, e.name)
	case e.op == "[0]":
		return refined(from, func(s *step) { s.first, s.cond = true, s.cond+"[0]" }), nil
	case e.op == "call" && (e.name == "as" || e.name == "ofType") && len(e.args) == 2 && e.args[1].op == "name":
		return ofType(from, e.args[1].name)
	case e.op == "call" && e.name == "where" && len(e.args) == 2:
		return where(from, e.args[1])
	case e.op == "call" && e.name == "extension" && len(e.args) == 2 && e.args[1].op == "literal":
		return extensions(from, e.args[1].name)
	}
	return nil, fmt.Errorf("%s %s is not supported", e.op, e.name)
}

// named resolves the name that an expression begins with: the type itself, any
// resource, or a member of the context.
func named(name string, context *tables.Element) ([]path, error) {
	here := path{element: context, typ: tables.TypeRef{Code: context.Path}}
	if name == context.Path || name == "Resource" || name == "DomainResource" {
		return []path{here}, nil
	}
	return children([]path{here}, name)
}

// maxPaths bounds what the choices of an expression may multiply to.
const maxPaths = 1000

// children are the members of the name, one path for each type of a choice.
func children(from []path, name string) (out []path, err error) {
	for _, p := range from {
		if p.element == nil {
			continue
		}
		for c := range p.element.Children() {
			if c.Name != name && c.Name != name+"[x]" {
				continue
			}
			refs := c.Types
			if c.Content != "" {
				refs = []tables.TypeRef{{Code: "BackboneElement"}}
			}
			for _, ref := range refs {
				child := tables.Child{Element: c, Type: ref}
				to := path{root: p.root, typ: ref, element: child.Structure(), binding: c.Binding, choice: len(refs) > 1}
				to.steps = append(slices.Clone(p.steps), step{name: c.MemberName(ref)})
				if out = append(out, to); len(out) > maxPaths {
					return nil, fmt.Errorf("it leads to too many places")
				}
			}
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no element %s", name)
	}
	return out, nil
}

// ofType keeps the paths of a type or of one that specialises it. DateTime, as
// the definition of code-value-date has it, is dateTime.
func ofType(from []path, name string) ([]path, error) {
	if _, ok := tables.Lookup(name); !ok {
		name = strings.ToLower(name[:1]) + name[1:]
	}
	out := slices.DeleteFunc(from, func(p path) bool {
		t, ok := tables.Lookup(p.typ.Code)
		return !ok || !t.Is(name)
	})
	if len(out) == 0 {
		return nil, fmt.Errorf("nothing is of type %s", name)
	}
	return out, nil
}

// where keeps the items for which the condition holds.
func where(from []path, cond *expr) ([]path, error) {
	switch {
	case cond.op == "=" && cond.args[0].op == "name" && cond.args[1].op == "literal":
		member, value := cond.args[0].name, cond.args[1].name
		return filtered(from, member+"="+value, func(n fhirjson.Node) bool { return n.Get(member).Text() == value }), nil
	case cond.op == "is" && cond.args[0].op == "call" && cond.args[0].name == "resolve":
		typ := cond.name
		if !tables.IsResource(typ) {
			return nil, fmt.Errorf("%s is no resource type", typ)
		}
		out := filtered(from, "is "+typ, func(n fhirjson.Node) bool { return refersTo(n, typ) })
		for i := range out {
			out[i].targets = []string{typ}
		}
		return out, nil
	case cond.op == "call" && cond.name == "hasExtension" && len(cond.args) == 2 && cond.args[1].op == "literal":
		url := cond.args[1].name
		return filtered(from, "has "+url, func(n fhirjson.Node) bool {
			for x := range n.Get("extension").Items() {
				if x.Get("url").Text() == url {
					return true
				}
			}
			return false
		}), nil
	}
	return nil, fmt.Errorf("a condition with %s %s is not supported", cond.op, cond.name)
}

// extensions are the extensions of the url.
func extensions(from []path, url string) ([]path, error) {
	all, err := children(from, "extension")
	if err != nil {
		return nil, err
	}
	return filtered(all, "url="+url, func(n fhirjson.Node) bool { return n.Get("url").Text() == url }), nil
}

func filtered(from []path, cond string, keep func(fhirjson.Node) bool) []path {
	return refined(from, func(s *step) {
		before := s.keep
		s.cond += "?" + cond
		s.keep = keep
		if before != nil {
			s.keep = func(n fhirjson.Node) bool { return before(n) && keep(n) }
		}
	})
}

// refined changes the last step of each path.
func refined(from []path, change func(*step)) []path {
	for i := range from {
		if n := len(from[i].steps); n > 0 {
			change(&from[i].steps[n-1])
		}
	}
	return from
}

// A condition is an expression that is true or false of a resource.
type condition func(root fhirjson.Node) bool

// conditionOf resolves exists(), !=, and and. It returns nil for an expression
// that is none.
func conditionOf(e *expr, context *tables.Element) (condition, error) {
	switch {
	case e.op == "and":
		left, err := conditionOf(e.args[0], context)
		if err != nil || left == nil {
			return nil, err
		}
		right, err := conditionOf(e.args[1], context)
		if err != nil || right == nil {
			return nil, err
		}
		return func(n fhirjson.Node) bool { return left(n) && right(n) }, nil
	case e.op == "call" && e.name == "exists" && len(e.args) == 1:
		return anyOf(e.args[0], context, func(fhirjson.Node) bool { return true })
	case e.op == "!=" && e.args[1].op == "name" && (e.args[1].name == "false" || e.args[1].name == "true"):
		not := e.args[1].name
		return anyOf(e.args[0], context, func(n fhirjson.Node) bool { return n.Kind() != fhirjson.Bool || n.Text() != not })
	}
	return nil, nil
}

// anyOf is whether the expression leads to a node for which ok holds.
func anyOf(e *expr, context *tables.Element, ok func(fhirjson.Node) bool) (condition, error) {
	all, err := paths(e, context)
	if err != nil {
		return nil, err
	}
	k := &walk{}
	for _, p := range all {
		k.add(p.steps, sink{emit: func(w *writer, n fhirjson.Node) {
			if ok(n) {
				w.found = true
			}
		}})
	}
	return func(root fhirjson.Node) bool {
		w := &writer{}
		w.run(k, root)
		return w.found
	}, nil
}
