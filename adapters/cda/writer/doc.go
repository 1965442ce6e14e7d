// Package writer writes FHIR documents as CDA R2 for the software that reads
// nothing else: the VSM and the IPS-FR of the CI-SIS, and any document that
// package cda has read.
//
// It is the inverse of package cda, and tested as such: what it writes of a
// document that was read is read again as the same resources (roundtrip_test.go
// lists what may differ). The header follows the CI-SIS Volet Structuration
// minimale, sections and entries the templates of the ANS, which conform to
// those of IHE PCC; docs/formats/cda-out.md lists them.
//
// A resource of a type that has no entry here is in the narrative of its
// section and nowhere else. A code of a system that has no OID is left to words.
// The package does not run schematrons.
package writer
