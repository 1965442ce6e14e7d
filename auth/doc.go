// Package auth is the enforcement point of the gateway (IHE IUA resource
// server, PCF Consent Enforcement Point): who asks (Principal), what the token
// lets them do (Scopes, SMART App Launch 2.2), what a decision point lets them
// see and write (Decider), the Guard through which every read and every write
// passes, and the door at which a request is authenticated and its audit
// record opened (Authenticate).
//
// It decides nothing about consent (package consent), issues no tokens (package
// oauth) and keeps no records (package audit). Whatever is missing refuses: a
// zero Principal, an empty Scopes, a nil collaborator.
package auth
