// Package conformance attacks a running gateway from outside: it builds the
// command, starts it on the demonstration territory and speaks HTTP to it as
// the software of the territory does. It knows nothing of the gateway's inside
// and imports none of its packages, so that it tests what a client can see.
//
// What can be said in requests and answers is a plain-text script under
// testdata, one folder for each series (README.md describes the language; the
// package script runs it). Raw sockets, forged assertions, races, kill -9 and
// damaged files are Go tests beside it. Titles cite the threat (O26, A14, C05,
// P04, N06, R14) or the clause of the specification.
//
// testdata/pending holds the scripts of attacks that succeed today: they state
// the right expectation, are listed by every run and executed with -pending.
package conformance
