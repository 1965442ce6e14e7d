// Package profile validates resources. Validate compares a resource with the
// tables of R4: known elements, cardinality, JSON and primitive formats,
// choices, required bindings, targets of references, contained resources,
// extensions and narratives (R4 validation.html, json.html, narrative.html).
//
// It looks at one document and asks nobody: whether a reference leads
// anywhere, whether a code exists in its system, and the invariants in FHIRPath
// are beyond it. It reads the tree of package fhirjson and changes nothing.
package profile
