package extensions

import (
	"strings"

	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// An Extension is one that the gateway defines.
type Extension struct {
	Name, Title, Description string
	Contexts                 []string // paths of elements
	Types                    []string // of the value; none when it has parts
	Parts                    []Part
}

// A Part is an extension inside an extension.
type Part struct {
	Name, Description string
	Required          bool
	Types             []string
}

// URL returns the canonical URL.
func (e Extension) URL() string { return adapters.Canonical + "/StructureDefinition/" + e.Name }

// Definitions returns the StructureDefinition of every extension, as JSON.
func Definitions() ([][]byte, error) {
	var list [][]byte
	for _, e := range All() {
		body, err := fhirjson.Encode(e.definition())
		if err != nil {
			return nil, err
		}
		list = append(list, body)
	}
	return list, nil
}

type object = map[string]any

func (e Extension) definition() object {
	var contexts []object
	for _, path := range e.Contexts {
		contexts = append(contexts, object{"type": "element", "expression": path})
	}
	elements := []object{{"id": "Extension", "path": "Extension", "short": e.Title, "definition": e.Description}}
	if len(e.Parts) == 0 {
		elements = append(elements, none("Extension.extension"), fixed("Extension.url", e.URL()), value("Extension.value[x]", e.Types, 1))
	}
	for _, p := range e.Parts {
		elements = append(elements, p.elements()...)
	}
	if len(e.Parts) > 0 {
		elements = append(elements, fixed("Extension.url", e.URL()), none("Extension.value[x]"))
	}
	return object{"resourceType": "StructureDefinition", "id": e.Name, "url": e.URL(), "version": "1", "name": camel(e.Name), "title": e.Title, "status": "active",
		"date": "2026-11-22", "publisher": "Cordée", "description": e.Description, "fhirVersion": "4.0.1", "kind": "complex-type", "abstract": false, "context": contexts,
		"type": "Extension", "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Extension", "derivation": "constraint", "differential": object{"element": elements}}
}

// elements are a slice of Extension.extension.
func (p Part) elements() []object {
	id := "Extension.extension:" + p.Name
	lowest := 0
	if p.Required {
		lowest = 1
	}
	head := object{"id": id, "path": "Extension.extension", "sliceName": p.Name, "short": p.Description, "min": lowest, "max": "1"}
	list := []object{head, none(id + ".extension"), fixed(id+".url", p.Name), value(id+".value[x]", p.Types, 1)}
	for _, e := range list {
		e["path"] = strings.Replace(e["path"].(string), ":"+p.Name, "", 1)
	}
	return list
}

func none(path string) object { return object{"id": path, "path": path, "max": "0"} }

func fixed(path, uri string) object { return object{"id": path, "path": path, "fixedUri": uri} }

func value(path string, types []string, lowest int) object {
	var list []object
	for _, code := range types {
		list = append(list, object{"code": code})
	}
	return object{"id": path, "path": path, "min": lowest, "type": list}
}

// camel is a name as StructureDefinition.name wants one: without dashes.
func camel(name string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(name, "-") {
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return b.String()
}
