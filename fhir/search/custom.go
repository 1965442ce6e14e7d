package search

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	tables "github.com/cordee-sante/cordee/fhir/r4"
)

// The bounds of a parameter that a SearchParameter resource defines.
const (
	maxExpression = 1000 // bytes of an expression
	maxBases      = 20   // types of one definition
	maxCode       = 64   // bytes of a code
)

// A Custom is a SearchParameter resource, compiled: one parameter for each of
// its base types. It takes part once it is given to Use.
type Custom struct {
	URL, Code   string
	Fingerprint [32]byte // of everything that decides about its entries
	params      []*parameter
}

// Params are its parameters, one for each base type.
func (c *Custom) Params() []*Param {
	out := make([]*Param, len(c.params))
	for i, p := range c.params {
		out[i] = &p.Param
	}
	return out
}

// Define compiles a SearchParameter resource. It is nil for one that asks for
// nothing: not active, or one of the published under its own URL. The error is
// Unprocessable, says where, and what would do.
func (r *Registry) Define(root fhirjson.Node) (*Custom, error) {
	if root.Get("status").Text() != "active" {
		return nil, nil
	}
	d := r.definition(root)
	if slices.ContainsFunc(tables.Params(), func(p tables.SearchParameter) bool { return p.URL == d.URL && p.Code == d.Code }) {
		return nil, nil
	}
	written := texts(root.Get("base"))
	bases := customBases(written)
	if err := r.permitted(&d, written, bases); err != nil {
		return nil, err
	}
	c := &Custom{URL: d.URL, Code: d.Code}
	for _, b := range bases {
		base := b.typ
		p, err := r.compileCustom(d, base)
		if errors.Is(err, errServerSets) {
			return nil, customFault("search.custom-expression", "SearchParameter.expression",
				fhir.T("The expression leads to the id, the version or the time of the resource, which the server sets.", "L'expression mène à l'id, à la version ou à la date de la ressource, que le serveur fixe."),
				fhir.T("Search by _id and _lastUpdated.", "Cherchez par _id et _lastUpdated."))
		}
		if err != nil {
			return nil, customFault("search.custom-expression", "SearchParameter.expression",
				fhir.T("The expression cannot be indexed for %[1]s: %[2]s.", "L'expression ne peut pas être indexée pour %[1]s : %[2]s.", base, err.Error()),
				fhir.T("Supported are paths, |, as, ofType(), where(element = 'text'), where(resolve() is Type), extension('url'), exists(), != and and, leading to elements that R4 compares as the type of the parameter.",
					"Sont pris en charge les chemins, |, as, ofType(), where(élément = 'texte'), where(resolve() is Type), extension('url'), exists(), != et and, menant à des éléments que R4 compare selon le type du paramètre."))
		}
		if err := r.collision(&p.Param, b.at); err != nil {
			return nil, err
		}
		p.custom = c
		c.params = append(c.params, p)
	}
	c.Fingerprint = sha256.Sum256(fmt.Appendf(nil, "%d %q %q %q %q %q %q %q", IndexVersion, written, d.URL, d.Code, d.Type, d.Expression, d.Targets, d.Components))
	return c, nil
}

// definition reads the resource.
func (r *Registry) definition(root fhirjson.Node) tables.SearchParameter {
	d := tables.SearchParameter{URL: root.Get("url").Text(), Code: root.Get("code").Text(), Type: root.Get("type").Text(),
		Expression: root.Get("expression").Text(), Targets: texts(root.Get("target"))}
	for c := range root.Get("component").Items() {
		d.Components = append(d.Components, tables.Component{Definition: c.Get("definition").Text(), Expression: c.Get("expression").Text()})
	}
	return d
}

func texts(list fhirjson.Node) (out []string) {
	for n := range list.Items() {
		out = append(out, n.Text())
	}
	return out
}

