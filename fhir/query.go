package fhir

import "time"

// A Query is a search as it was understood: every name in it has been checked
// against the search parameters of R4 (package search parses it from a URL).
type Query struct {
	Type        string   // the type searched; empty for a search over Types
	Types       []string // system search: the types asked for (_type); empty for all
	Compartment Key      // compartment search: the Patient, Encounter, …; zero for none
	Params      []Param  // all must hold
	Sort        []SortKey
	Count       int    // page size; 0 for the default. The store clamps it
	Cursor      string // sealed position from Page.Next; empty for the first page
	Includes    []Include
	Total       TotalMode
	Summary     string   // "", "true", "text", "data", "count", "false"
	Elements    []string // _elements
	Contained   ContainedMode
	Care        Care // $everything
	Explain     bool // return Page.Plan and no resource (_explain)
	Within      View // what the caller may see. Nil refuses
}

// A Param is one search parameter of a Query: any of its Values must match. With
// Join it is a condition made of others instead (_filter, _text), and has no
// Code, Modifier or Values of its own.
type Param struct {
	Code     string   // search parameter code, "code", "_lastUpdated"
	Modifier string   // without the colon: "exact", "not", "missing", a type for references
	Compare  string   // comparison that only _filter and _text have: "ew", "ne", "phrase"; mostly empty
	Chain    []Link   // the path in front of Code: subject:Patient.name has one Link
	Values   []string // alternatives, still escaped, in the syntax of the parameter's type
	Join     Join     // how Of are joined; zero for a parameter of its own
	Of       []Param  // the conditions joined, all about the resource at the end of Chain
}

// Join is how conditions make one.
type Join uint8

// The joins. Not has one condition. The zero Join belongs to a single parameter.
const (
	And Join = iota + 1
	Or
	Not
)

// All calls visit for the parameter and everything it is made of.
func (p *Param) All(visit func(*Param)) {
	visit(p)
	for i := range p.Of {
		p.Of[i].All(visit)
	}
}

// Care makes a search in the compartment of a patient one for everything about
// them, and bounds when care was given.
type Care struct {
	// All asks for what is about the patient without being in the published
	// compartment as well: a Task that is for them, their Device.
	All bool

	// Support asks for what the records refer to as well, once each and after all
	// matches, as Page.Included: who gave the care, where, and with what.
	Support bool

	// Start and End are in the syntax of dates; empty for no bound. A resource
	// whose type has no such date, or that has none, lies within.
	Start, End string
}

// ContainedMode says how contained resources are searched (_contained and
// _containedType). The zero value leaves them out.
type ContainedMode struct {
	Only  bool // _contained=true: nothing but contained resources matches
	Both  bool // _contained=both: they match beside the others
	Inner bool // _containedType=contained: the contained resource is returned, not what contains it
}

// Any reports whether contained resources are searched.
func (m ContainedMode) Any() bool { return m.Only || m.Both }

// A Link is one step of a chain, forward (subject:Patient.) or, with Reverse,
// backward (_has:Observation:patient:).
type Link struct {
	Code    string // reference search parameter followed
	Type    string // type it leads to; for Reverse the type that holds the reference
	Reverse bool
}

// String is the link as a query writes it, before what it leads to.
func (l Link) String() string {
	switch {
	case l.Reverse:
		return "_has:" + l.Type + ":" + l.Code + ":"
	case l.Type != "":
		return l.Code + ":" + l.Type + "."
	}
	return l.Code + "."
}

// A SortKey is one criterion of _sort.
type SortKey struct {
	Code string
	Desc bool
}

// An Include asks for resources beside the matches.
type Include struct {
	Type    string // type that holds the reference, "*" for any
	Code    string // reference search parameter, "*" for all
	Target  string // type wanted; empty for any
	Reverse bool   // _revinclude
	Iterate bool
}

// TotalMode is the value of _total.
type TotalMode uint8

// How exact Page.Total is to be. The zero value asks for no total.
const (
	TotalNone TotalMode = iota
	TotalEstimate
	TotalAccurate
)

// A HistoryQuery asks for versions, newest first. With ID it is an instance
// history, with Type alone a type history, with neither the system's.
type HistoryQuery struct {
	Type, ID string
	Since    time.Time // versions from then on; zero for all
	Count    int
	Cursor   string
	Within   View // nil refuses
}

// A Page is one page of a search or a history.
type Page struct {
	Matches  []Resource
	Included []Resource
	Total    int     // -1 when not asked for or not known
	Next     string  // cursor of the next page; empty on the last
	Count    int     // the page size that was used
	Issues   []Issue // warnings that belong into the answer
	Plan     *Plan   // how the search was executed, for Query.Explain; else nil
}
