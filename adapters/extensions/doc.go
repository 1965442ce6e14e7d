// Package extensions describes the extensions that the gateway puts into resources
// which it makes: one StructureDefinition (R4 structuredefinition.html) for each, with
// where it stands, what it holds and why R4 has no element for that.
//
// The definitions have a differential and no snapshot: software that wants one makes
// it from the Extension of R4. Extensions of HL7, FR Core, the ANS and IHE are defined
// by those, and profiles are none of its business.
package extensions
