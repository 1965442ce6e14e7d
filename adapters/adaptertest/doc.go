// Package adaptertest is what every adapter's tests run: golden files, the rules
// that each conversion keeps whatever the document, and a fuzz target.
//
// The rules (Check): every resource is valid FHIR R4, every reference leads
// somewhere in the transaction, every item of the report has one fate and a
// path that exists, the original is kept byte for byte, Provenance names what
// was made, and the same bytes give the same resources.
package adaptertest
