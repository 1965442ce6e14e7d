// Package cda reads CDA R2 documents of the French CI-SIS (VSM and its family)
// into FHIR R4.
//
// Syntax is package xmltree's. Here is meaning, one file per part of the
// standard: header participations (recordtarget.go, author.go, …), sections and
// their narrative (section.go, narrative.go), entry templates (problem.go,
// allergy.go, treatment.go, …) and data types (coded.go, timestamp.go, …).
// What a section or entry is follows from its templateId, then from its code,
// and last from its class: a document of an unknown kind still comes through
// with header, sections, narrative and every entry of a known shape.
//
// Specifications: HL7 CDA R2 (2005), CI-SIS Volet Structuration minimale and
// the content volumes of the ANS, IHE PCC; the mapping follows the ConceptMaps
// of ans.document.fr.core where they say something (docs/formats/cda.md lists
// what is read and what is not). The package neither validates against
// schematrons nor writes CDA, which package writer does.
package cda
