// Package adapters takes in what practice software sends: it finds the format,
// has the adapter of that format turn the document into one FHIR transaction,
// commits it, and says what became of every single item of the source.
//
// Adapter is one format (package cda, …). An Assembly gathers the resources
// that an adapter makes of one document, with the original bytes as Binary and
// DocumentReference, the Provenance that links them, and the mapping report.
// Intake is the way in: detect → convert → commit, or quarantine.
//
// Nothing is lost and nothing is guessed. The original is kept whole; an item
// is mapped, kept as narrative or listed as not understood; a document that
// cannot be read, or whose patient cannot be identified safely, is put aside
// with its reason and touches no patient.
//
// What is made is idempotent: ids are derived from source system, document and
// place in it, so the same bytes sent again change nothing.
package adapters
