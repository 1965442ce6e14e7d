package gateway

import (
	"github.com/cordee-sante/cordee/fhir/search"
	"github.com/cordee-sante/cordee/fhir/store"
)

// LimitsConfig is the part of the configuration about what one search may cost.
// Zero fields take the default of packages search and store.
type LimitsConfig struct {
	Parameters int `yaml:"parameters"` // of a query
	Values     int `yaml:"values"`     // alternatives of one parameter
	Codes      int `yaml:"codes"`      // that a value of :in, :above, :below stands for
	Chain      int `yaml:"chain"`      // links of a chain
	Has        int `yaml:"has"`        // _has within each other
	Includes   int `yaml:"includes"`   // _include and _revinclude of a query
	Filter     int `yaml:"filter"`     // bytes of a _filter

	Page     int `yaml:"page"`     // largest page
	Links    int `yaml:"links"`    // resources that one link of a chain leads to
	Sorted   int `yaml:"sorted"`   // resources sorted in memory
	Read     int `yaml:"read"`     // resources read through, for _content
	Included int `yaml:"included"` // resources included in one page
	Breadth  int `yaml:"breadth"`  // places where the _revinclude of a page look
	Levels   int `yaml:"levels"`   // of a hierarchy, for :above and :below of references
	Patients int `yaml:"patients"` // patients read one after the other
}

func (c LimitsConfig) search() search.Limits {
	return search.Limits{Params: c.Parameters, Values: c.Values, Codes: c.Codes, Chain: c.Chain, Has: c.Has, Includes: c.Includes, Filter: c.Filter}
}

func (c LimitsConfig) store() store.Limits {
	return store.Limits{Page: c.Page, Chain: c.Links, Sorted: c.Sorted, Bodies: c.Read, Included: c.Included, Breadth: c.Breadth, Levels: c.Levels, Patients: c.Patients}
}

// check reports limits that would refuse everything, or nothing: each is held
// between 1 and what one process answers for, which is 10 to 100 times the
// default.
func (c LimitsConfig) check(fault func(format string, args ...any)) {
	for _, l := range []struct {
		name        string
		value, most int
	}{
		{"parameters", c.Parameters, 1000}, {"values", c.Values, 100_000}, {"codes", c.Codes, 1_000_000}, {"chain", c.Chain, 50}, {"has", c.Has, 50},
		{"includes", c.Includes, 200}, {"filter", c.Filter, 100_000}, {"page", c.Page, 10_000}, {"links", c.Links, 1_000_000},
		{"sorted", c.Sorted, 10_000_000}, {"read", c.Read, 1_000_000}, {"included", c.Included, 100_000}, {"breadth", c.Breadth, 10_000_000}, {"levels", c.Levels, 1000}, {"patients", c.Patients, 1000},
	} {
		if l.value < 0 || l.value > l.most {
			fault("limits.%s: %d is not between 1 and %d; without it the default holds", l.name, l.value, l.most)
		}
	}
}
