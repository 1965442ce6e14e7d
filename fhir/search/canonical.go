package search

import (
	"bytes"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// The rows of a canonical, url|version#fragment (R4 references.html#canonical), in
// a reference parameter:
//
//	uriWhole    url                 with the fragment, where there is one, and without
//	uriVersion  url end version     likewise; an empty version where it names none
//	refKey      Type/id             where the url is the address of a resource of this server
//
// What a canonical means is decided when a query runs: resources come and go, and
// so do versions.

// emitCanonical writes the rows of a canonical.
func emitCanonical(w *writer, n fhirjson.Node) {
	s := n.Text()
	w.uri(s)
	whole, _, fragment := strings.Cut(s, "#")
	if whole == "" {
		w.reference(s) // contained
		return
	}
	url, _, versioned := strings.Cut(whole, "|")
	if fragment {
		w.uri(whole)
	}
	if !versioned {
		w.open(uriVersion)
		w.arena = appendPart(w.arena, url, uriLimit(w.part))
		w.end()
		w.close()
	}
	if _, local := fhir.ParseReference(strings.TrimPrefix(url, w.base)); local {
		w.reference(url)
	}
}

// canonical is the clause of a uri, of the one version that it may name.
func (c *compiler) canonical(s string) []clause {
	url, version, versioned := strings.Cut(s, "|")
	if !versioned {
		return []clause{equals(appendPart([]byte{uriWhole}, url, uriLimit(c.part)))}
	}
	return []clause{equals(appendPart(append(appendPart([]byte{uriVersion}, url, uriLimit(c.part)), end), version, c.part))}
}

// another reports whether a row says of a canonical what a row beside it says: the
// url with its fragment, or the address of a resource of this server.
func (c *compiler) another(v []byte) bool {
	if !c.p.Canonical || v[0] != uriWhole {
		return false
	}
	_, local := fhir.ParseReference(strings.TrimPrefix(string(v[1:]), c.base))
	return local || bytes.IndexByte(v, '#') > 0
}

// canonicalBelow is the clause of a canonical whose version is the one given or
// goes on from it: 1.2 finds 1.2 and 1.2.3 (R4 search.html#reference).
func (c *compiler) canonicalBelow(s string) ([]clause, error) {
	url, version, ok := strings.Cut(s, "|")
	switch {
	case !ok:
		return c.canonical(url), nil // every version of it
	case version == "" || len(version) > c.part/2:
		return nil, c.malformedReference()
	}
	under := appendText(append(appendPart([]byte{uriVersion}, url, uriLimit(c.part)), end), version+".")
	return []clause{equals(under[:len(under)-1]), {Range: prefixed(under)}}, nil
}

// URLParam returns the parameter by which a resource of the type is found by its
// canonical; false for types that have none.
func (r *Registry) URLParam(typ string) (*Param, bool) {
	url, ok := r.Param(typ, "url")
	_, versions := r.Param(typ, "version") // the url of a Device or a Subscription is an address
	return url, ok && versions && url.Type == URI
}

// A Canonical is a row of a reference parameter that says which url, and which
// version of it, a canonical names. Two are equal when they name the same.
type Canonical string

// Canonicals returns the canonicals among the values of a reference parameter.
func Canonicals(values [][]byte) (out []Canonical) {
	for _, v := range values {
		if v[0] == uriVersion {
			out = append(out, Canonical(v))
		}
	}
	return out
}

// URL is the range of URLParam in which what the canonical means has its value,
// in each of its versions.
func (c Canonical) URL() Range {
	url, _, _ := bytes.Cut([]byte(c[1:]), []byte{end})
	return point(append([]byte{uriWhole}, url...))
}

// CanonicalsOf returns the canonicals that mean a resource with this url and
// version, and as values of a reference parameter. An empty version is none.
func CanonicalsOf(url, version string) (rows []Canonical, values []string) {
	if url == "" || strings.ContainsAny(url, "|#") {
		return nil, nil // no canonical names it
	}
	named := []string{url + "|"}
	if version != "" {
		named = append(named, url+"|"+version)
	}
	w := writer{part: wide}
	for _, s := range named {
		w.reset()
		w.uri(s)
		rows = append(rows, Canonical(w.value(w.rows[1])))
		values = append(values, valueEscapes.Replace(s))
	}
	return rows, values
}

// valueEscapes makes a value of what a parameter would otherwise take apart (R4
// search.html#escaping).
var valueEscapes = strings.NewReplacer(`\`, `\\`, `,`, `\,`, `|`, `\|`, `$`, `\$`)
