package cda

import (
	"strings"

	"github.com/cordee-sante/cordee/adapters"
)

// identifier returns the Identifier of an II: an OID with an extension is a
// system and a value in it, a root alone is globally unique by itself
// (R4 datatypes.html#Identifier). It is nil for a null flavor.
func identifier(n *node) *object {
	root, extension := strings.TrimSpace(n.Attr("root")), strings.TrimSpace(n.Attr("extension"))
	o := new(object)
	switch {
	case root == "" && extension == "":
		return nil
	case root == "":
		return o.Set("value", extension, mark(n))
	case extension == "":
		uri := uriOf(root)
		if uri == "" {
			return o.Set("value", root, mark(n))
		}
		return o.Set("system", "urn:ietf:rfc:3986").Set("value", uri, mark(n))
	}
	if uri := uriOf(root); uri != "" {
		return o.Set("system", uri).Set("value", extension, mark(n))
	}
	return o.Set("value", root+"^"+extension, mark(n))
}

// identifiers adds the Identifier of every id of a clinical statement.
func identifiers(o *object, n *node) {
	for id := range n.Elements("id") {
		o.Add("identifier", identifier(id))
	}
}

// uriOf returns the URI of an OID or UUID, empty for anything else.
func uriOf(root string) string {
	root = strings.TrimPrefix(strings.TrimPrefix(root, "urn:oid:"), "urn:uuid:") // as some write it
	switch {
	case isUUID(root):
		return "urn:uuid:" + strings.ToLower(root)
	case adapters.IsOID(root):
		return "urn:oid:" + root
	}
	return ""
}

func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		switch {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return false
			}
		case c >= '0' && c <= '9', c >= 'a' && c <= 'f', c >= 'A' && c <= 'F':
		default:
			return false
		}
	}
	return true
}
