// Package store is the gateway's Repository over an ordered key-value engine:
// versions, history, search index, conditional and atomic changes (R4 http.html,
// search.html). keys.go documents every key and value.
//
// It decides nothing about who may see what: every query carries its View, and
// a query without one is refused. It knows neither HTTP nor OAuth nor the
// format of the audit trail; it refuses to write without a Witness.
//
// # Where what is
//
// What the engine holds, to the byte: keys, record, excerpt, rows, posting, facts,
// ids, names, meta, types, versions.
//
// A write goes from commit (links, linked, canonical, body, relation, binary)
// through settle (conditional) and sequencer to apply, which asks precondition and
// permit, and writes by replace.
//
// A read is read, history or search. A search becomes a plan of tests and a source:
//
//   - choose picks the source among source (types, ids, patients), stream (postings
//     that meet), few, cohort, feedsource, since and bounds; confine changes it when
//     another turns out to be better; compartments are what is kept of patients
//   - filter runs it, chunk by chunk: sieve and foresight hold back what the view
//     would, lookup reads, condition, boolean and narrative test, sight asks the view
//   - gather sorts in memory, walk goes along sorted postings, together joins types,
//     sort says by what, cursor where a page ends
//   - chain (versionedchain), hierarchy, terminology (codesystem) and contained are
//     searches within the search
//   - include (includecanonical, includeversion) and everything (everythingsupport)
//     follow references of the page
//   - count adds up counts, groups, recording and timeline; stretch and stretches are
//     what is known to be open; trace tells all of it to _explain; snapshot is what
//     a view may read
//
// Beside the requests: customs and customwork index new search parameters; check
// (checkrecord, checkcompare, checkstale) and reindex compare the whole with its
// records.
package store
