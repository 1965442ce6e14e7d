// Package r4 holds the definitions of FHIR R4 (4.0.1) as tables: types and
// their elements, codes of required bindings, search parameters, compartments
// and invariants (https://hl7.org/fhir/R4/downloads.html).
//
// The tables are generated from the published definitions by the command in
// gen, committed compressed, and unpacked when first asked for. They say what
// R4 says and nothing more: profiles of others, and whether a resource obeys
// the tables, are the concern of package profile.
//
// Everything returned is shared and not to be modified.
package r4
