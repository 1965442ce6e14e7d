package search

import (
	"slices"
	"strconv"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	tables "github.com/cordee-sante/cordee/fhir/r4"
)

// controls are the parameters that say how to answer, each given at most once
// (R4 search.html#return).
var controls = map[string]func(p *parser, value string) *fhir.Error{
	"_sort":     (*parser).sort,
	"_count":    (*parser).count,
	"_total":    (*parser).total,
	"_summary":  (*parser).summary,
	"_elements": (*parser).elements,
	"_type":     (*parser).typeAgain,

	"_contained":     (*parser).contained,
	"_containedType": (*parser).containedType,
}

// contained reads _contained (R4 search.html#contained).
func (p *parser) contained(value string) *fhir.Error {
	switch value {
	case "false":
		return nil
	case "true":
		p.query.Contained.Only = true
	case "both":
		p.query.Contained.Both = true
	default:
		return oneOf("_contained", "false, true, both")
	}
	if p.query.Type == "" || p.query.Compartment.ID != "" {
		return fault(fhir.Malformed, "search.contained-of-type", fhir.CodeNotSupported, "_contained",
			fhir.T("Contained resources are searched by one type, and in no compartment.", "Les ressources contenues se cherchent par un type, et dans aucun compartiment."),
			fhir.T("Search [base]/[type]?_contained=%[1]s.", "Cherchez [base]/[type]?_contained=%[1]s.", value))
	}
	return nil
}

func (p *parser) containedType(value string) *fhir.Error {
	if value != "container" && value != "contained" {
		return oneOf("_containedType", "container, contained")
	}
	p.query.Contained.Inner = value == "contained"
	return nil
}

// sort reads a list of codes, each with - in front for descending.
func (p *parser) sort(value string) *fhir.Error {
	var keys []fhir.SortKey
	for key := range strings.SplitSeq(value, ",") {
		code, desc := strings.CutPrefix(key, "-")
		for _, typ := range p.types {
			x, ok := p.find(typ, code)
			if !ok {
				err := p.unknown(typ, code)
				if p.indexing(typ, code) != nil {
					return err
				}
				err.Issues[0].At, err.Issues[0].ID = "http._sort", "search.unknown-sort"
				return err
			}
			if x.Type == Composite || x.Type == Special {
				return fault(fhir.Malformed, "search.unsupported-sort", fhir.CodeNotSupported, "_sort",
					fhir.T("Nothing sorts by %[1]s: it is a %[2]s parameter.", "On ne trie pas par %[1]s, un paramètre de type %[2]s.", code, x.Type),
					fhir.T("Sort by a date, string, token, number, quantity, reference or uri parameter, or by _lastUpdated.",
						"Triez par un paramètre date, string, token, number, quantity, reference ou uri, ou par _lastUpdated."))
			}
		}
		keys = append(keys, fhir.SortKey{Code: code, Desc: desc})
	}
	if len(keys) > maxSort {
		return fault(fhir.Forbidden, "search.too-many-sort-keys", fhir.CodeTooCostly, "_sort",
			fhir.T("There are too many criteria to sort by.", "Il y a trop de critères de tri."),
			fhir.T("Give at most %[1]d.", "Donnez-en au plus %[1]d.", maxSort))
	}
	p.query.Sort = keys
	return nil
}

// maxSort is how many criteria a result is sorted by.
const maxSort = 5

// count reads the page size. None is a count of the matches (R4
// search.html#count).
func (p *parser) count(value string) *fhir.Error {
	n, err := strconv.ParseUint(value, 10, 31)
	if err != nil {
		return fault(fhir.Malformed, "search.malformed-count", fhir.CodeValue, "_count",
			fhir.T("The value of _count is not a whole number.", "La valeur de _count n'est pas un nombre entier."),
			fhir.T("Give the number of matches that a page is to hold, or 0 for their number only.",
				"Donnez le nombre de résultats par page, ou 0 pour leur nombre seulement."))
	}
	if p.query.Count = int(n); n == 0 {
		p.query.Summary = "count"
	}
	return nil
}

func (p *parser) total(value string) *fhir.Error {
	switch value {
	case "none":
		p.query.Total = fhir.TotalNone
	case "estimate":
		p.query.Total = fhir.TotalEstimate
	case "accurate":
		p.query.Total = fhir.TotalAccurate
	default:
		return oneOf("_total", "none, estimate, accurate")
	}
	return nil
}

func (p *parser) summary(value string) *fhir.Error {
	switch value {
	case "true", "text", "data", "count", "false":
		if p.query.Summary != "count" { // _count=0 came before
			p.query.Summary = value
		}
		return nil
	}
	return oneOf("_summary", "true, text, data, count, false")
}

func oneOf(name, values string) *fhir.Error {
	return fault(fhir.Malformed, "search.malformed-value", fhir.CodeValue, name,
		fhir.T("The value of %[1]s is none that it can have.", "La valeur de %[1]s n'est pas l'une des siennes.", name),
		fhir.T("Give one of %[1]s.", "Donnez l'une de %[1]s.", values))
}

// elements reads the names of elements directly below the resource. Over several
// types each is of an element that some of them have; over all types there is
// nothing to check them against.
func (p *parser) elements(value string) *fhir.Error {
	elements := strings.Split(value, ",")
	for _, name := range elements {
		if !slices.ContainsFunc(p.types, func(typ string) bool { return hasElement(typ, name) }) {
			return unknownElement(p.types[0], name)
		}
	}
	p.query.Elements = elements
	return nil
}

func hasElement(typ, name string) bool {
	t, ok := tables.Lookup(typ)
	return !ok || t.Abstract || slices.Contains(topOf(t), name)
}

// topOf are the names of the elements directly below a type, that of a choice
// without its types.
func topOf(t *tables.Type) (names []string) {
	for c := range t.Root().Children() {
		names = append(names, strings.TrimSuffix(c.Name, "[x]"))
	}
	return names
}

func unknownElement(typ, name string) *fhir.Error {
	t, _ := tables.Lookup(typ)
	names := topOf(t)
	hint := fhir.T("It has %[1]s.", "Il a %[1]s.", strings.Join(names, ", "))
	near := tables.Nearest(name, names)
	if child, ok := t.Child(name); ok && child.Element.Choice() {
		near = strings.TrimSuffix(child.Element.Name, "[x]") // valueQuantity is value
	}
	if near != "" {
		hint = meant(near, hint)
	}
	return fault(fhir.Malformed, "search.unknown-element", fhir.CodeValue, "_elements",
		fhir.T("%[1]s has no such element at its top.", "%[1]s n'a pas cet élément à sa racine.", typ), hint)
}

// typeList reads the types of a search over several.
func (p *parser) typeList(value string) *fhir.Error {
	for typ := range strings.SplitSeq(value, ",") {
		if !tables.IsResource(typ) {
			return unknownType("_type", typ)
		}
		p.query.Types = append(p.query.Types, typ)
	}
	return nil
}

// typeAgain is _type in its place among the others: scope has read it.
func (p *parser) typeAgain(string) *fhir.Error {
	if p.query.Type == "" {
		return nil
	}
	return fault(fhir.Malformed, "search.type-of-type", fhir.CodeInvalid, "_type",
		fhir.T("_type narrows a search over all types; this one is over one.", "_type restreint une recherche sur tous les types ; celle-ci porte sur un seul."),
		fhir.T("Leave it out, or search [base]?_type=….", "Omettez-le, ou cherchez [base]?_type=…."))
}
