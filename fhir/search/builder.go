package search

import (
	"fmt"
	"hash/fnv"
	"maps"
	"slices"

	tables "github.com/cordee-sante/cordee/fhir/r4"
)

// A parameter is a Param with what it takes to read and compare its values.
type parameter struct {
	Param
	sources []source // all places that its values come from
	own     []source // those that it has rows of its own for (parts.go)

	exact    bool     // token: some values have case
	caseless bool     // token: some are codings or strings
	contact  bool     // token: some are contact points
	systems  []string // token: code systems that its code elements are of, unsaid
	system   *string  // token: of all values; nil when they may be of several

	climbs bool // reference: some of what it leads to is part of others of its type

	components []component // composite

	custom *Custom // what defines it; nil for one that R4 publishes
}

// A source is one place that a parameter's values come from.
type source struct {
	steps []step
	emit  emit
	reads string // names emit: what two sources read alike has the same values; empty for unlike any
}

// A builder compiles the published definitions.
type builder struct {
	definitions map[string]*tables.SearchParameter // by URL
	expressions map[string]*expr
	hierarchies map[string]string // by type (hierarchy.go)
	lenient     bool              // leave the types of a choice out that have no comparison
}

var kinds = map[string]Kind{"number": Number, "date": Date, "string": String, "token": Token, "reference": Reference,
	"composite": Composite, "quantity": Quantity, "uri": URI, "special": Special}

// emits says, for each kind of parameter, how a data type is read.
var emits = map[Kind]map[string]emit{Number: numberEmits, Date: dateEmits, String: stringEmits, Token: tokenEmits,
	Reference: referenceEmits, Quantity: quantityEmits, URI: uriEmits, Special: specialEmits}

// without are the data types that some published parameters lead to and that
// R4 gives no comparison for their kind: a choice of which others have one.
var without = map[Kind]map[string]bool{
	Date:      {"Age": true, "Range": true, "string": true},         // AllergyIntolerance.onset, Immunization.occurrence
	Reference: {"Attachment": true},                                 // Consent.source
	Token:     {"Quantity": true, "Range": true, "Reference": true}, // Group.characteristic.value
}

func (b *builder) parameter(d *tables.SearchParameter) (*parameter, error) {
	p := &parameter{Param: Param{Code: d.Code, Base: d.Base, Type: kinds[d.Type], Targets: d.Targets, URL: d.URL, ID: id(d.Base, d.Code)}}
	if p.Type == 0 {
		return nil, fmt.Errorf("type %q is not supported", d.Type)
	}
	base, ok := tables.Lookup(d.Base)
	if !ok {
		return nil, fmt.Errorf("no type %s", d.Base)
	}
	e, err := b.expression(d.Expression)
	if err != nil {
		return nil, err
	}
	if p.Type == Composite {
		return p, b.composite(p, d, e, base.Root())
	}
	if holds, err := conditionOf(e, base.Root()); err != nil {
		return nil, err
	} else if holds != nil && p.Type == Token {
		p.exact = true
		p.sources = []source{{emit: emitCondition(holds)}}
		p.alone(specialValues)
		return p, nil
	}
	all, err := paths(e, base.Root())
	if err != nil {
		return nil, err
	}
	err = b.read(p, all)
	p.climbs = p.climbing(b.hierarchies)
	return p, err
}

// id is the number of a parameter in the keys of a store.
func id(base, code string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(base + "." + code))
	return h.Sum32()
}

func (b *builder) expression(text string) (*expr, error) {
	if e, ok := b.expressions[text]; ok {
		return e, nil
	}
	e, err := parseExpression(text)
	b.expressions[text] = e
	return e, err
}

// read makes the paths the sources of the parameter's values.
func (b *builder) read(p *parameter, all []path) error {
	p.aim(all)
	for _, x := range all {
		if x.typ.Code == "Extension" {
			if err := p.readExtension(x); err != nil {
				return err
			}
			continue
		}
		if b.lenient && x.choice && !p.reads(x.typ.Code) {
			continue
		}
		if err := p.source(x); err != nil {
			return err
		}
	}
	if len(p.sources) == 0 {
		return fmt.Errorf("nothing that it leads to has a comparison")
	}
	if system, ok := p.oneSystem(); ok {
		p.alone(system)
	}
	return nil
}

// readExtension reads whatever value of an extension the kind can compare.
func (p *parameter) readExtension(x path) error {
	values, err := children([]path{x}, "value")
	if err != nil {
		return err
	}
	for _, v := range values {
		if p.reads(v.typ.Code) {
			if err := p.source(v); err != nil {
				return err
			}
		}
	}
	return nil
}

