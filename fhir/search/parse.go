package search

import "github.com/cordee-sante/cordee/fhir"

// A Pair is one name=value of a query, in the order of the text: a parameter
// given twice must hold twice.
type Pair struct{ Name, Value string }

// A Request is a search as it came in.
type Request struct {
	Type        string   // resource type of the URL; empty for a search over several
	Compartment fhir.Key // compartment of the URL; zero for none
	Values      []Pair   // of the URL's query and, for POST, of the body
	Strict      bool     // refuse what is not understood; else leave it out and warn
}

// Pairs reads application/x-www-form-urlencoded text, keeping the order.
func Pairs(text string) ([]Pair, error) { return nil, nil }

// Parse reads a search. It returns the query, without cursor and view; the
// parameters that were used, for the self link; and a warning for each that was
// left out. The error is a *fhir.Error with one issue for each fault.
func Parse(reg *Registry, req Request) (fhir.Query, []Pair, []fhir.Issue, error) {
	return fhir.Query{}, nil, nil, nil
}
