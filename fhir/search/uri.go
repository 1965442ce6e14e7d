package search

import (
	"github.com/cordee-sante/cordee/fhir"
	"strings"
	"unicode/utf8"

	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// The rows of a uri, and of references that are not literal references to
// resources of this server:
//
//	uriWhole    uri                  without the |version of a canonical
//	uriVersion  uri end version      a canonical with its version
const (
	uriWhole   = 'u'
	uriVersion = 'w'
)

// uriEmits says how each data type is a uri.
var uriEmits = map[string]emit{
	"uri":       emitURI,
	"url":       emitURI,
	"oid":       emitURI,
	"uuid":      emitURI,
	"canonical": emitURI,
}

func emitURI(w *writer, n fhirjson.Node) { w.uri(n.Text()) }

// uri writes the rows of a uri. A bar is no character of one (RFC 3986), so it
// always sets off the version of a canonical.
func (w *writer) uri(s string) {
	if s == "" {
		return
	}
	url, version, versioned := strings.Cut(s, "|")
	w.open(uriWhole)
	w.arena = appendPart(w.arena, url, uriLimit(w.part))
	w.close()
	if versioned {
		w.open(uriVersion)
		w.arena = appendPart(w.arena, url, uriLimit(w.part))
		w.end()
		w.text(version)
		w.close()
	}
}

// uriLimit leaves room for the version.
func uriLimit(part int) int {
	if part == narrow {
		return narrow
	}
	return MaxValue - 3 - wide
}

// uri reads a uri to search for; the match is exact (R4 search.html#uri).
func (c *compiler) uri(modifier, value string) ([]clause, error) {
	s, ok := unescape(value)
	if !ok || s == "" {
		return nil, c.escapes()
	}
	switch modifier {
	case "below":
		return c.uriBelow(s)
	case "above":
		return c.uriAbove(s)
	}
	out := c.canonical(s)
	if c.p.Code == "_profile" && len(c.base) > 1 && !strings.Contains(s, ":") { // R4 search.html#profile: one of this server
		out = append(out, c.canonical(c.base+s)...)
	}
	return out, nil
}

// uriBelow is the clause of the uris that begin with it (R4 search.html#uri).
func (c *compiler) uriBelow(s string) ([]clause, error) {
	if err := c.hierarchical(s); err != nil {
		return nil, err
	}
	under := appendText([]byte{uriWhole}, s)
	if len(under) > uriLimit(c.part)-1-hashLen {
		return nil, c.tooLong(uriLimit(c.part) - 2 - hashLen)
	}
	return []clause{{Range: prefixed(under)}}, nil
}

// uriAbove is the clause of the uris that it begins with.
func (c *compiler) uriAbove(s string) ([]clause, error) {
	if err := c.hierarchical(s); err != nil {
		return nil, err
	}
	if len(s) > uriLimit(c.part)-1-hashLen {
		return nil, c.tooLong(uriLimit(c.part) - 2 - hashLen)
	}
	_, rest, _ := strings.Cut(s, "://")
	var out []clause
	for n := len(s) - len(rest) + 1; n <= len(s); n++ {
		if n == len(s) || utf8.RuneStart(s[n]) {
			out = append(out, equals(appendText([]byte{uriWhole}, s[:n])))
		}
	}
	return out, nil
}

// hierarchical refuses what has no path: a urn has nothing above or below.
func (c *compiler) hierarchical(s string) error {
	if _, rest, ok := strings.Cut(s, "://"); ok && rest != "" && !strings.Contains(s, "|") {
		return nil
	}
	return c.malformed("search.malformed-uri",
		fhir.T("The value has no path to look above or below of.", "La valeur n'a pas de chemin dont chercher le dessus ou le dessous."),
		fhir.T("Write an absolute URL without version, such as http://hl7.org/fhir/ValueSet; :above and :below do not apply to urn: values (R4 search.html#uri).",
			"Écrivez une URL absolue sans version, comme http://hl7.org/fhir/ValueSet ; :above et :below ne s'appliquent pas aux valeurs urn: (R4 search.html#uri)."))
}
