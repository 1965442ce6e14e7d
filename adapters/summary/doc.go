// Package summary composes what is known of a patient into a document: the
// International Patient Summary (HL7 IPS 2.0, operation Patient/[id]/$summary)
// and, on other plans, the French synthesis (CI-SIS Volet de Synthèse Médicale)
// and the IPS-FR, which package cda/writer writes as CDA.
//
// A Plan lists the sections and what belongs into each. All data comes through
// the guarded repository of the caller: what he may not see is not there, and
// nothing tells. A section that has to be there and has no entries says that
// nothing is available, never that there is nothing: "no known allergy" is said
// only where a resource says it.
//
// The package judges nothing: it selects by status, puts in order and writes
// the narrative. Resources go into the document byte for byte.
package summary
