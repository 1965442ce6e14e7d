package r4

import (
	"iter"
	"strings"
)

// A Child is what a JSON member of an object is: an element and the type that
// the member's name chooses for it.
type Child struct {
	*Element
	Type TypeRef // zero for an element with Content
}

// Root returns the element that stands for the type itself.
func (t *Type) Root() *Element { return &t.Elements[0] }

// Child returns what the JSON member of that name is in a value of the type:
// "name", or "valueQuantity" for value[x]. It knows no "_name".
func (t *Type) Child(member string) (Child, bool) { return t.Root().Child(member) }

// Element returns the element at a path, with or without the type in front:
// "Patient.contact.name", "contact.name", "value[x]". Elements of other types
// and content references are not followed: contact.name.family is none.
func (t *Type) Element(path string) (*Element, bool) {
	for i := range t.Elements {
		e := &t.Elements[i]
		if e.Path == path || strings.HasSuffix(e.Path, path) && len(e.Path) == len(t.Name)+1+len(path) {
			return e, true
		}
	}
	return nil, false
}

// Choice reports whether the element is a choice of types, value[x].
func (e *Element) Choice() bool { return strings.HasSuffix(e.Name, "[x]") }

// Repeats reports whether the element may occur more than once, which makes it
// an array in JSON.
func (e *Element) Repeats() bool { return e.Max > 1 }

// Children yields the elements directly below.
func (e *Element) Children() iter.Seq[*Element] {
	return func(yield func(*Element) bool) {
		for i := 1; i < e.size; i += e.siblings[i].size {
			if !yield(&e.siblings[i]) {
				return
			}
		}
	}
}

// Child returns what the JSON member of that name is in a value of the
// element, which has its elements in place, as a type or a BackboneElement.
// For others ask the element that Structure returns.
func (e *Element) Child(member string) (Child, bool) {
	for i := 1; i < e.size; i += e.siblings[i].size {
		c := &e.siblings[i]
		if c.Name == member {
			child := Child{Element: c}
			if len(c.Types) > 0 {
				child.Type = c.Types[0]
			}
			return child, !c.Choice()
		}
		if !c.Choice() {
			continue
		}
		if suffix, ok := strings.CutPrefix(member, c.Name[:len(c.Name)-len("[x]")]); ok {
			for _, ref := range c.Types {
				if capitalEqual(suffix, ref.Code) {
					return Child{c, ref}, true
				}
			}
		}
	}
	return Child{}, false
}

// capitalEqual reports whether suffix is the code with a capital.
func capitalEqual(suffix, code string) bool {
	return len(suffix) == len(code) && suffix != "" && suffix[1:] == code[1:] &&
		suffix[0] >= 'A' && suffix[0] <= 'Z' && suffix[0]|0x20 == code[0]|0x20
}

// MemberName returns the JSON name of the element for one of its types:
// "valueQuantity" for value[x], and the element's own name otherwise.
func (e *Element) MemberName(ref TypeRef) string {
	if !e.Choice() {
		return e.Name
	}
	return e.Name[:len(e.Name)-len("[x]")] + strings.ToUpper(ref.Code[:1]) + ref.Code[1:]
}

// Structure returns the element whose children the child's value has: its own,
// those of its content reference, or those of its type. For a primitive they
// are those of its _name: id and extension. For a resource inside another, whose
// type its own text names, it is nil.
func (c Child) Structure() *Element {
	switch {
	case c.Content != "":
		name, _, _ := strings.Cut(c.Content, ".")
		if t, ok := Lookup(name); ok {
			e, _ := t.Element(c.Content)
			return e
		}
		return nil
	case c.size > 1:
		return c.Element
	}
	t, ok := Lookup(c.Type.Code)
	if !ok || t.Kind == Resource {
		return nil
	}
	return t.Root()
}
