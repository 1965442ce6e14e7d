// Package audit is the gateway's Audit Record Repository (IHE ATNA): it keeps
// one compact record of every request and of every change, proves that none was
// altered or removed, and answers ITI-81 with AuditEvents of IHE BALP 1.1.
//
// A Trail is three things in one. As a Recorder and as the store's fhir.Witness
// it makes records durable before an answer leaves and before a change is
// committed. As a fhir.Repository it reads and searches AuditEvents, which it
// renders from the records; its index lies in the engine, follows the log, and
// can be rebuilt from it. Underneath, package ledger keeps the log: segments,
// Merkle tree, signed checkpoints, offline verifier.
//
// docs/audit-format.md gives every byte. The package judges nobody: who may do
// or see what is decided by the guard and its decision point.
package audit
