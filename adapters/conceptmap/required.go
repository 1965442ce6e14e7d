package conceptmap

import (
	"sync"

	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// Elements of FHIR that are codes take no further codings, and those that are bound
// to a value set as required want one code of it: maps say which. The shipped maps
// for them are told by their URL, and add no codings anywhere. Any other map with the
// same target comes before them: an operator's.

// elementMaps begins the URLs of the shipped maps for required codes, writtenMaps
// those of them that say how such a code is written.
const (
	elementMaps = "https://cordee-sante.github.io/fhir/ConceptMap/cda-"
	writtenMaps = elementMaps + "written-"
)

// required are the codes of one target system by those of the sources.
type required struct {
	codes   map[Code]string
	bare    map[string]string // by the code alone: documents name systems by many OIDs
	written map[string][]source
}

// A source is a code that a map says stands for one that is required, and how near
// it is: the exact ones first.
type source struct {
	Code
	rank int
}

// require takes a group in for required codes, after those that are there, and
// returns how many it holds. Every equivalence is taken but those that deny one: the
// element has no other place for the code. A code without match is known, and has
// none.
func (m *Maps) require(group fhirjson.Node) int {
	system, target := group.Get("source").Text(), group.Get("target").Text()
	table := m.required[target]
	if table == nil {
		table = &required{codes: map[Code]string{}, bare: map[string]string{}, written: map[string][]source{}}
		m.required[target] = table
	}
	n := 0
	for element := range group.Get("element").Items() {
		from, t := element.Get("code").Text(), element.Get("target").First()
		if from == "" || t.Get("dependsOn").Exists() {
			continue
		}
		to, equivalence := t.Get("code").Text(), t.Get("equivalence").Text()
		if equivalence == "unmatched" || equivalence == "disjoint" {
			to = ""
		}
		n++
		key := Code{System: system, Code: from}
		if _, there := table.codes[key]; !there {
			table.codes[key] = to
			key.Display = element.Get("display").Text()
			table.written[to] = append(table.written[to], source{key, rank(equivalence)})
		}
		if _, there := table.bare[from]; !there {
			table.bare[from] = to
		}
	}
	return n
}

// shippedMaps are those that come with the gateway.
var shippedMaps = sync.OnceValue(func() *Maps {
	m, err := build(nil, Shipped())
	if err != nil {
		panic("conceptmap: shipped: " + err.Error()) // TestShipped reads them
	}
	return m
})

// Required returns the code of the target system that stands for a code, and
// whether any map speaks of it: one that has no match is known, and has no code. A
// map that names the system of the code comes before one that knows the code of
// another, and these maps before the shipped ones. It may be called on nil.
func (m *Maps) Required(target, system, code string) (to string, known bool) {
	if m != nil {
		if to, known = m.required[target].of(system, code); known {
			return to, true
		}
	}
	return shippedMaps().required[target].of(system, code)
}

// Exact is Required for a code of just that system.
func (m *Maps) Exact(target, system, code string) (to string, known bool) {
	c := Code{System: system, Code: code}
	if to, known = m.exactly(target, c); known {
		return to, true
	}
	return shippedMaps().exactly(target, c)
}

func (r *required) of(system, code string) (to string, known bool) {
	if r == nil {
		return "", false
	}
	if to, known = r.codes[Code{System: system, Code: code}]; !known {
		to, known = r.bare[code]
	}
	return to, known
}
