package draft

import "strconv"

// A Resource is a resource under construction.
type Resource struct {
	Object
	Type string
	ID   string  // empty where the server is to choose it
	Data Content // of a Binary
}

// usual is room for the members of most resources.
const usual = 12

// New returns an empty resource of the type.
func New(resourceType, id string) *Resource {
	r := &Resource{Type: resourceType, ID: id}
	r.members = make([]member, 0, usual)
	r.Set("resourceType", resourceType)
	r.Set("id", id)
	return r
}

// JSON returns the resource as FHIR JSON. Text must be valid UTF-8.
func (r *Resource) JSON() []byte {
	return r.Append(make([]byte, 0, r.size()+r.Data.size()+len(`,"data":""}`)))
}

// Append appends the resource as JSON does.
func (r *Resource) Append(b []byte) []byte {
	b = r.AppendJSON(b)
	if r.Data.Empty() {
		return b
	}
	b = append(b[:len(b)-1], `,"data":"`...)
	return append(r.Data.appendBase64(b), `"}`...)
}

// Trace calls found for every origin of the resource, with the FHIRPath of the
// element that came of it. The path is valid during the call only.
func (r *Resource) Trace(found func(from Origin, path []byte)) {
	t := tracer{found: found, path: append(make([]byte, 0, 128), r.Type...)}
	t.object(&r.Object)
}

type tracer struct {
	found func(Origin, []byte)
	path  []byte
}

func (t *tracer) object(o *Object) {
	t.origins(&o.from)
	for i := range o.members {
		m := &o.members[i]
		length := len(t.path)
		t.path = appendPath(t.path, m.name)
		named := len(t.path)
		for j := range m.len() {
			if m.list() {
				t.path = strconv.AppendInt(append(t.path[:named], '['), int64(j), 10)
				t.path = append(t.path, ']')
			}
			v := m.at(j)
			t.origins(&v.from)
			if v.object != nil {
				t.object(v.object)
			}
		}
		t.path = t.path[:length]
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

// appendPath appends a step of FHIRPath: ".name", ".value.ofType(Quantity)" for
// a choice, and the element itself for the extensions of a primitive.
func appendPath(path []byte, name string) []byte {
	path = append(path, '.')
	if name[0] == '_' {
		name = name[1:]
	}
	for i := range len(name) {
		if name[i] == '|' {
			path = append(append(path, name[:i]...), ".ofType("...)
			return append(append(path, name[i+1:]...), ')')
		}
	}
	return append(path, name...)
}
