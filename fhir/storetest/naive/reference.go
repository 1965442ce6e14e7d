package naive

import (
	"fmt"
	"strings"
)

// targetOf is the type that a literal reference names, wherever it lies, or that
// a reference without one declares.
func targetOf(v value) string {
	s, _, _ := strings.Cut(text(v.Get("reference")), "/_history/")
	if parts := strings.Split(s, "/"); len(parts) >= 2 {
		return parts[len(parts)-2]
	}
	return text(v.Get("type"))
}

// compareReference is R4 search.html#reference.
func (m Matcher) compareReference(p param, v value, modifier, s string) (bool, error) {
	if modifier == "identifier" {
		return compareToken(value{"Identifier", v.Get("identifier")}, "", s)
	}
	s = m.relative(plain(s))
	if v.typ == "canonical" {
		url, wanted, versioned := strings.Cut(s, "|")
		whole, _, _ := strings.Cut(v.Text(), "#")
		for _, named := range []string{v.Text(), whole} { // what it names, and what that is within
			own, version, _ := strings.Cut(named, "|")
			if m.relative(own) == url && (!versioned || version == wanted) {
				return true, nil
			}
		}
		return false, nil
	}
	own := m.relative(text(v.Get("reference")))
	if own == "" || own[0] == '#' {
		return false, nil
	}
	current, _, _ := strings.Cut(own, "/_history/")
	typ, id, local := strings.Cut(current, "/")
	local = local && !strings.Contains(current, ":")
	switch {
	case strings.Contains(s, ":"): // absolute, on another server
		return own == s, nil
	case strings.Contains(s, "/_history/"):
		return own == s, nil
	case strings.Contains(s, "/"):
		return local && current == s, nil
	case modifier != "":
		return local && typ == modifier && id == s, nil
	case s != "":
		return local && id == s, nil
	}
	return false, fmt.Errorf("an empty reference to %s", p.target)
}

// relative takes the server's base off.
func (m Matcher) relative(s string) string {
	return strings.TrimPrefix(s, strings.TrimSuffix(m.Base, "/")+"/")
}
