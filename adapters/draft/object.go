package draft

import "strings"

// An Origin numbers an item of the source, from 1. 0 is none.
type Origin = int32

// An Object is an element under construction. The zero Object is empty and
// ready. Its members keep the order in which they are first set; a member that
// would be empty is not set, since FHIR JSON has no empty values.
//
// Members of a choice are named with their type behind a bar:
// "value|Quantity" is written as valueQuantity and traced as
// value.ofType(Quantity).
type Object struct {
	members []member
	from    []Origin
}

type member struct {
	name  string
	list  bool
	value []value // one unless list
}

// value is a string, a literal (number or boolean) or an object.
type value struct {
	text    string
	literal bool
	object  *Object
	from    []Origin
}

// Empty reports whether nothing is set. It may be called on nil.
func (o *Object) Empty() bool { return o == nil || len(o.members) == 0 }

// Mark notes origins of the object as a whole: what the source said by it.
func (o *Object) Mark(from ...Origin) *Object {
	o.from = appendOrigins(o.from, from)
	return o
}

// Set sets a string, uri, code, date or other element that is a string in JSON.
func (o *Object) Set(name, text string, from ...Origin) *Object {
	if text != "" {
		o.put(name, value{text: text, from: from})
	}
	return o
}

// Literal sets a number or boolean, given as it is to be written.
func (o *Object) Literal(name, literal string, from ...Origin) *Object {
	if literal != "" {
		o.put(name, value{text: literal, literal: true, from: from})
	}
	return o
}

// Put sets an object. An empty one is left out, with its origins.
func (o *Object) Put(name string, v *Object) *Object {
	if !v.Empty() {
		o.put(name, value{object: v})
	}
	return o
}

// Add appends an object to a list.
func (o *Object) Add(name string, v *Object) *Object {
	if !v.Empty() {
		o.add(name, value{object: v})
	}
	return o
}

// AddText appends a string to a list.
func (o *Object) AddText(name, text string, from ...Origin) *Object {
	if text != "" {
		o.add(name, value{text: text, from: from})
	}
	return o
}

// Has reports whether the member is set.
func (o *Object) Has(name string) bool { return o.find(name) != nil }

// Text returns the string of a member, empty when it has none.
func (o *Object) Text(name string) string {
	if m := o.find(name); m != nil && !m.list {
		return m.value[0].text
	}
	return ""
}

// Object returns the object of a member, the first of a list, or nil.
func (o *Object) Object(name string) *Object {
	if m := o.find(name); m != nil {
		return m.value[0].object
	}
	return nil
}

// Objects returns the objects of a list.
func (o *Object) Objects(name string) []*Object {
	m := o.find(name)
	if m == nil {
		return nil
	}
	list := make([]*Object, 0, len(m.value))
	for _, v := range m.value {
		if v.object != nil {
			list = append(list, v.object)
		}
	}
	return list
}

// Note adds origins to a string or literal that is set already: another item of
// the source that says the same.
func (o *Object) Note(name string, from ...Origin) {
	if m := o.find(name); m != nil {
		v := &m.value[0]
		if v.object != nil {
			v.object.Mark(from...)
			return
		}
		v.from = appendOrigins(v.from, from)
	}
}

// From returns the origins of a string or literal.
func (o *Object) From(name string) []Origin {
	if m := o.find(name); m != nil {
		return m.value[0].from
	}
	return nil
}

// Copy sets a member to what another object has there, if it has it.
func (o *Object) Copy(other *Object, name string) {
	if m := other.find(name); m != nil && o.find(name) == nil {
		o.members = append(o.members, *m)
	}
}

func (o *Object) find(name string) *member {
	if o != nil {
		for i := range o.members {
			if o.members[i].name == name {
				return &o.members[i]
			}
		}
	}
	return nil
}

func (o *Object) put(name string, v value) {
	if m := o.find(name); m != nil {
		m.list, m.value = false, []value{v}
		return
	}
	o.members = append(o.members, member{name: name, value: []value{v}})
}

func (o *Object) add(name string, v value) {
	if m := o.find(name); m != nil {
		m.value = append(m.value, v)
		return
	}
	o.members = append(o.members, member{name: name, list: true, value: []value{v}})
}

// appendOrigins never writes into the array of list, which values may share.
func appendOrigins(list, more []Origin) []Origin {
	list = list[:len(list):len(list)]
	for _, origin := range more {
		if origin != 0 {
			list = append(list, origin)
		}
	}
	return list
}

// jsonName returns the name of a member in JSON.
func jsonName(name string) string {
	if head, typ, choice := strings.Cut(name, "|"); choice {
		return head + strings.ToUpper(typ[:1]) + typ[1:]
	}
	return name
}
