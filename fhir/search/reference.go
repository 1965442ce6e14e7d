package search

import (
	"bytes"
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	tables "github.com/cordee-sante/cordee/fhir/r4"
)

// The rows of a reference (R4 search.html#reference), besides those of canonicals
// (canonical.go) and uriWhole for what lies on no server or another:
//
//	refKey         Type/id                    a resource of this server, whatever version
//	refVersion     Type/id/_history/version   and the version, where it names one
//	refIdentifier  value                      of Reference.identifier, whatever its system
//	refPair        system end value           the same with its system
//	refContained   id                         a resource contained in the one that refers
const (
	refKey        = 'r'
	refVersion    = 'v'
	refIdentifier = 'm'
	refPair       = 'n'
	refContained  = 'k'
)

// referenceEmits says how each data type is a reference.
var referenceEmits = map[string]emit{
	"Reference": emitReference,
	"canonical": emitCanonical,
	"uri":       emitCanonical,
	"url":       emitCanonical,
	"Resource":  emitResource,
}

func emitReference(w *writer, n fhirjson.Node) {
	for m := range n.Members() {
		switch m.Name() {
		case "reference":
			w.reference(m.Text())
		case "identifier":
			w.identifier(m.Get("system").Text(), m.Get("value").Text())
		}
	}
}

// reference writes the rows of a literal reference.
func (w *writer) reference(s string) {
	key, ok := fhir.ParseReference(strings.TrimPrefix(s, w.base))
	if !ok {
		if id, contained := strings.CutPrefix(s, "#"); contained {
			w.open(refContained)
			w.text(id)
			w.close()
		} else {
			w.uri(s)
		}
		return
	}
	w.open(refKey)
	w.arena = append(append(append(w.arena, key.Type...), '/'), key.ID...)
	w.close()
	if key.Version != "" {
		w.open(refVersion)
		w.arena = append(w.arena, strings.TrimPrefix(s, w.base)...)
		w.close()
	}
}

func (w *writer) identifier(system, value string) {
	if value == "" {
		return
	}
	w.open(refIdentifier)
	w.text(value)
	w.close()
	w.open(refPair)
	w.text(system)
	w.end()
	w.text(value)
	w.close()
}

// emitResource writes the row of a resource held in place (Bundle.entry[0]).
func emitResource(w *writer, n fhirjson.Node) {
	if id := n.Get("id").Text(); fhir.ValidID(id) {
		w.reference(n.Get("resourceType").Text() + "/" + id)
	}
}

// refersTo reports whether a Reference leads to the type: by the literal
// reference, wherever it lies, or by Reference.type where that says nothing.
func refersTo(n fhirjson.Node, typ string) bool {
	var reference, declared string
	for m := range n.Members() {
		switch m.Name() {
		case "reference":
			reference = m.Text()
		case "type":
			declared = m.Text()
		}
	}
	reference, _, _ = strings.Cut(reference, "/_history/")
	if i := strings.LastIndexByte(reference, '/'); i > 0 && fhir.ValidID(reference[i+1:]) {
		reference = reference[:i]
		return reference[strings.LastIndexByte(reference, '/')+1:] == typ
	}
	return declared == typ
}

// reference reads Type/id, id, an absolute URL or a canonical. The modifier may
// be the type.
func (c *compiler) reference(modifier, value string) ([]clause, error) {
	if modifier == "identifier" {
		return c.referenceIdentifier(value)
	}
	s, ok := unescape(value)
	if !ok {
		return nil, c.escapes()
	}
	switch {
	case modifier == "below" && c.p.Canonical:
		return c.canonicalBelow(s)
	case modifier == "above" || modifier == "below":
		return c.climb(modifier, s)
	}
	rest := strings.TrimPrefix(s, c.base)
	if key, ok := fhir.ParseReference(rest); ok {
		if modifier != "" && key.Type != modifier {
			return nil, c.malformedReference()
		}
		if !tables.IsResource(key.Type) {
			return nil, unknownType(c.name, key.Type)
		}
		return c.local(s, rest, key), nil
	}
	switch {
	case fhir.ValidID(s) && modifier != "":
		return []clause{equals([]byte(string(refKey) + modifier + "/" + s))}, nil
	case fhir.ValidID(s) && c.p.Canonical:
		return append(c.id(s), c.canonical(s)...), nil
	case fhir.ValidID(s):
		return c.id(s), nil
	case modifier == "" && (strings.Contains(s, ":") || c.p.Canonical):
		return c.canonical(s), nil
	}
	return nil, c.malformedReference()
}

// local is the clause of a resource of this server.
func (c *compiler) local(s, rest string, key fhir.Key) []clause {
	if key.Version != "" {
		return []clause{equals(append([]byte{refVersion}, rest...))}
	}
	out := []clause{equals(append([]byte{refKey}, rest...))}
	if c.p.Canonical && rest != s {
		out = append(out, c.canonical(s)...)
	}
	return out
}

// id is the clause of a bare id, of each type that the parameter leads to: rows
// of the id alone would be one for each reference, and who searches mostly knows
// the type.
func (c *compiler) id(id string) (out []clause) {
	types := c.p.Targets
	if len(types) == 0 {
		types = tables.Types()
	}
	for _, typ := range types {
		out = append(out, equals([]byte(string(refKey)+typ+"/"+id)))
	}
	return out
}

// referenceIdentifier reads system|value as a token, over Reference.identifier.
func (c *compiler) referenceIdentifier(value string) ([]clause, error) {
	parts := split(value, '|')
	switch {
	case len(parts) == 1 && parts[0] != "":
		return []clause{equals(appendPart([]byte{refIdentifier}, parts[0], c.part))}, nil
	case len(parts) == 2 && parts[1] != "":
		return []clause{equals(c.pair(refPair, parts[0], parts[1]))}, nil
	case len(parts) == 2 && parts[0] != "":
		return []clause{{Range: prefixed(append(appendPart([]byte{refPair}, parts[0], c.part), end))}}, nil
	}
	return nil, c.malformed("search.malformed-token",
		fhir.T("The value is not an identifier.", "La valeur n'est pas un identifiant."),
		fhir.T("Write system|value, value, or system| for any value of the system.",
			"Écrivez système|valeur, valeur, ou système| pour toute valeur du système."))
}

// RefersTo returns the range of all references to the type of resource that the
// range asks for; ok is false for a range that asks for no single resource of this
// server.
func (r Range) RefersTo() (all Range, ok bool) {
	if !r.Point || r.Lo[0] != refKey {
		return all, false
	}
	typ, _, ok := bytes.Cut(r.Lo, []byte{'/'})
	return prefixed(append(slices.Clip(typ), '/')), ok
}

// Referred returns the Type/id that a row names, whichever reference parameter's it
// is; ok is false for a row that says something else. It is to be parsed: a row of
// a composite may begin as one of a reference does.
func Referred(row []byte) (reference []byte, ok bool) {
	if len(row) == 0 || row[0] != refKey {
		return nil, false
	}
	return row[1:], true
}

// keysOf are the resources of this server, or the versions of them, among the
// values: the rows that begin with refKey or refVersion.
func keysOf(row byte, values [][]byte) (out []fhir.Key) {
	for _, v := range values {
		if v[0] == row {
			if key, ok := fhir.ParseReference(string(v[1:])); ok {
				out = append(out, key)
			}
		}
	}
	return out
}
