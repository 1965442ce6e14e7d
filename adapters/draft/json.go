package draft

import (
	"strings"

	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// AppendJSON appends the object as JSON.
func (o *Object) AppendJSON(b []byte) []byte {
	b = append(b, '{')
	for i := range o.members {
		m := &o.members[i]
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendName(append(b, '"'), m.name), '"', ':')
		if m.list() {
			b = append(b, '[')
		}
		for j := range m.len() {
			if j > 0 {
				b = append(b, ',')
			}
			b = m.at(j).appendJSON(b)
		}
		if m.list() {
			b = append(b, ']')
		}
	}
	return append(b, '}')
}

// size estimates the length of the JSON, a little too long as a rule.
func (o *Object) size() int {
	n := 2
	for i := range o.members {
		m := &o.members[i]
		n += len(m.name) + 6
		for j := range m.len() {
			v := m.at(j)
			n += len(v.text) + len(v.text)/16 + 3
			if v.object != nil {
				n += v.object.size()
			}
		}
	}
	return n
}

// appendName appends the name of a member in JSON: value|Quantity is
// valueQuantity. Names are ours and need no escaping.
func appendName(b []byte, name string) []byte {
	head, typ, choice := strings.Cut(name, "|")
	b = append(b, head...)
	if choice {
		b = append(b, typ[0]&^0x20)
		b = append(b, typ[1:]...)
	}
	return b
}

func (v *value) appendJSON(b []byte) []byte {
	switch {
	case v.object != nil:
		return v.object.AppendJSON(b)
	case v.from.literal:
		return append(b, v.text...)
	}
	return fhirjson.AppendQuote(b, v.text)
}
