package search

import (
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	tables "github.com/cordee-sante/cordee/fhir/r4"
)

// A Request is a search as it came in.
type Request struct {
	Type        string   // resource type of the URL; empty for a search over several
	Compartment fhir.Key // compartment of the URL; zero for none
	Values      []Pair   // of the URL's query and, for POST, of the body
	Strict      bool     // refuse parameters that are not known; else leave them out and warn
}

// Parse reads a search. It returns the query, without cursor and view; the
// parameters that were used, for the self link; and a warning for each that was
// left out. The error is a *fhir.Error with an issue for each fault: of kind
// Malformed, or Forbidden when the query asks for too much.
//
// What is left out when not Strict are parameters, criteria to sort by and
// includes that are unknown or not supported (R4 search.html#errors). A modifier that does not apply and a value
// that cannot be read are errors either way: leaving them out would widen the
// answer by what the client took care to exclude.
func Parse(reg *Registry, req Request) (fhir.Query, []Pair, []fhir.Issue, error) {
	p := &parser{Registry: reg, strict: req.Strict, given: map[string]bool{},
		query: fhir.Query{Type: req.Type, Compartment: req.Compartment}}
	p.scope(req)
	if p.failed == nil {
		for _, pair := range req.Values {
			p.pair(pair)
		}
		p.coherent()
	}
	if p.failed != nil {
		return fhir.Query{}, nil, nil, p.failed
	}
	return p.query, p.used, p.warnings, nil
}

// parser is one call of Parse.
type parser struct {
	*Registry
	strict   bool
	types    []string        // that a parameter must exist on
	given    map[string]bool // parameters that may be given once
	query    fhir.Query
	used     []Pair
	warnings []fhir.Issue
	failed   *fhir.Error
}

// maxIssues bounds the faults of one answer.
const maxIssues = 20

// scope settles which types are searched: _type stands anywhere in the query and
// decides about every parameter.
func (p *parser) scope(req Request) {
	if len(req.Values) > p.limits.Params {
		p.fail(fault(fhir.Forbidden, "search.too-many-parameters", fhir.CodeTooCostly, "",
			fhir.T("The query has too many parameters.", "La requête a trop de paramètres."),
			fhir.T("Give at most %[1]d; alternatives of one parameter go into one value, separated by commas.",
				"Donnez-en au plus %[1]d ; les alternatives d'un paramètre vont dans une seule valeur, séparées par des virgules.", p.limits.Params)))
		return
	}
	if req.Type != "" {
		p.types = []string{req.Type}
		if !tables.IsResource(req.Type) {
			p.fail(unknownType("", req.Type))
		}
		return
	}
	for _, pair := range req.Values {
		if pair.Name == "_type" && pair.Value != "" && len(p.query.Types) == 0 {
			if err := p.typeList(pair.Value); err != nil {
				p.fail(err)
			}
		}
	}
	if p.types = p.query.Types; len(p.types) == 0 {
		p.types = []string{"Resource"}
	}
}

// pair reads one parameter. One without a value is no error and says nothing
// (R4 search.html#errors).
func (p *parser) pair(pair Pair) {
	name, modifier, _ := strings.Cut(pair.Name, ":")
	read, control := controls[name]
	switch {
	case pair.Value == "" && p.exists(pair.Name):
	case control && modifier != "":
		p.settle(pair, noModifier(name))
	case control && p.given[name]:
		p.settle(pair, fault(fhir.Malformed, "search.repeated-parameter", fhir.CodeInvalid, name,
			fhir.T("%[1]s is given twice.", "%[1]s est donné deux fois.", name),
			fhir.T("Give it once.", "Donnez-le une seule fois.")))
	case control:
		p.given[name] = true
		p.settle(pair, read(p, pair.Value))
	case name == "_include" || name == "_revinclude":
		p.settle(pair, p.include(name, modifier, pair.Value))
	case name == "_format" || name == "_pretty":
		// How the answer is written is not part of what is searched.
	default:
		p.settle(pair, p.criterion(pair))
	}
}

// coherent refuses parameters that do not go together.
func (p *parser) coherent() {
	if len(p.query.Includes) > 0 && p.query.Summary == "text" {
		p.fail(fault(fhir.Malformed, "search.include-summary", fhir.CodeInvalid, "_summary",
			fhir.T("_include and _revinclude do not go together with _summary=text.", "_include et _revinclude ne se combinent pas avec _summary=text."),
			fhir.T("Leave one out, or use _summary=true (R4 search.html#summary).", "Omettez l'un des deux, ou utilisez _summary=true (R4 search.html#summary).")))
	}
}

// exists reports whether a parameter of the name may be given.
func (p *parser) exists(full string) bool {
	name, _, _ := strings.Cut(full, ":")
	if controls[name] != nil || words[name] {
		return true
	}
	switch name {
	case "_include", "_revinclude", "_format", "_pretty", "_filter":
		return true
	}
	_, err := p.locate(full)
	return err == nil
}