// permitted refuses what a custom parameter must not be, whatever it compiles to.
func (r *Registry) permitted(d *tables.SearchParameter, written []string, bases []customBase) error {
	form := fhir.T("A code has 1 to %[1]d lower-case letters, digits and hyphens, and begins with a letter.",
		"Un code compte 1 à %[1]d lettres minuscules, chiffres et tirets, et commence par une lettre.", maxCode)
	switch {
	case !customCode(d.Code):
		return customFault("search.custom-definition", "SearchParameter.code", fhir.T("The code cannot name a parameter in a URL.", "Le code ne peut pas nommer un paramètre dans une URL."), form)
	case kinds[d.Type] == 0 || kinds[d.Type] == Special:
		return customFault("search.custom-definition", "SearchParameter.type", fhir.T("Parameters of this type cannot be defined.", "On ne peut pas définir de paramètres de ce type."),
			fhir.T("Use number, date, string, token, reference, composite, quantity or uri.", "Utilisez number, date, string, token, reference, composite, quantity ou uri."))
	case len(d.Expression) == 0 || len(d.Expression) > maxExpression:
		return customFault("search.custom-expression", "SearchParameter.expression", fhir.T("There is no expression, or one that is too long.", "Il n'y a pas d'expression, ou elle est trop longue."),
			fhir.T("An active SearchParameter is indexed, and needs an expression of at most %[1]d bytes; give it the status draft to keep it only.",
				"Un SearchParameter actif est indexé, et il lui faut une expression d'au plus %[1]d octets ; donnez-lui le statut draft pour seulement le conserver.", maxExpression))
	case len(written) == 0 || len(written) > maxBases:
		return customFault("search.custom-definition", "SearchParameter.base", fhir.T("The types to search are not named, or too many.", "Les types à interroger ne sont pas nommés, ou sont trop nombreux."),
			fhir.T("Name 1 to %[1]d resource types.", "Nommez 1 à %[1]d types de ressource.", maxBases))
	}
	for _, b := range bases {
		if err := r.permittedOn(d.Code, b.typ, b.at); err != nil {
			return err
		}
	}
	return nil
}

// A customBase is a type that a definition is for, and where it says so.
type customBase struct{ typ, at string }

// customBases are the types that are written, each once. Resource stands for all
// but the trail, DomainResource for those of them that have a narrative.
func customBases(written []string) (list []customBase) {
	for i, base := range written {
		types := []string{base}
		if base == "Resource" || base == "DomainResource" {
			types = slices.DeleteFunc(slices.Clone(tables.Types()), func(typ string) bool {
				return typ == "AuditEvent" || base == "DomainResource" && !domainResource(typ)
			})
		}
		for _, typ := range types {
			if !slices.ContainsFunc(list, func(b customBase) bool { return b.typ == typ }) {
				list = append(list, customBase{typ, fmt.Sprintf("SearchParameter.base[%d]", i)})
			}
		}
	}
	return list
}

// domainResource reports whether resources of the type have a narrative.
func domainResource(typ string) bool {
	t, ok := tables.Lookup(typ)
	if !ok {
		return false
	}
	_, ok = t.Root().Child("text")
	return ok
}

// permittedOn: a code that decides in whose compartment a resource lies, or that
// is published, means what R4 says and nothing else.
func (r *Registry) permittedOn(code, base, at string) error {
	t := r.table().types[base]
	switch {
	case !tables.IsResource(base) || base == "AuditEvent" || t == nil:
		return customFault("search.custom-definition", at, fhir.T("Parameters cannot be defined for this type.", "On ne peut pas définir de paramètres pour ce type."),
			fhir.T("Name resource types of R4, Resource or DomainResource; the trail (AuditEvent) has the parameters of R4 only.",
				"Nommez des types de ressource de R4, Resource ou DomainResource ; la trace (AuditEvent) n'a que les paramètres de R4."))
	case slices.ContainsFunc(r.published[base], func(p *parameter) bool { return p.Code == code }),
		slices.ContainsFunc(r.published["Resource"], func(p *parameter) bool { return p.Code == code }),
		placesInCompartment(code, base):
		return customFault("search.custom-redefined", at, fhir.T("R4 defines this code for %[1]s, or reserves it.", "R4 définit ce code pour %[1]s, ou le réserve.", base),
			fhir.T("Choose another code.", "Choisissez un autre code."))
	}
	return nil
}

