// Package document makes FHIR documents (R4 documents.html): the Bundle of a
// Composition with everything that it refers to, as the operation
// Composition/[id]/$document asks for it, and for the packages that compose
// documents of their own (summary).
//
// All data comes through the guarded repository of the caller. What he may not
// see is not in the document, and the document does not tell: the reference to
// it is left as it stands in the Composition, as one to something that was
// deleted is. Resources go into the Bundle byte for byte as they are stored.
//
// The package neither signs documents nor stores them.
package document
