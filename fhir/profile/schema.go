package profile

import (
	"strings"
	"sync"

	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/r4"
)

// A structure is what an object may hold: a type, or an element that has its
// elements in place. It is r4.Element turned round for lookup by JSON name,
// which happens for every element of every write.
type structure struct {
	name     string // of the type, or the path of the element
	resource bool   // has resourceType
	members  map[string]*member
	elements []member // in the order of the definition, a choice once for each type
	required uint64   // bits of the elements that must be there
	rule     func(*validator, fhirjson.Node)
}

// A member is what one JSON name stands for.
type member struct {
	name    string // of the element in FHIRPath: "value"
	member  string // in JSON: "valueQuantity"
	bit     uint64 // of the element within its structure
	element *r4.Element
	choice  bool
	repeats bool

	format    *format    // of a primitive; else nil
	next      *structure // of an object, or of a primitive's _name; nil for a resource
	contained bool       // a resource, as DomainResource.contained

	codes   *r4.CodeSet // required binding, when it can be listed
	targets []string    // of a reference; nil for any
	rule    func(*validator, fhirjson.Node, *member)
}

// siblingOf returns the member that "_name" belongs to. Only primitives have
// such a sibling (R4 json.html#primitive).
func (s *structure) siblingOf(name string) *member {
	if rest, ok := strings.CutPrefix(name, "_"); ok {
		if m := s.members[rest]; m != nil && m.format != nil {
			return m
		}
	}
	return nil
}

// names returns the JSON names of the members.
func (s *structure) names() []string {
	names := make([]string, len(s.elements))
	for i := range s.elements {
		names[i] = s.elements[i].member
	}
	return names
}

type schemas struct{ resources map[string]*structure }

// schema compiles the tables once, all of them: some 4 ms.
var schema = sync.OnceValue(compileSchema)

func compileSchema() schemas {
	c := compiler{done: map[*r4.Element]*structure{}}
	s := schemas{resources: make(map[string]*structure, 160)}
	for _, name := range r4.Types() {
		t, _ := r4.Lookup(name)
		s.resources[name] = c.structure(t.Root())
		s.resources[name].resource = true
	}
	return s
}

// A compiler keeps what it has made, so that content references and types end
// in loops and not in endless trees.
type compiler struct{ done map[*r4.Element]*structure }

func (c *compiler) structure(root *r4.Element) *structure {
	if s, ok := c.done[root]; ok {
		return s
	}
	s := &structure{name: root.Path, rule: typeRules[root.Path]}
	c.done[root] = s
	bit := uint64(1) // no structure of R4 has more than 64 elements; a test counts
	for e := range root.Children() {
		if e.Max == 0 {
			continue
		}
		for _, ref := range e.Types {
			s.elements = append(s.elements, c.member(r4.Child{Element: e, Type: ref}, bit))
		}
		if e.Content != "" {
			s.elements = append(s.elements, c.member(r4.Child{Element: e}, bit))
		}
		if e.Min > 0 {
			s.required |= bit
		}
		bit <<= 1
	}
	s.members = make(map[string]*member, len(s.elements))
	for i := range s.elements {
		s.members[s.elements[i].member] = &s.elements[i]
	}
	return s
}

func (c *compiler) member(child r4.Child, bit uint64) member {
	e, ref := child.Element, child.Type
	m := member{name: strings.TrimSuffix(e.Name, "[x]"), member: e.MemberName(ref), bit: bit, element: e,
		choice: e.Choice(), repeats: e.Repeats(), targets: ref.Targets, contained: e.Name == "contained"}
	if e.Binding != "" {
		m.codes, _ = r4.Codes(e.Binding)
	}
	m.format = formats[ref.Code]
	if target := child.Structure(); target != nil {
		m.next = c.structure(target)
	}
	switch {
	case ref.Code == "Reference":
		m.rule = (*validator).reference
	case ref.Code == "CodeableConcept" && m.codes != nil:
		m.rule = (*validator).concept
	case ref.Profile == "SimpleQuantity":
		m.rule = (*validator).simpleQuantity
	}
	return m
}
