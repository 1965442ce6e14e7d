// Package fhirjson is the JSON boundary of the gateway: a strict scan of the
// received text into a tree of places in it, splices into that text, and the
// one encoder for resources that the gateway authors.
//
// The text is never rewritten: whoever needs a few elements reads them from
// the tree, and whoever must change id, meta or a reference splices bytes (RFC
// 8259, R4 json.html). What two parsers could read differently is refused, so
// that what was checked is what is stored. The package knows JSON, and the
// shape of a resource's id, meta and references; what elements a type has is
// the concern of package profile.
package fhirjson
