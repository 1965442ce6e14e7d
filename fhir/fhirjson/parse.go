// Package fhirjson is the JSON boundary of the gateway: a strict scan into a
// tree of places in the received text, splices into that text, and the one
// encoder for resources that the gateway authors.
//
// The text is never rewritten: whoever needs a few elements reads them from
// the tree, and whoever must change id, meta or a reference splices bytes (R4
// json.html). It knows JSON and the shape of a resource's id and meta; what
// elements a type has is the concern of package profile.
package fhirjson

import (
	"bytes"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/cordee-sante/cordee/fhir"
)

// Parse scans the text strictly and returns its tree.
func Parse(text []byte) (*Doc, error) {
	d := &Doc{text: string(text), nodes: make([]node, 0, len(text)/24+8)}
	dec := jsontext.NewDecoder(bytes.NewBuffer(text))
	if _, err := d.value(dec); err != nil {
		return nil, fhir.Errorf(fhir.Malformed, "fhirjson.Parse", "json.malformed", fhir.CodeStructure, "",
			fhir.T("The body is not well-formed JSON.", "Le corps n'est pas du JSON bien formé."), fhir.Text{}).Wrap(err)
	}
	if _, err := dec.ReadToken(); err != io.EOF {
		return nil, fhir.Errorf(fhir.Malformed, "fhirjson.Parse", "json.trailing", fhir.CodeStructure, "",
			fhir.T("There is text after the JSON value.", "Du texte suit la valeur JSON."), fhir.Text{})
	}
	return d, nil
}

// value reads the next value and everything in it, and returns its index.
func (d *Doc) value(dec *jsontext.Decoder) (int32, error) {
	i := int32(len(d.nodes))
	switch kind := dec.PeekKind(); kind {
	case '{', '[':
		if _, err := dec.ReadToken(); err != nil {
			return 0, err
		}
		start := int32(dec.InputOffset()) - 1
		if kind == '{' {
			d.nodes = append(d.nodes, node{start: start, kind: Object})
		} else {
			d.nodes = append(d.nodes, node{start: start, kind: Array})
		}
		if err := d.children(dec, kind == '{'); err != nil {
			return 0, err
		}
		if _, err := dec.ReadToken(); err != nil {
			return 0, err
		}
		d.nodes[i].end = int32(dec.InputOffset())
	default:
		raw, err := dec.ReadValue()
		if err != nil {
			return 0, err
		}
		end := int32(dec.InputOffset())
		d.nodes = append(d.nodes, node{start: end - int32(len(raw)), end: end, kind: scalarKind(kind),
			escaped: kind == '"' && bytes.IndexByte(raw, '\\') >= 0})
	}
	return i, nil
}

// children reads the members or items up to the closing bracket.
func (d *Doc) children(dec *jsontext.Decoder, object bool) error {
	last := int32(0)
	for k := dec.PeekKind(); k != '}' && k != ']'; k = dec.PeekKind() {
		var name node
		if object {
			raw, err := dec.ReadValue()
			if err != nil {
				return err
			}
			name.nameEnd = int32(dec.InputOffset()) - 1
			name.nameStart = name.nameEnd - int32(len(raw)) + 2
			name.nameEscaped = bytes.IndexByte(raw, '\\') >= 0
		}
		c, err := d.value(dec)
		if err != nil {
			return err
		}
		x := &d.nodes[c]
		x.nameStart, x.nameEnd, x.nameEscaped = name.nameStart, name.nameEnd, name.nameEscaped
		if last != 0 {
			d.nodes[last].next = c
		}
		last = c
	}
	return nil
}

func scalarKind(k jsontext.Kind) Kind {
	switch k {
	case '"':
		return String
	case '0':
		return Number
	case 'n':
		return Null
	}
	return Bool
}

func unquote(s string) string {
	b, err := jsontext.AppendUnquote(nil, s)
	if err != nil {
		return ""
	}
	return string(b)
}
