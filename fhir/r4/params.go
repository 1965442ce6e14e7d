package r4

import "sync"

// A SearchParameter is one published search parameter for one base type (R4
// searchparameter-registry.html). Those of all resources have the base
// Resource or DomainResource.
type SearchParameter struct {
	Base string // "Observation", "Resource"
	Code string // "code", "_lastUpdated"
	Type string // token, reference, string, date, composite, uri, quantity, number, special
	URL  string

	// Expression is FHIRPath, a union: of the published one, the alternatives
	// that start at Base.
	Expression string

	Targets    []string    // of a reference: resource types
	Components []Component // of a composite
}

// A Component is one part of a composite search parameter.
type Component struct {
	Definition string // URL of the search parameter that says how to compare
	Expression string // FHIRPath from where the composite's expression leads
}

// Params returns all search parameters that have an expression, sorted by base
// and code. Each pair of base and code occurs once.
func Params() []SearchParameter { return params() }

var params = sync.OnceValue(loadParams)

func loadParams() []SearchParameter {
	all := make([]SearchParameter, 0, 1800)
	for record := range records(table("params")) {
		p := SearchParameter{Base: field(&record), Code: field(&record), Type: field(&record), URL: field(&record),
			Expression: field(&record), Targets: list(field(&record), " ")}
		for record != "" {
			p.Components = append(p.Components, Component{field(&record), field(&record)})
		}
		all = append(all, p)
	}
	return all
}
