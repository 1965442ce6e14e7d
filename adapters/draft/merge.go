package draft

import "slices"

// Equal reports whether two objects would be written alike, whatever their
// origins.
func (o *Object) Equal(other *Object) bool {
	if o == nil || other == nil {
		return o.Empty() && other.Empty()
	}
	return slices.EqualFunc(o.members, other.members, func(a, b member) bool {
		return a.name == b.name && a.list() == b.list() && equalMember(&a, &b)
	})
}

func equalMember(a, b *member) bool {
	if a.len() != b.len() {
		return false
	}
	for i := range a.len() {
		if !equalValue(*a.at(i), *b.at(i)) {
			return false
		}
	}
	return true
}

func equalValue(a, b value) bool {
	return a.text == b.text && a.from.literal == b.from.literal && (a.object == nil) == (b.object == nil) &&
		(a.object == nil || a.object.Equal(b.object))
}

// Merge takes over what a second description of the same thing says: members
// that are missing, items of lists that are not there yet, and the origins of
// all that is said alike. A single value that differs is left as it is, and its
// origins stay without trace, so that the report lists the disagreement.
func (o *Object) Merge(other *Object) {
	o.from.add(other.from.list())
	for i := range other.members {
		m := &other.members[i]
		own := o.find(m.name)
		if own == nil {
			o.members = append(o.members, m.copy())
			continue
		}
		for j := range m.len() {
			own.merge(*m.at(j))
		}
	}
}

func (m *member) merge(v value) {
	for i := range m.len() {
		if equalValue(*m.at(i), v) {
			m.at(i).absorb(v)
			return
		}
	}
	for i := range m.len() {
		if own := m.at(i).object; own.sameConcept(v.object) {
			own.Merge(v.object)
			return
		}
	}
	switch {
	case m.list():
		m.append(v)
	case m.one.object != nil && v.object != nil:
		m.one.object.Merge(v.object)
	}
}

// sameConcept reports whether two objects are the same Coding, whatever their
// display, or concepts with the same codings and no words of their own.
func (o *Object) sameConcept(other *Object) bool {
	if o == nil || other == nil {
		return false
	}
	if o.Has("code") && o.Has("system") {
		return o.Text("code") == other.Text("code") && o.Text("system") == other.Text("system")
	}
	if o.Text("text") != other.Text("text") {
		return false
	}
	a, b := o.Objects("coding"), other.Objects("coding")
	return len(a) > 0 && slices.EqualFunc(a, b, (*Object).sameConcept)
}

// absorb takes the origins of a value that is written alike.
func (v *value) absorb(other value) {
	v.from.add(other.from.list())
	if v.object == nil {
		return
	}
	v.object.from.add(other.object.from.list())
	for i := range v.object.members {
		own, same := &v.object.members[i], &other.object.members[i]
		for j := range own.len() {
			own.at(j).absorb(*same.at(j))
		}
	}
}
