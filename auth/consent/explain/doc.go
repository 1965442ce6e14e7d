// Package explain is the operation Patient/{id}/$consent-decision: what an actor
// may see of a patient, by class of data, and which rules in which versions make
// it so. It asks the decision point (package consent) and renders its answer as
// Parameters, in French or English.
//
// It decides nothing, neither what the actor may see nor who may ask: that is
// for auth.Guard.Inquire.
package explain
