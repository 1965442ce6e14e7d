package conceptmap

import (
	"cmp"
	"slices"

	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// What reads a code of a document and what writes it again go by the same maps:
// the codes that a required one is written as are those that are read as it. Where
// FHIR tells apart what a document does not (a result that was amended is complete),
// a map from the required system to that of the document says so; it comes first.

// rank is how near the source of a translation is to its target, the other way
// round: a target that is wider than its source does not mean the source.
func rank(equivalence string) int {
	switch equivalence {
	case "equal", "equivalent":
		return 0
	case "narrower", "specializes": // the target is: the source says no more than it
		return 1
	case "wider", "subsumes":
		return 2
	}
	return 3
}

// express takes in a group that leads from a required system, and returns how many
// translations it holds.
func (m *Maps) express(group fhirjson.Node) int {
	n := 0
	system, target := group.Get("source").Text(), group.Get("target").Text()
	for element := range group.Get("element").Items() {
		for t := range element.Get("target").Items() {
			e := t.Get("equivalence").Text()
			if to := t.Get("code").Text(); to != "" && e != "unmatched" && e != "disjoint" && !t.Get("dependsOn").Exists() {
				from := Code{System: system, Code: element.Get("code").Text()}
				m.expressed[from] = append(m.expressed[from], Code{System: target, Code: to, Display: t.Get("display").Text()})
				n++
			}
		}
	}
	return n
}

// Written returns the codes by which a document says a code of a required system,
// nearest first: those that maps have for it, then those that maps read as it,
// equivalent ones before wider; in both these maps before the shipped ones, unless
// they read the code as another. For no code they are those that are known and have
// none. It may be called on nil.
func (m *Maps) Written(system, code string) []Code {
	shipped := shippedMaps()
	from := Code{System: system, Code: code}
	var direct []Code
	var read []source
	if m != nil {
		direct = append(direct, m.expressed[from]...)
		if own := m.required[system]; own != nil {
			read = append(read, own.written[code]...)
		}
	}
	direct = append(direct, shipped.expressed[from]...)
	if table := shipped.required[system]; table != nil {
		for _, s := range table.written[code] {
			if to, known := m.exactly(system, s.Code); !known || to == code {
				read = append(read, s)
			}
		}
	}
	slices.SortStableFunc(read, func(a, b source) int { return cmp.Compare(a.rank, b.rank) })
	for _, s := range read {
		direct = append(direct, s.Code)
	}
	return distinct(direct)
}

// exactly is what these maps say of a code of exactly that system.
func (m *Maps) exactly(target string, c Code) (to string, known bool) {
	if m == nil || m.required[target] == nil {
		return "", false
	}
	to, known = m.required[target].codes[c.bare()]
	return to, known
}

// distinct leaves each code once, with the first display that it has.
func distinct(list []Code) (kept []Code) {
	for _, c := range list {
		i := slices.IndexFunc(kept, func(k Code) bool { return k.bare() == c.bare() })
		switch {
		case i < 0:
			kept = append(kept, c)
		case kept[i].Display == "":
			kept[i].Display = c.Display
		}
	}
	return kept
}

// OID returns the OID of the code system with that URI, empty when no map knows
// one.
func (m *Maps) OID(uri string) string {
	if m == nil {
		return ""
	}
	return m.oids[uri]
}
