package draft

import (
	"strconv"
	"strings"
)

// A Tracer finds what resources were made of.
type Tracer struct {
	found func(from Origin)
	typ   string
	steps []step // to the element that it is at
	path  string // of them, empty when it was not asked for
}

// NewTracer returns a tracer that calls found for every origin. Path is then that
// of the element which came of it.
func NewTracer(found func(from Origin)) *Tracer { return &Tracer{found: found} }

// Trace goes through a resource.
func (t *Tracer) Trace(r *Resource) {
	t.typ, t.path = r.Type, ""
	t.object(&r.Object)
}

// Path returns the FHIRPath of the element that the tracer is at. Most are never
// asked for, and that of one element may be for many origins.
func (t *Tracer) Path() string {
	if t.path == "" {
		path := append(make([]byte, 0, 128), t.typ...)
		for _, s := range t.steps {
			path = s.append(path)
		}
		t.path = string(path)
	}
	return t.path
}

// step is a member, and the index of a value in its list, -1 where it is none.
type step struct {
	name  string
	index int
}

func (t *Tracer) object(o *Object) {
	t.origins(&o.from)
	for i := range o.members {
		m := &o.members[i]
		for j := range m.len() {
			at := step{m.name, -1}
			if m.list() {
				at.index = j
			}
			t.steps, t.path = append(t.steps, at), ""
			v := m.at(j)
			t.origins(&v.from)
			if v.object != nil {
				t.object(v.object)
			}
			t.steps, t.path = t.steps[:len(t.steps)-1], ""
		}
	}
}

func (t *Tracer) origins(from *origins) {
	if from.first == 0 {
		return
	}
	t.found(from.first)
	for n := from.rest; n != nil; n = n.next {
		t.found(n.Origin)
	}
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
