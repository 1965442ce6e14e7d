package audit

import (
	"context"
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/search"
)

// criteria are the parameters of one search, understood.
type criteria struct {
	registry *search.Registry
	terms    []term // one of them the record must have; termAll for any
	moments  []*search.Predicate
	ids      []*search.Predicate
	patients [][]string // each: the event must concern one of these
	quick    []func(event) bool
	rest     []*search.Predicate // on the values of the rendered event
}

// understand reads the parameters of a query. It fails as ITI-81 wants when no
// date bounds the search (R20).
func (t *Trail) understand(ctx context.Context, q fhir.Query) (*criteria, error) {
	c := &criteria{registry: t.cfg.Registry, terms: []term{{termAll, ""}}}
	params := slices.Clone(q.Params)
	if q.Compartment.ID != "" {
		p, err := compartment(q.Compartment)
		if err != nil {
			return nil, err
		}
		params = append(params, p)
	}
	dated := false
	for _, p := range params {
		if p.Join != 0 || p.Compare != "" {
			return nil, errFilter()
		}
		if len(p.Chain) > 0 {
			var err error
			if p, err = t.resolve(ctx, p); err != nil {
				return nil, err
			}
		}
		predicate, err := c.registry.Compile("AuditEvent", p)
		if err != nil {
			return nil, err
		}
		dated = dated || p.Code == "date" && p.Modifier == ""
		c.add(p, predicate, t.cfg.Base)
		c.drive(p, t.cfg.Base)
	}
	if !dated {
		return nil, errNoDate()
	}
	return c, nil
}

// add files a parameter under where it can be judged most cheaply.
func (c *criteria) add(p fhir.Param, predicate *search.Predicate, base string) {
	switch p.Code {
	case "date", "_lastUpdated":
		c.moments = append(c.moments, predicate)
		return
	case "_id":
		c.ids = append(c.ids, predicate)
		return
	case "patient":
		if ids, ok := references(p, "Patient", base); ok {
			c.patients = append(c.patients, ids)
			return
		}
	}
	if f := quick(p); f != nil {
		c.quick = append(c.quick, f)
	}
	c.rest = append(c.rest, predicate)
}

// matches reports whether an event satisfies everything. It renders the event
// when something cannot be judged without.
func (c *criteria) matches(g gateway, e event) (bool, error) {
	for _, p := range c.moments {
		if p.Row(search.InstantValue(e.Time)) == p.Not {
			return false, nil
		}
	}
	for _, p := range c.ids {
		if p.Row(search.IDValue(e.id())) == p.Not {
			return false, nil
		}
	}
	if len(c.patients) > 0 {
		own := e.facts().Patients
		for _, wanted := range c.patients {
			if !slices.ContainsFunc(wanted, func(id string) bool { return slices.Contains(own, id) }) {
				return false, nil
			}
		}
	}
	for _, f := range c.quick {
		if !f(e) {
			return false, nil
		}
	}
	if len(c.rest) == 0 {
		return true, nil
	}
	return c.compare(g, e)
}

// compare judges the rendered event.
func (c *criteria) compare(g gateway, e event) (bool, error) {
	r, err := g.render(e)
	if err != nil {
		return false, err
	}
	doc, err := fhirjson.Parse(r.Body)
	if err != nil {
		return false, err
	}
	values, err := c.registry.Extract("AuditEvent", doc.Root())
	if err != nil {
		return false, err
	}
	for _, p := range c.rest {
		if !p.Matches(values) {
			return false, nil
		}
	}
	return true, nil
}

// quick returns a test that an event must pass to have a chance, nil when there
// is none for the parameter. It spares rendering what action, outcome or
// subtype alone exclude.
func quick(p fhir.Param) func(event) bool {
	if p.Modifier != "" {
		return nil
	}
	var of func(event) string
	switch p.Code {
	case "action":
		of = func(e event) string { return string(e.action) }
	case "outcome":
		of = func(e event) string { return e.outcome().code() }
	case "subtype":
		of = func(e event) string { return *kindOf(e.interaction, e.Record.Type).subtype.Code }
	case "type":
		of = func(e event) string { return *kindOf(e.interaction, e.Record.Type).typ.Code }
	default:
		return nil
	}
	codes := make([]string, len(p.Values))
	for i, v := range p.Values {
		_, code, found := strings.Cut(v, "|")
		if !found {
			code = v
		}
		if code == "" || strings.Contains(code, `\`) {
			return nil
		}
		codes[i] = code
	}
	return func(e event) bool { return slices.Contains(codes, of(e)) }
}
