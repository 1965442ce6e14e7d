package r4

import (
	"slices"
	"strconv"
	"strings"
	"sync"
)

// A Kind says what sort of type a Type is.
type Kind uint8

// The kinds of StructureDefinition.kind.
const (
	Primitive Kind = iota + 1 // boolean, dateTime, …
	Complex                   // HumanName, BackboneElement, …
	Resource                  // Patient, Bundle, …
)

// Many is the Max of an element that may repeat without bound.
const Many = 1<<31 - 1

// A Type is a primitive, a complex type or a resource.
type Type struct {
	Name     string
	Kind     Kind
	Abstract bool   // Element, BackboneElement, Resource, DomainResource
	Base     string // type that it specialises: "DomainResource", "string"; empty for Element and Resource
	Regexp   string // published pattern of a primitive; empty when there is none

	// Elements are those of the snapshot, depth first; Elements[0] is the type
	// itself. The value of a primitive is not among them.
	Elements []Element
}

// An Element is one line of a type's definition (R4 elementdefinition.html).
type Element struct {
	Path    string    // "Patient.contact.name", "Observation.value[x]"
	Name    string    // last part of the path: "name", "value[x]"
	Min     int       // least number of occurrences
	Max     int       // most; Many for *
	Types   []TypeRef // one, or several for a choice; none with Content and for Elements[0]
	Content string    // path of the element that this one is built like: "Questionnaire.item"
	Binding string    // value set of a required binding, without version

	Modifier    bool     // isModifier
	Summary     bool     // isSummary
	Constraints []string // keys of invariants; ele-1, which holds for every element, is left out

	siblings []Element // from this element to the end of its type
	size     int       // this element and all below it
}

// A TypeRef is a type that an element may have.
type TypeRef struct {
	Code    string   // "Reference", "code", "BackboneElement"
	Profile string   // "SimpleQuantity", which is all there is in R4; else empty
	Targets []string // of Reference and canonical: resource types; empty when any
}

// Types returns the names of the resource types that have instances, sorted.
func Types() []string { return loaded().resources }

// IsResource reports whether name is a resource type that has instances.
func IsResource(name string) bool {
	t, ok := Lookup(name)
	return ok && t.Kind == Resource && !t.Abstract
}

// Lookup returns the type of that name.
func Lookup(name string) (*Type, bool) {
	t, ok := loaded().byName[name]
	return t, ok
}

// Is reports whether the type is the named one or specialises it.
func (t *Type) Is(name string) bool {
	for t != nil {
		if t.Name == name {
			return true
		}
		t = loaded().byName[t.Base]
	}
	return false
}

type types struct {
	byName    map[string]*Type
	resources []string
}

var loaded = sync.OnceValue(loadTypes)

func loadTypes() types {
	text := table("types")
	r := typeReader{elements: make([]Element, 0, 8000), refs: make([]TypeRef, 0, 9000), words: make([]string, 0, 9000)}
	all := make([]Type, 0, 256) // never grows: there are pointers into it
	start := 0
	finish := func() {
		if n := len(all); n > 0 {
			all[n-1].Elements = nest(r.elements[start:len(r.elements):len(r.elements)])
			start = len(r.elements)
		}
	}
	for record, group := range records(text) {
		if group {
			finish()
			all = append(all, newType(record))
		} else {
			r.element(record)
		}
	}
	finish()
	t := types{byName: make(map[string]*Type, len(all))}
	for i := range all {
		t.byName[all[i].Name] = &all[i]
		if all[i].Kind == Resource && !all[i].Abstract {
			t.resources = append(t.resources, all[i].Name)
		}
	}
	slices.Sort(t.resources)
	return t
}

func newType(record string) Type {
	t := Type{Name: field(&record)}
	switch field(&record) {
	case "primitive":
		t.Kind = Primitive
	case "complex":
		t.Kind = Complex
	case "resource":
		t.Kind = Resource
	}
	if base := field(&record); base != "." { // what the base of Element and Resource comes out as
		t.Base = base
	}
	t.Abstract = field(&record) != ""
	t.Regexp = record
	return t
}

// A typeReader reads the records of elements into few large slices.
type typeReader struct {
	elements []Element
	refs     []TypeRef
	words    []string
}

func (r *typeReader) element(record string) {
	e := Element{Path: field(&record), Max: Many}
	e.Name = e.Path[strings.LastIndexByte(e.Path, '.')+1:]
	e.Min = number(field(&record))
	if most := field(&record); most != "*" {
		e.Max = number(most)
	}
	flags := field(&record)
	e.Modifier, e.Summary = strings.Contains(flags, "M"), strings.Contains(flags, "S")
	e.Types = r.typeRefs(field(&record))
	e.Content = field(&record)
	e.Binding = field(&record)
	e.Constraints = r.split(record, " ")
	r.elements = append(r.elements, e)
}

func (r *typeReader) typeRefs(text string) []TypeRef {
	start := len(r.refs)
	for text != "" {
		var ref TypeRef
		ref.Code, text, _ = strings.Cut(text, " ")
		if code, targets, ok := strings.Cut(ref.Code, "("); ok {
			ref.Code, ref.Targets = code, r.split(strings.TrimSuffix(targets, ")"), "|")
			if slices.Contains(ref.Targets, "Resource") {
				ref.Targets = nil
			}
		}
		ref.Code, ref.Profile, _ = strings.Cut(ref.Code, ":")
		r.refs = append(r.refs, ref)
	}
	return r.refs[start:len(r.refs):len(r.refs)]
}

func (r *typeReader) split(text, separator string) []string {
	if text == "" {
		return nil
	}
	start := len(r.words)
	for found := true; found; {
		var word string
		word, text, found = strings.Cut(text, separator)
		r.words = append(r.words, word)
	}
	return r.words[start:len(r.words):len(r.words)]
}

// number reads a number that the generator wrote.
func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

// nest tells every element of a type how many lie below it.
func nest(elements []Element) []Element {
	for i := range elements {
		path, end := elements[i].Path, i+1
		for end < len(elements) && len(elements[end].Path) > len(path) && elements[end].Path[len(path)] == '.' &&
			elements[end].Path[:len(path)] == path {
			end++
		}
		elements[i].siblings, elements[i].size = elements[i:], end-i
	}
	return elements
}
