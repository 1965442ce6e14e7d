package rest

import (
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/fhir/fhirjson"
	tables "github.com/cordee-sante/cordee/fhir/r4"
)

// observationValue is the code system of the tag SUBSETTED.
const observationValue = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"

const subsettedTag = `{"system":"` + observationValue + `","code":"SUBSETTED","display":"subsetted"}`

// A subset is what _summary or _elements leaves of a resource
// (R4 search.html#summary, #elements).
type subset struct {
	summary  string   // "", "true", "text", "data", "count", "false"
	elements []string // names of elements at the top of the resource
}

// whole reports whether everything is to be sent.
func (s subset) whole() bool {
	return len(s.elements) == 0 && (s.summary == "" || s.summary == "false" || s.summary == "count")
}

// of returns the resource with the members that are wanted, each as it is
// stored, and the tag SUBSETTED, by which nobody takes it for the whole.
func (s subset) of(typ string, body []byte) ([]byte, error) {
	doc, err := fhirjson.ParseLimits(body, fhirjson.Limits{Bytes: len(body)})
	if err != nil {
		return nil, err
	}
	t, ok := tables.Lookup(typ)
	if !ok {
		return body, nil
	}
	b := make([]byte, 0, len(body)/2+len(subsettedTag)+32)
	b = append(b, '{')
	tagged := false
	for m := doc.Root().First(); m.Exists(); m = m.Next() {
		name := m.Name()
		switch {
		case name == "resourceType", name == "id":
			b = appendMember(b, name, m.Raw())
		case name == "meta":
			b, tagged = appendMember(b, name, tag(m)), true
		case s.keeps(t.Root(), name):
			b = appendMember(b, name, s.value(t.Root(), m))
		}
	}
	if !tagged {
		b = appendMember(b, "meta", `{"tag":[`+subsettedTag+`]}`)
	}
	return append(b, '}'), nil
}

// keeps reports whether a member at the top of a resource is wanted. Elements
// that are mandatory or change the meaning of others always are, except that
// _summary=data takes all but the text.
func (s subset) keeps(root *tables.Element, member string) bool {
	name := strings.TrimPrefix(member, "_")
	child, known := root.Child(name)
	switch {
	case !known:
		return s.summary == "data"
	case s.summary == "data":
		return name != "text"
	case s.summary == "text":
		return name == "text" || child.Min > 0
	case s.summary == "true":
		return summarised(child)
	}
	return child.Min > 0 || child.Modifier || slices.Contains(s.elements, name) || slices.Contains(s.elements, strings.TrimSuffix(child.Name, "[x]"))
}

func summarised(c tables.Child) bool { return c.Summary || c.Modifier || c.Min > 0 }

// value returns the JSON of a member: of _summary=true what the summary has of
// it, of any other as it is stored.
func (s subset) value(parent *tables.Element, m fhirjson.Node) string {
	child, ok := parent.Child(m.Name())
	if s.summary != "true" || !ok {
		return m.Raw()
	}
	structure := child.Structure()
	if structure == nil || !hasSummary(structure) {
		return m.Raw()
	}
	switch m.Kind() {
	case fhirjson.Object:
		return s.object(structure, m)
	case fhirjson.Array:
		var b strings.Builder
		for item := range m.Items() {
			if b.Len() == 0 {
				b.WriteByte('[')
			} else {
				b.WriteByte(',')
			}
			if item.Kind() == fhirjson.Object {
				b.WriteString(s.object(structure, item))
			} else {
				b.WriteString(item.Raw())
			}
		}
		return b.String() + "]"
	}
	return m.Raw()
}

// object returns the members of a complex value that belong to a summary, and
// the whole of it when none does: an empty object is no FHIR.
func (s subset) object(e *tables.Element, n fhirjson.Node) string {
	b := []byte{'{'}
	for m := n.First(); m.Exists(); m = m.Next() {
		name := m.Name()
		child, ok := e.Child(strings.TrimPrefix(name, "_"))
		if ok && summarised(child) {
			b = appendMember(b, name, s.value(e, m))
		}
	}
	if len(b) == 1 {
		return n.Raw()
	}
	return string(append(b, '}'))
}

// hasSummary reports whether the definition marks any element for summaries.
// Where it marks none (SampledData) the value is kept whole.
func hasSummary(e *tables.Element) bool {
	for c := range e.Children() {
		if c.Summary {
			return true
		}
	}
	return false
}

// tag returns the JSON of meta with the tag SUBSETTED added.
func tag(meta fhirjson.Node) string {
	if meta.Kind() != fhirjson.Object {
		return `{"tag":[` + subsettedTag + `]}`
	}
	b, done := []byte{'{'}, false
	for m := meta.First(); m.Exists(); m = m.Next() {
		raw := m.Raw()
		if m.Name() == "tag" && m.Kind() == fhirjson.Array {
			done = true
			if m.Len() == 0 {
				raw = "[" + subsettedTag + "]"
			} else {
				raw = raw[:len(raw)-1] + "," + subsettedTag + "]"
			}
		}
		b = appendMember(b, m.Name(), raw)
	}
	if !done {
		b = appendMember(b, "tag", "["+subsettedTag+"]")
	}
	return string(append(b, '}'))
}

// appendMember appends a member to an object whose opening brace is there.
func appendMember(b []byte, name, json string) []byte {
	if b[len(b)-1] != '{' {
		b = append(b, ',')
	}
	b = appendString(b, name)
	b = append(b, ':')
	return append(b, json...)
}
