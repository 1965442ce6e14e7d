package fhirjson

import "strings"

// Parse scans the text strictly, within the default limits, and returns its
// tree. The text may be reused afterwards.
//
// Beyond RFC 8259 it refuses names that occur twice in an object or differ only
// in case, text that is not UTF-8 or starts with a byte order mark, halves of
// surrogate pairs, control characters even when escaped (tab, line feed and
// carriage return may be), and null outside arrays. The error is a *fhir.Error
// of kind Malformed, or TooLarge for the length, that gives line and column.
func Parse(text []byte) (*Doc, error) { return ParseLimits(text, Limits{}) }

// ParseLimits is Parse within other limits.
func ParseLimits(text []byte, limits Limits) (*Doc, error) {
	limits = limits.withDefaults()
	if len(text) > limits.Bytes {
		return nil, bytesFault(limits.Bytes).at("", 0)
	}
	var open [64]nameHash // on the stack; enough for all but the largest objects
	s := scanner{text: string(text), limits: limits, names: open[:0]}
	if strings.HasPrefix(s.text, "\ufeff") {
		return nil, faultBOM.at(s.text, 0)
	}
	// Before every value but the first there is one of these; a few more stand in
	// narratives. The cap keeps a hostile text from reserving more than it is worth.
	s.nodes = make([]node, 0, min(1+strings.Count(s.text, ",")+strings.Count(s.text, "{")+strings.Count(s.text, "["), 1<<16))
	s.space()
	if _, err := s.value(1, limits.Null); err != nil {
		return nil, err
	}
	s.space()
	if s.pos != len(s.text) {
		return nil, s.fail(faultTrailing)
	}
	return &Doc{text: s.text, nodes: s.nodes}, nil
}
