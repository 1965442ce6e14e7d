// Package harness builds the gateway, starts it as a process of its own and
// speaks to it as the software of the demonstration territory does: with the
// client files that it writes, SMART Backend Services tokens, and HTTP.
package harness
