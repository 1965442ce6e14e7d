package main

import (
	"fmt"
	"path"
	"strings"
)

// typeTable: a group for each type
//
//	=name  kind  base  abstract  regexp
//
// and in it its elements, depth first, the type itself first:
//
//	path  min  max  flags  types  contentReference  valueSet  constraints
//
// Flags are M (isModifier) and S (isSummary). Types are parted by spaces:
// Reference(Patient|Group), Quantity:SimpleQuantity. The value set is that of
// a required binding. ele-1, which holds for every element, and the value
// element of primitives are left out.
func typeTable(p pack) string {
	var b strings.Builder
	for _, d := range p.types {
		kind := strings.TrimSuffix(d.Kind, "-type")
		abstract := ""
		if d.Abstract {
			abstract = "abstract"
		}
		fmt.Fprintf(&b, "=%s\t%s\t%s\t%s\t%s\n", d.Type, kind, path.Base(d.BaseDefinition), abstract, regexpOf(d))
		for _, e := range d.Snapshot.Element {
			if kind == "primitive" && e.Path == d.Type+".value" {
				continue
			}
			writeElement(&b, d, e)
		}
	}
	return b.String()
}

func writeElement(b *strings.Builder, d structureDefinition, e element) {
	flags := ""
	if e.IsModifier {
		flags += "M"
	}
	if e.IsSummary {
		flags += "S"
	}
	var types, constraints []string
	for _, t := range e.Type {
		types = append(types, typeText(d, e, t))
	}
	for _, c := range e.Constraint {
		if c.Key != "ele-1" {
			constraints = append(constraints, c.Key)
		}
	}
	binding := ""
	if e.Binding.Strength == "required" {
		binding, _, _ = strings.Cut(e.Binding.ValueSet, "|")
	}
	fmt.Fprintf(b, "%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\n", e.Path, e.Min, e.Max, flags, strings.Join(types, " "),
		strings.TrimPrefix(e.ContentReference, "#"), binding, strings.Join(constraints, " "))
}

func typeText(d structureDefinition, e element, t typeRef) string {
	code := t.Code
	if strings.HasPrefix(code, "http://hl7.org/fhirpath/System.") {
		// What FHIRPath calls a string has its FHIR type in an extension, which
		// is missing for the id of xhtml, and for the id of a resource says
		// string as well (an erratum of 4.0.1).
		code = "string"
		for _, x := range t.Extension {
			if strings.HasSuffix(x.URL, "/structuredefinition-fhir-type") {
				code = x.ValueURL
			}
		}
		if d.Kind == "resource" && e.Path == d.Type+".id" {
			code = "id"
		}
	}
	for _, profile := range t.Profile {
		code += ":" + path.Base(profile)
	}
	if len(t.TargetProfile) > 0 {
		var targets []string
		for _, profile := range t.TargetProfile {
			targets = append(targets, path.Base(profile))
		}
		code += "(" + strings.Join(targets, "|") + ")"
	}
	return code
}

// regexpOf returns the published pattern of a primitive.
func regexpOf(d structureDefinition) string {
	for _, e := range d.Snapshot.Element {
		if d.Kind != "primitive-type" || e.Path != d.Type+".value" {
			continue
		}
		for _, t := range e.Type {
			for _, x := range t.Extension {
				if strings.HasSuffix(x.URL, "/regex") {
					return x.ValueString
				}
			}
		}
	}
	return ""
}
