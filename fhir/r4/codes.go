package r4

import (
	"slices"
	"strings"
	"sync"
)

// A CodeSet is the expansion of a value set, as published with R4.
type CodeSet struct{ systems []system }

type system struct {
	url   string
	codes []string // sorted
}

// Codes returns the codes of a value set that a required binding names. There
// is none for the few that cannot be listed (MIME types, UCUM units, a list of
// LOINC), and for value sets that no required binding names.
func Codes(valueSetURL string) (*CodeSet, bool) {
	set, ok := codes()[valueSetURL]
	return set, ok
}

// Contains reports whether the code is in the set, in whatever system: a code
// element names none (R4 datatypes.html#code).
func (s *CodeSet) Contains(code string) bool {
	for i := range s.systems {
		if _, ok := slices.BinarySearch(s.systems[i].codes, code); ok {
			return true
		}
	}
	return false
}

// ContainsCoding reports whether the code of that system is in the set.
func (s *CodeSet) ContainsCoding(system, code string) bool {
	for i := range s.systems {
		if s.systems[i].url == system {
			_, ok := slices.BinarySearch(s.systems[i].codes, code)
			return ok
		}
	}
	return false
}

// All returns the codes of all systems of the set.
func (s *CodeSet) All() []string {
	var all []string
	for i := range s.systems {
		all = append(all, s.systems[i].codes...)
	}
	return all
}

// Systems returns the code systems that codes of the set are of.
func (s *CodeSet) Systems() []string {
	var urls []string
	for i := range s.systems {
		urls = append(urls, s.systems[i].url)
	}
	return urls
}

var codes = sync.OnceValue(loadCodes)

func loadCodes() map[string]*CodeSet {
	sets := make(map[string]*CodeSet, 256)
	var set *CodeSet
	for record, group := range records(table("codes")) {
		if group {
			set = &CodeSet{}
			sets[record] = set
			continue
		}
		url := field(&record)
		set.systems = append(set.systems, system{url, strings.Split(record, "\t")})
	}
	return sets
}
