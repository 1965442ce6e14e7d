package draft

import (
	"strconv"
	"strings"
)

// Trace calls found for every origin of the resource; path makes the FHIRPath of
// the element that came of it, and is valid during the call.
func (r *Resource) Trace(found func(from Origin, path func() string)) {
	t := tracer{found: found, typ: r.Type, steps: make([]step, 0, 16)}
	t.path = t.render
	t.object(&r.Object)
}

// tracer goes through a resource. Most paths are never asked for, and those of one
// element only once.
type tracer struct {
	found func(from Origin, path func() string)
	path  func() string
	typ   string
	steps []step
	last  string // what was rendered of these steps, empty when nothing was
}

// step is a member, and the index of a value in its list, -1 where it is none.
type step struct {
	name  string
	index int
}

func (t *tracer) object(o *Object) {
	t.origins(&o.from)
	for i := range o.members {
		m := &o.members[i]
		for j := range m.len() {
			at := step{m.name, -1}
			if m.list() {
				at.index = j
			}
			t.steps, t.last = append(t.steps, at), ""
			v := m.at(j)
			t.origins(&v.from)
			if v.object != nil {
				t.object(v.object)
			}
			t.steps, t.last = t.steps[:len(t.steps)-1], ""
		}
	}
}

func (t *tracer) origins(from *origins) {
	if from.first == 0 {
		return
	}
	t.found(from.first, t.path)
	for n := from.rest; n != nil; n = n.next {
		t.found(n.Origin, t.path)
	}
}

// render returns the FHIRPath of the steps.
func (t *tracer) render() string {
	if t.last == "" {
		path := append(make([]byte, 0, 128), t.typ...)
		for _, s := range t.steps {
			path = s.append(path)
		}
		t.last = string(path)
	}
	return t.last
}

// append appends a step of FHIRPath: ".name", ".name[0]", ".value.ofType(Quantity)"
// for a choice, and the element itself for the extensions of a primitive.
func (s step) append(path []byte) []byte {
	path = append(path, '.')
	name := s.name
	if name[0] == '_' {
		name = name[1:]
	}
	element, typ, choice := strings.Cut(name, "|")
	path = append(path, element...)
	if choice {
		path = append(append(append(path, ".ofType("...), typ...), ')')
	}
	if s.index >= 0 {
		path = append(strconv.AppendInt(append(path, '['), int64(s.index), 10), ']')
	}
	return path
}