// reads reports whether there is a comparison of the data type for the kind.
func (p *parameter) reads(code string) bool {
	return emits[p.Type][code] != nil || p.Type == String && partsOf[code] != nil
}

// source makes a path a source.
func (p *parameter) source(x path) error {
	code := x.typ.Code
	if without[p.Type][code] {
		return nil
	}
	if x.element != nil && p.Type == Special {
		code = x.element.Path
	}
	read := emits[p.Type][code]
	if !p.reads(code) {
		return fmt.Errorf("a %s has no comparison as a %s", code, p.Type)
	}
	switch {
	case p.Type == String && partsOf[code] != nil:
		for _, name := range partsOf[code] {
			p.sources = append(p.sources, textSource(append(slices.Clone(x.steps), step{name: name})))
		}
		return nil
	case p.Type == String && code == "string":
		p.sources = append(p.sources, textSource(x.steps))
		return nil
	case p.Type == Token && (code == "string" || code == "Coding" || code == "CodeableConcept"):
		p.caseless = true
	case p.Type == Token && code == "ContactPoint":
		p.contact = true
	case p.Type == Token:
		p.exact = true
		if set, ok := tables.Codes(x.binding); ok && code == "code" {
			p.systems = append(p.systems, set.Systems()...)
		}
	case p.Type == Reference && code != "Reference" && code != "Resource":
		p.Canonical = true
	}
	p.sources = append(p.sources, source{x.steps, read, p.Type.String() + " " + code})
	return nil
}

// aim narrows the targets of a reference to what its paths allow:
// Condition.patient is published with Group as a target, and leads to a Patient.
func (p *parameter) aim(all []path) {
	if p.Type != Reference {
		return
	}
	allowed, any := map[string]bool{}, false
	for _, x := range all {
		targets := x.targets
		if targets == nil {
			targets = x.typ.Targets
		}
		any = any || len(targets) == 0
		for _, t := range targets {
			allowed[t] = true
		}
	}
	switch {
	case any:
	case len(p.Targets) == 0:
		p.Targets = slices.Sorted(maps.Keys(allowed))
	default:
		if both := slices.DeleteFunc(slices.Clone(p.Targets), func(t string) bool { return !allowed[t] }); len(both) > 0 {
			p.Targets = both
		}
	}
	if len(p.Targets) == len(tables.Types()) {
		p.Targets = nil
	}
	slices.Sort(p.Targets)
}

// composite compiles the components, whose expressions start from where the
// composite's own leads.
func (b *builder) composite(p *parameter, d *tables.SearchParameter, e *expr, base *tables.Element) error {
	all, err := paths(e, base)
	if err != nil {
		return err
	}
	for i, x := range all {
		if x.element == nil {
			return fmt.Errorf("a composite of %s", x.typ.Code)
		}
		components, err := b.components(d, x.element)
		if err != nil {
			return err
		}
		p.sources = append(p.sources, source{x.steps, emitComposite(components), readsOf(components)})
		if i == 0 {
			p.components = components
		}
	}
	return nil
}

func (b *builder) components(d *tables.SearchParameter, context *tables.Element) (out []component, err error) {
	for i, part := range d.Components {
		e, err := b.expression(part.Expression)
		if err != nil {
			return nil, err
		}
		all, err := paths(e, context)
		if err != nil {
			return nil, err
		}
		// The definition's own, or else another's: R4 has the two of
		// DocumentReference.relationship the wrong way round.
		var p *parameter
		var name string
		for j := range d.Components {
			if p, name, err = b.component(d, d.Components[(i+j)%len(d.Components)].Definition, all); err == nil {
				break
			}
		}
		if err != nil {
			return nil, err
		}
		c := component{parameter: p, name: name, walk: &walk{}, root: all[0].root}
		for _, s := range p.sources {
			c.walk.add(s.steps, sink{0, s.emit})
		}
		out = append(out, c)
	}
	return out, nil
}

// component makes a parameter that compares as the definition says, and names
// that.
func (b *builder) component(d *tables.SearchParameter, definition string, all []path) (*parameter, string, error) {
	like := b.definitions[definition]
	if like == nil {
		return nil, "", fmt.Errorf("no definition %s", definition)
	}
	p := &parameter{Param: Param{Code: d.Code, Base: d.Base, Type: kinds[like.Type], Targets: like.Targets, URL: like.URL}}
	return p, like.Code, b.read(p, all)
}
