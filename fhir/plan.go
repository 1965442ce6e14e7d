package fhir

import "time"

// A Plan is how a search was executed (_explain): its operators in the order in
// which the candidates passed them, with what was expected and what was found.
// It names parameters, never values. Its counts are those of the view of the
// query, and tell of every record that this view shows: who may not see those
// may not see the plan.
type Plan struct {
	Operators  []Operator
	RoundTrips int // to the engine; a Scan is one for each 1,024 entries read
	Took       time.Duration
}

// An Operator is one step of a Plan.
type Operator struct {
	Kind     OperatorKind
	Access   Access   // of an OperatorSource
	Type     string   // resource type of what passes; empty for several
	Codes    []string // parameters with modifiers and chains: "code:in", "subject:Patient.name"
	Depth    int      // links of a chain that lead here
	Parts    int      // of an OperatorSource: ids, patients or ranges of the index; 0 when that says nothing
	Estimate int      // candidates expected of an OperatorSource, size of an OperatorPage; less than 0 for none
	In, Out  int      // what came to the operator, and what it let pass or brought
}

// An OperatorKind says what an Operator does.
type OperatorKind string

// The operators.
const (
	OperatorSource  OperatorKind = "source"  // proposes candidates
	OperatorTest    OperatorKind = "test"    // those that match the other parameters
	OperatorScope   OperatorKind = "scope"   // those that the token reaches
	OperatorConsent OperatorKind = "consent" // those that policies let be seen
	OperatorRead    OperatorKind = "read"    // bodies read through
	OperatorSort    OperatorKind = "sort"    // in memory
	OperatorLink    OperatorKind = "link"    // the end of a link of a chain: what it leads to
	OperatorIdle    OperatorKind = "idle"    // types without a candidate
	OperatorCount   OperatorKind = "count"   // a total
	OperatorPage    OperatorKind = "page"
	OperatorInclude OperatorKind = "include"
)

// An Access is where an OperatorSource finds its candidates.
type Access string

// The accesses.
const (
	AccessIDs       Access = "ids"          // the ids that the query names
	AccessPatients  Access = "patient-rows" // the rows of patients, which lie together
	AccessPostings  Access = "postings"     // of one parameter, for exact values
	AccessMerge     Access = "merge"        // of postings of several
	AccessRange     Access = "range"        // of the values of a parameter
	AccessWalk      Access = "sort-walk"    // the postings of what is sorted by
	AccessType      Access = "type"         // all of the type
	AccessFeed      Access = "feed"         // the history of the type
	AccessContained Access = "contained"    // what contains other resources
	AccessView      Access = "view"         // what the bounds of the view hold
)
