package draft

import "slices"

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
	from    origins
	few     [2]member // the first of members: most objects have no more
}

// member is one value or a list: the first value lies in the member itself,
// since most have no other.
type member struct {
	name string
	one  value
	more *[]value // of a list
}

func (m *member) list() bool { return m.one.from.many }

func (m *member) len() int {
	if m.more == nil {
		return 1
	}
	return 1 + len(*m.more)
}

func (m *member) at(i int) *value {
	if i == 0 {
		return &m.one
	}
	return &(*m.more)[i-1]
}

func (m *member) append(v value) {
	if m.more == nil {
		m.more = new([]value)
	}
	*m.more = append(*m.more, v)
}

// copy returns the member for another object: what is appended to either list is
// not in the other.
func (m *member) copy() member {
	c := *m
	if m.more != nil {
		own := slices.Clip(*m.more)
		c.more = &own
	}
	return c
}

// value is a string, a literal (number or boolean) or an object.
type value struct {
	text   string
	object *Object
	from   origins
}

func stringValue(text string, from []Origin) value {
	v := value{text: text}
	v.from.add(from)
	return v
}

// Empty reports whether nothing is set. It may be called on nil.
func (o *Object) Empty() bool { return o == nil || len(o.members) == 0 }

// Mark notes origins of the object as a whole: what the source said by it.
func (o *Object) Mark(from ...Origin) *Object {
	o.from.add(from)
	return o
}

// Set sets a string, uri, code, date or other element that is a string in JSON.
func (o *Object) Set(name, text string, from ...Origin) *Object {
	if text != "" {
		o.put(name, stringValue(text, from))
	}
	return o
}

// Literal sets a number or boolean, given as it is to be written.
func (o *Object) Literal(name, literal string, from ...Origin) *Object {
	if literal != "" {
		v := stringValue(literal, from)
		v.from.literal = true
		o.put(name, v)
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
		o.add(name, stringValue(text, from))
	}
	return o
}

// Has reports whether the member is set.
func (o *Object) Has(name string) bool { return o.find(name) != nil }

// Text returns the string of a member, empty when it has none.
func (o *Object) Text(name string) string {
	if m := o.find(name); m != nil && !m.list() {
		return m.one.text
	}
	return ""
}

// Object returns the object of a member, the first of a list, or nil.
func (o *Object) Object(name string) *Object {
	if m := o.find(name); m != nil {
		return m.one.object
	}
	return nil
}

// Objects returns the objects of a list.
func (o *Object) Objects(name string) []*Object {
	m := o.find(name)
	if m == nil {
		return nil
	}
	list := make([]*Object, 0, m.len())
	for i := range m.len() {
		if v := m.at(i).object; v != nil {
			list = append(list, v)
		}
	}
	return list
}

// Texts returns the strings of a list.
func (o *Object) Texts(name string) []string {
	m := o.find(name)
	if m == nil {
		return nil
	}
	list := make([]string, m.len())
	for i := range list {
		list[i] = m.at(i).text
	}
	return list
}

// Note adds origins to a string or literal that is set already: another item of
// the source that says the same.
func (o *Object) Note(name string, from ...Origin) {
	if m := o.find(name); m != nil {
		v := &m.one
		if v.object != nil {
			v.object.Mark(from...)
			return
		}
		v.from.add(from)
	}
}

// From returns the origins of a string or literal.
func (o *Object) From(name string) []Origin {
	if m := o.find(name); m != nil {
		return m.one.from.list()
	}
	return nil
}

// Move sets a member to what another object has under another name, if it has
// it.
func (o *Object) Move(other *Object, from, to string) {
	if m := other.find(from); m != nil {
		moved := m.copy()
		moved.name = to
		o.members = append(o.members, moved)
	}
}

// Copy sets a member to what another object has there, if it has it.
func (o *Object) Copy(other *Object, name string) {
	if m := other.find(name); m != nil && o.find(name) == nil {
		o.members = append(o.members, m.copy())
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
		*m = member{name: name, one: v}
		return
	}
	o.grow()
	o.members = append(o.members, member{name: name, one: v})
}

func (o *Object) add(name string, v value) {
	if m := o.find(name); m != nil {
		m.append(v)
		return
	}
	o.grow()
	v.from.many = true
	o.members = append(o.members, member{name: name, one: v})
}

// grow makes room for a few members at once.
func (o *Object) grow() {
	if o.members == nil {
		o.members = o.few[:0]
	}
}
