// Package script reads and runs plain-text black-box scripts: requests of named
// actors, and what their answers must be. The language is that of
// conformance/README.md; it has no conditions, loops or expressions.
//
// Its heart is the pair: a step that begins with "both" is sent twice, once
// about something that is withheld from the actor and once about something that
// was never there, and the two answers must not differ in status, headers or
// body, apart from the two names, times and request ids.
package script