// settle notes that a parameter was used, left out, or at fault.
func (p *parser) settle(pair Pair, err *fhir.Error) {
	switch {
	case err == nil:
		p.used = append(p.used, pair)
	case !p.strict && pair.Name != "_filter" && ignorable(err): // half a filter would widen the answer
		for _, issue := range err.Issues {
			issue.Severity = fhir.SeverityWarning
			p.warnings = append(p.warnings, issue)
		}
	default:
		p.fail(err)
	}
}

// ignorable reports whether R4 lets a server leave the parameter out.
func ignorable(err *fhir.Error) bool {
	switch err.Issues[0].ID {
	case "search.unknown-parameter", "search.unsupported-parameter", "search.unknown-sort", "search.unsupported-sort", "search.unknown-include":
		return true
	}
	return false
}

func (p *parser) fail(err *fhir.Error) {
	switch {
	case p.failed == nil:
		p.failed = err
	case len(p.failed.Issues) < maxIssues:
		p.failed.Issues = append(p.failed.Issues, err.Issues...)
	}
}

// criterion reads a parameter that says what to find.
func (p *parser) criterion(pair Pair) *fhir.Error {
	if err := unsupportedParameter(pair.Name); err != nil {
		return err
	}
	if pair.Name == "_filter" || words[pair.Name] {
		return p.condition(pair)
	}
	if strings.HasPrefix(pair.Name, "_filter:") {
		return noModifier("_filter")
	}
	param, err := p.locate(pair.Name)
	if err != nil {
		return p.orControl(pair.Name, err)
	}
	if pair.Name == "_list" && strings.HasPrefix(pair.Value, "$") {
		return functionalList()
	}
	param.Values = fields(pair.Value, ',')
	if len(param.Values) > p.limits.Values {
		return fault(fhir.Forbidden, "search.too-many-values", fhir.CodeTooCostly, pair.Name,
			fhir.T("The parameter has too many alternatives.", "Le paramètre a trop d'alternatives."),
			fhir.T("Give at most %[1]d, and ask several times.", "Donnez-en au plus %[1]d, et interrogez en plusieurs fois.", p.limits.Values))
	}
	for _, typ := range p.ends(param) {
		if err := p.check(typ, pair.Name, param); err != nil {
			return err
		}
	}
	p.query.Params = append(p.query.Params, param)
	return nil
}

// orControl adds to the fault of an unknown parameter that a parameter of every
// search may have been meant.
func (p *parser) orControl(full string, err *fhir.Error) *fhir.Error {
	name, _, _ := strings.Cut(full, ":")
	if err.Issues[0].ID != "search.unknown-parameter" || !strings.HasPrefix(name, "_") {
		return err
	}
	var all, own []string
	for _, c := range Controls() {
		all = append(all, c.Name)
	}
	for _, x := range p.Params(p.types[0]) {
		own = append(own, x.Code)
	}
	near := tables.Nearest(name, append(own, all...))
	if near == name || !slices.Contains(all, near) {
		return err
	}
	err.Issues[0].Hint = meant(near, fhir.T("Beside its own parameters a search has: %[1]s.", "Outre ses propres paramètres une recherche a : %[1]s.", strings.Join(all, ", ")))
	return err
}

// condition reads a parameter that is made of others.
func (p *parser) condition(pair Pair) *fhir.Error {
	read := p.filter
	if words[pair.Name] {
		read = func(value string) (fhir.Param, *fhir.Error) { return p.words(pair.Name, value) }
	}
	param, err := read(pair.Value)
	if err == nil {
		p.query.Params = append(p.query.Params, param)
	}
	return err
}

// functionalList refuses a list by what it is for: "no current list" must never
// look like "nothing on the list" (R4 search.html#list).
func functionalList() *fhir.Error {
	return fault(fhir.Malformed, "search.functional-list", fhir.CodeNotSupported, "_list",
		fhir.T("Lists are not found by what they are for.", "Les listes ne se cherchent pas par leur fonction."),
		fhir.T("Find the list with List?patient=…&status=current&code=…, and give its id to _list.",
			"Trouvez la liste par List?patient=…&status=current&code=…, puis donnez son id à _list."))
}

// ends are the types on which the values of the parameter are compared.
func (p *parser) ends(param fhir.Param) []string {
	if n := len(param.Chain); n > 0 {
		return []string{param.Chain[n-1].Type}
	}
	return p.types
}

// unsupportedParameter refuses what R4 has and this server does not answer.
func unsupportedParameter(name string) *fhir.Error {
	code, _, _ := strings.Cut(name, ":")
	switch code {
	case "_query", "_score":
		return fault(fhir.Malformed, "search.unsupported-parameter", fhir.CodeNotSupported, code,
			fhir.T("The parameter %[1]s is not supported.", "Le paramètre %[1]s n'est pas pris en charge.", code),
			fhir.T("Search by the parameters of the resource type; the CapabilityStatement lists them.",
				"Cherchez par les paramètres du type de ressource ; le CapabilityStatement les énumère."))
	}
	return nil
}
