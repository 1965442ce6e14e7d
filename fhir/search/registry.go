package search

import (
	"time"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// A Config is what a Registry is made for.
type Config struct {
	Base string         // own FHIR base; absolute references under it are read as relative ones
	Zone *time.Location // zone of dates that name none; UTC when nil
	Limits

	// Codes returns the codings that a token modifier (in, not-in, above,
	// below) stands for: the members of a value set, or the codes subsumed.
	// Nil leaves these modifiers unsupported.
	Codes func(modifier, value string) ([]Coding, error)
}

// A Coding is a pair of system and code.
type Coding struct{ System, Code string }

// Limits bound what one query may ask for. Zero fields take the default.
type Limits struct {
	Params   int // parameters of a query, 100
	Values   int // alternatives of one parameter, 1000
	Chain    int // links of a chain, 5
	Includes int // _include and _revinclude together, 20
}

// A Registry holds the compiled search parameters. It is immutable and safe for
// concurrent use.
type Registry struct {
	config Config
}

// New compiles the published search parameters.
func New(c Config) (*Registry, error) { return &Registry{config: c}, nil }

// Param returns the search parameter of the resource type, including those of
// every type (_id, _lastUpdated, _tag, …).
func (r *Registry) Param(typ, code string) (*Param, bool) { return nil, false }

// Params returns the search parameters of the resource type, sorted by code.
func (r *Registry) Params(typ string) []*Param { return nil }

// Compartment returns the reference parameters that place a resource of the
// type in the compartment ("Patient", "Encounter", …), and whether the type is
// the compartment's own, in which case the resource with the compartment's id
// lies in it too. ok is false when no resource of the type can.
func (r *Registry) Compartment(compartment, typ string) (params []*Param, self, ok bool) {
	return nil, false, false
}

// Extract returns the index rows of a resource, sorted by parameter and value,
// without duplicates. _id and _lastUpdated are not among them (see IDValue,
// InstantValue).
func (r *Registry) Extract(typ string, root fhirjson.Node) ([]Entry, error) { return nil, nil }

// Patients returns the ids of the patients in whose compartment the resource
// lies, sorted (R4 compartmentdefinition-patient.html).
func (r *Registry) Patients(typ string, root fhirjson.Node, id string) []string { return nil }

// Compile returns the predicate for a parameter of a query on the type. The
// chain of p is not looked at: the predicate is that of the chain's end. For
// _id and _lastUpdated it is a predicate over IDValue and InstantValue.
func (r *Registry) Compile(typ string, p fhir.Param) (*Predicate, error) { return nil, nil }

// SortValue returns, from the values that a resource has for one parameter, the
// bytes by which it sorts: the least value, or with desc the greatest. It is
// nil when none sorts.
func (r *Registry) SortValue(values [][]byte, desc bool) []byte { return nil }

// References returns the resources that the values of a reference parameter
// lead to.
func (r *Registry) References(typ, code string, values [][]byte) []fhir.Key { return nil }

// Matches reports whether the resource with these entries matches the query's
// parameters, which must hold no chain, and its types.
func (r *Registry) Matches(q fhir.Query, key fhir.Key, lastUpdated time.Time, entries []Entry) (bool, error) {
	return false, nil
}

// IDValue is the value that _id compares.
func IDValue(id string) []byte { return nil }

// InstantValue is the value that _lastUpdated compares.
func InstantValue(t time.Time) []byte { return nil }
