package fhir

import "strings"

// A Key names a resource or, with a Version, one version of it.
type Key struct {
	Type    string // resource type, "Patient"
	ID      string // logical id, 1 to 64 of [A-Za-z0-9.-]
	Version string // meta.versionId; empty for the current version
}

// String returns the relative reference: Type/ID or Type/ID/_history/Version.
func (k Key) String() string {
	s := k.Type + "/" + k.ID
	if k.Version != "" {
		s += "/_history/" + k.Version
	}
	return s
}

// Current returns the key without its version.
func (k Key) Current() Key { return Key{Type: k.Type, ID: k.ID} }

// ParseReference reads a relative literal reference, Type/ID with an optional
// /_history/Version. Absolute URLs, urn: references, contained references and
// everything else are refused with ok false (R4 references.html#literal).
func ParseReference(s string) (k Key, ok bool) {
	typ, rest, found := strings.Cut(s, "/")
	if !found || !validType(typ) {
		return Key{}, false
	}
	id, tail, versioned := strings.Cut(rest, "/")
	if !ValidID(id) {
		return Key{}, false
	}
	k = Key{Type: typ, ID: id}
	if versioned {
		word, version, found := strings.Cut(tail, "/")
		if !found || word != "_history" || !ValidID(version) {
			return Key{}, false
		}
		k.Version = version
	}
	return k, true
}

// ValidID reports whether s is a FHIR id: 1 to 64 characters of
// [A-Za-z0-9.-] (R4 datatypes.html#id).
func ValidID(s string) bool {
	if len(s) == 0 || len(s) > 64 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.') {
			return false
		}
	}
	return true
}

// validType reports whether s is shaped like a resource type name. Whether the
// type exists is the concern of the tables in fhir/r4.
func validType(s string) bool {
	if len(s) < 2 || len(s) > 64 || s[0] < 'A' || s[0] > 'Z' {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z') {
			return false
		}
	}
	return true
}
