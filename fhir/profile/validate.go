package profile

import (
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/r4"
)

// maxIssues is how many problems are told at once: more helps nobody, and a
// hostile Bundle has millions.
const maxIssues = 100

// Validate returns every problem of the resource, in the order of the text, up
// to 100; none means that it is valid. Issue.At is a FHIRPath with indices,
// Patient.name[0].given[1]. Issues never hold values of the resource.
func Validate(doc *fhirjson.Doc) []fhir.Issue {
	var steps [16]step // on the stack; deep resources take more
	v := validator{path: steps[:0]}
	v.resource(doc.Root(), false)
	if v.full() {
		v.issues = append(v.issues, fhir.Issue{ID: "profile.more", Severity: fhir.SeverityInformation, Code: fhir.CodeIncomplete,
			At:   v.issues[0].At,
			Text: fhir.T("Only the first %d problems are listed.", "Seuls les %d premiers problèmes sont listés.", maxIssues),
			Hint: fhir.T("Put these right and send the resource again.", "Corrigez-les et renvoyez la ressource.")})
	}
	return v.issues
}

// Error returns the issues as a *fhir.Error of kind Unprocessable, or nil when
// none of them is an error.
func Error(issues []fhir.Issue) error {
	for _, i := range issues {
		if i.Severity == fhir.SeverityError {
			return &fhir.Error{Kind: fhir.Unprocessable, Op: "profile.Validate", Issues: issues}
		}
	}
	return nil
}

// A validator walks one document.
type validator struct {
	issues    []fhir.Issue
	path      []step
	container fhirjson.Node // the resource whose contained ones "#id" names
}

// resource validates a resource: the document's root, an entry of a Bundle, a
// parameter, or a contained one.
func (v *validator) resource(n fhirjson.Node, contained bool) {
	if n.Kind() != fhirjson.Object {
		v.report(wrongJSON(n, "object"))
		return
	}
	s, ok := v.typeOf(n)
	if !ok {
		return
	}
	if len(v.path) == 0 {
		v.push(s.name)
		defer v.pop()
	}
	if contained {
		v.contained(n)
		v.object(n, s)
		return
	}
	outer := v.container
	v.container = n
	v.object(n, s)
	v.container = outer
}

// typeOf returns the structure that resourceType names.
func (v *validator) typeOf(n fhirjson.Node) (*structure, bool) {
	t := n.Get("resourceType")
	if t.Kind() != fhirjson.String {
		v.reportAt("resourceType", noResourceType)
		return nil, false
	}
	name := t.Text()
	if s, ok := schema().resources[name]; ok {
		return s, true
	}
	v.reportAt("resourceType", unknownType(r4.Nearest(name, r4.Types())))
	return nil, false
}

// object validates the members of an object, each element by itself and all
// of them together.
func (v *validator) object(n fhirjson.Node, s *structure) {
	first := n.First()
	if !first.Exists() {
		v.report(emptyObject)
		return
	}
	var values, siblings uint64 // elements seen as name and as _name
	for c := first; c.Exists() && !v.full(); c = c.Next() {
		name := c.Name()
		if m := s.members[name]; m != nil {
			if m.choice && (values&m.bit != 0 || siblings&m.bit != 0 && !n.Get("_"+m.member).Exists()) {
				v.reportAt(m.name, severalTypes(m))
			}
			values |= m.bit
			v.element(n, c, m)
			continue
		}
		if m := s.siblingOf(name); m != nil {
			if m.choice && (siblings|values)&m.bit != 0 && !n.Get(m.member).Exists() {
				v.reportAt(m.name, severalTypes(m))
			}
			siblings |= m.bit
			v.sibling(n, c, m)
			continue
		}
		if name != "resourceType" || !s.resource {
			v.unknown(name, s)
		}
	}
	if missing := s.required &^ (values | siblings); missing != 0 {
		v.missing(s, missing)
	}
	if s.rule != nil {
		s.rule(v, n)
	}
}

// element validates the value of a member, or every item of its array.
func (v *validator) element(object, n fhirjson.Node, m *member) {
	v.push(m.name)
	defer v.pop()
	switch array := n.Kind() == fhirjson.Array; {
	case array && !m.repeats:
		v.report(notRepeating)
	case !array && m.repeats:
		v.report(notArray)
	case !array:
		v.value(object, n, m)
	default:
		i := 0
		for item := n.First(); item.Exists() && !v.full(); item = item.Next() {
			v.path[len(v.path)-1].index = i
			v.value(object, item, m)
			i++
		}
		if i == 0 {
			v.report(emptyArray)
		}
	}
}

// value validates one value of an element.
func (v *validator) value(object, n fhirjson.Node, m *member) {
	switch {
	case m.format != nil:
		v.primitive(object, n, m)
	case n.Kind() != fhirjson.Object:
		v.report(wrongJSON(n, "object"))
	case m.next == nil: // Bundle.entry.resource, contained, …
		v.resource(n, m.contained)
	default:
		v.object(n, m.next)
		if m.rule != nil {
			m.rule(v, n, m)
		}
	}
}

// unknown reports a member that the type does not have.
func (v *validator) unknown(name string, s *structure) {
	if !nameLike(name) {
		v.report(unknownElement("", s, ""))
		return
	}
	v.reportAt(name, unknownElement(name, s, r4.Nearest(name, s.names())))
}

// missing reports each element of the set.
func (v *validator) missing(s *structure, set uint64) {
	for i := range s.elements {
		if e := &s.elements[i]; e.bit&set != 0 {
			set &^= e.bit // a choice has a member for each type
			v.reportAt(e.name, requiredElement(e))
		}
	}
}
