package fhirjson

import (
	"bytes"
	"encoding/json"

	"github.com/cordee-sante/cordee/fhir"
)

// Encode returns the JSON of a resource that the gateway authors: a samply
// model, a map, or both mixed. Nothing received goes through it.
//
// It repairs what encoding/json makes of the models: null, {}, [] and "", which
// FHIR does not have (R4 json.html), are dropped with what becomes empty by
// that, characters of HTML are not escaped, and resourceType comes first. In an
// array an item that is dropped closes the gap, so arrays of primitives with
// extensions, which need null, are not for it. The error is a *fhir.Error of kind
// Internal.
func Encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, encodeError(err)
	}
	doc, err := ParseLimits(b.Bytes(), Limits{Null: true})
	if err != nil {
		return nil, encodeError(err)
	}
	return appendValue(make([]byte, 0, b.Len()), doc.Root()), nil
}

// encodeError is Internal whatever the cause is: its line and column are of a
// text that nobody has seen.
func encodeError(err error) error {
	return fhir.Errorf(fhir.Internal, "fhirjson.Encode", "json.encode", fhir.CodeException, "",
		fhir.T("A resource could not be written as JSON.", "Une ressource n'a pas pu être écrite en JSON."),
		fhir.T("Report this: it is an error of the gateway.", "Signalez-le : c'est une erreur de la passerelle.")).Wrap(err)
}

// appendValue appends what is not empty of a value, or nothing.
func appendValue(b []byte, n Node) []byte {
	switch n.Kind() {
	case Object:
		return appendObject(b, n)
	case Array:
		start := len(b)
		b = append(b, '[')
		for m := n.First(); m.Exists(); m = m.Next() {
			b = appendItem(b, start+1, "", m)
		}
		return closed(b, start, ']')
	case String:
		if text := n.Text(); text != "" {
			return AppendQuote(b, text)
		}
		return b
	case Null:
		return b
	}
	return append(b, n.Raw()...)
}

func appendObject(b []byte, n Node) []byte {
	start := len(b)
	b = append(b, '{')
	typ := n.Get("resourceType")
	if typ.Exists() {
		b = appendItem(b, start+1, "resourceType", typ)
	}
	for m := n.First(); m.Exists(); m = m.Next() {
		if m.i != typ.i {
			b = appendItem(b, start+1, m.Name(), m)
		}
	}
	return closed(b, start, '}')
}

// appendItem appends a comma unless it is the first after start, the name of a
// member, and the value; nothing when the value is empty.
func appendItem(b []byte, start int, name string, n Node) []byte {
	before := len(b)
	if before > start {
		b = append(b, ',')
	}
	if name != "" {
		b = append(AppendQuote(b, name), ':')
	}
	value := len(b)
	if b = appendValue(b, n); len(b) == value {
		return b[:before]
	}
	return b
}

// closed appends the closing bracket, or takes the opening one back.
func closed(b []byte, start int, bracket byte) []byte {
	if len(b) == start+1 {
		return b[:start]
	}
	return append(b, bracket)
}