// compartments are those of R4 (compartmentdefinition.html).
var compartments = []string{"Patient", "Encounter", "RelatedPerson", "Practitioner", "Device"}

// placesInCompartment reports whether the parameter of that code would place a
// resource in somebody's compartment. "patient" does so on every type (package
// store).
func placesInCompartment(code, base string) bool {
	return code == "patient" || slices.ContainsFunc(compartments, func(c string) bool { return slices.Contains(tables.Compartment(c)[base], code) })
}

func customCode(code string) bool {
	if code == "" || len(code) > maxCode || code[0] < 'a' || code[0] > 'z' {
		return false
	}
	return !strings.ContainsFunc(code, func(c rune) bool { return !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-') })
}

// compileCustom compiles the definition for one base type, from the alternatives
// of its expression that start there.
func (r *Registry) compileCustom(d tables.SearchParameter, base string) (*parameter, error) {
	e, err := parseExpression(d.Expression)
	if err != nil {
		return nil, errors.New("it is not FHIRPath that is understood here")
	}
	var own *expr
	for _, alternative := range alternatives(e) {
		if start := startOf(alternative); start != base && tables.IsResource(start) {
			continue
		}
		if own == nil {
			own = alternative
		} else {
			own = &expr{op: "|", args: []*expr{own, alternative}}
		}
	}
	if own == nil {
		return nil, fmt.Errorf("no part of it starts at %s", base)
	}
	if assigned(own) {
		return nil, errServerSets
	}
	for _, c := range d.Components {
		if e, err := parseExpression(c.Expression); err == nil && assigned(e) {
			return nil, errServerSets
		}
	}
	d.Base = base
	b := &builder{definitions: r.definitions, hierarchies: r.hierarchies, expressions: map[string]*expr{d.Expression: own}, lenient: true}
	return b.parameter(&d)
}

var errServerSets = errors.New("what the server sets")

// assigned reports whether an expression leads to what the server gives a
// resource when it is written, which is after it was indexed: what the client had
// sent in that place would be found.
func assigned(e *expr) bool {
	if e == nil {
		return false
	}
	switch {
	case e.op == "name" && e.name == "id":
		return true
	case e.op == "." && e.name == "id":
		of := e.args[0]
		if of.op == "resource" || of.op == "name" && (tables.IsResource(of.name) || of.name == "Resource" || of.name == "DomainResource") {
			return true
		}
	case e.op == "." && (e.name == "versionId" || e.name == "lastUpdated"):
		if of := e.args[0]; (of.op == "." || of.op == "name") && of.name == "meta" {
			return true
		}
	}
	if e.op == "call" {
		return assigned(e.args[0]) // what is asked of an element is about the element
	}
	return slices.ContainsFunc(e.args, assigned)
}

func alternatives(e *expr) []*expr {
	if e.op != "|" {
		return []*expr{e}
	}
	return append(alternatives(e.args[0]), alternatives(e.args[1])...)
}

// startOf is the name that an expression begins with.
func startOf(e *expr) string {
	for e != nil && e.op != "name" && len(e.args) > 0 {
		e = e.args[0]
	}
	if e == nil {
		return ""
	}
	return e.name
}

// collision refuses a parameter whose number in the index another has: what is
// found under a number is never verified against a name.
func (r *Registry) collision(p *Param, at string) error {
	for typ, t := range r.table().types {
		for _, q := range t.params {
			if id(typ, q.Code) == p.ID && (typ != p.Base || q.Code != p.Code) {
				return customFault("search.custom-collision", at, fhir.T("The code has the same number in the index as another.", "Le code a le même numéro dans l'index qu'un autre."),
					fhir.T("Choose another code.", "Choisissez un autre code."))
			}
		}
	}
	return nil
}

func customFault(id, at string, text, hint fhir.Text) *fhir.Error {
	return fhir.Errorf(fhir.Unprocessable, "search.Define", id, fhir.CodeNotSupported, at, text, hint)
}
