// Package ledger is an append-only log that proves itself: records in segment
// files, one frame each, fsynced in batches; a Merkle tree over them (RFC 6962,
// computed with golang.org/x/mod/sumdb/tlog); and signed checkpoints of that
// tree (C2SP tlog-checkpoint, Ed25519), kept beside the log and outside it.
//
// It does not know what a record says: package audit writes audit records into
// it. docs/audit-format.md gives every byte, for whoever writes a second
// verifier. The files of a log:
//
//	LOCK                       held by the one process that writes
//	00000000000000000000.seg   frames; the name is the number of its first record
//	hashes                     32 bytes per stored hash of the tree, in tlog order
//	checkpoints                signed notes, oldest first, a blank line after each
//	trail.vkey                 public keys that may sign, one per line
//
// Three rules make a damaged log tell what happened to it. A record is
// acknowledged only after fdatasync. Its hashes are written after that sync, so
// a hash without its record means that a durable record is gone. Each frame
// says how many records were durable when it was written, so an unreadable
// frame in front of a later batch is damage and not an interrupted write.
package ledger
