// Package draft builds the FHIR resources that adapters make, element by
// element in the order in which they are to be written, and remembers for every
// element of what in the source it was made.
//
// Ordered objects rather than generated models: the models have no contained
// resources and no primitive extensions, write every branch of a required
// choice, and turn a forgotten status into the first code of its list. Here
// what was not set is not there, and the trace that the mapping report needs
// falls out of the building itself: an item of the source counts as mapped when
// an element that came of it is in a resource that is committed, and not
// because some code looked at it.
//
// Whether a draft is valid FHIR is the concern of package fhir/profile.
package draft
