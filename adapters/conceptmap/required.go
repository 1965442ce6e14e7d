package conceptmap

import (
	"strings"
	"sync"

	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// Elements of FHIR that are codes take no further codings, and those that are bound
// to a value set as required want one code of it: maps say which. The shipped maps
// for them are told by their URL, and add no codings anywhere. Any other map with the
// same target comes before them: an operator's.

// elementMaps begins the URLs of the shipped maps for required codes.
const elementMaps = "https://cordee-sante.github.io/fhir/ConceptMap/cda-"

// isElementMap reports whether a map is one of those.
func isElementMap(url string) bool { return strings.HasPrefix(url, elementMaps) }

// required are the codes of one target system by those of the sources.
type required struct {
	codes map[Code]string
	bare  map[string]string // by the code alone: documents name systems by many OIDs
}

// require takes a group in for required codes, after those that are there, and
// returns how many it holds. Every equivalence is taken but those that deny one: the
// element has no other place for the code. A code without match is known, and has
// none.
func (m *Maps) require(group fhirjson.Node) int {
	source, target := group.Get("source").Text(), group.Get("target").Text()
	table := m.required[target]
	if table == nil {
		table = &required{codes: map[Code]string{}, bare: map[string]string{}}
		m.required[target] = table
	}
	n := 0
	for element := range group.Get("element").Items() {
		from, t := element.Get("code").Text(), element.Get("target").First()
		if from == "" || t.Get("dependsOn").Exists() {
			continue
		}
		to := t.Get("code").Text()
		if e := t.Get("equivalence").Text(); e == "unmatched" || e == "disjoint" {
			to = ""
		}
		n++
		if _, there := table.codes[Code{System: source, Code: from}]; !there {
			table.codes[Code{System: source, Code: from}] = to
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

func (r *required) of(system, code string) (to string, known bool) {
	if r == nil {
		return "", false
	}
	if to, known = r.codes[Code{System: system, Code: code}]; !known {
		to, known = r.bare[code]
	}
	return to, known
}
