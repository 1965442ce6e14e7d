package profile

import (
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/r4"
)

var referenceForm = problem{"profile.reference", fhir.CodeValue,
	fhir.T("The reference has none of the forms that R4 knows.", "La référence n'a aucune des formes que R4 connaît."),
	fhir.T("Type/id, Type/id/_history/version, #id of a contained resource, a URL, urn:uuid: or urn:oid: (R4 references.html).",
		"Type/id, Type/id/_history/version, #id d'une ressource incluse, une URL, urn:uuid: ou urn:oid: (R4 references.html).")}

var noContained = problem{"profile.reference-contained", fhir.CodeNotFound,
	fhir.T("No contained resource has the id that the reference names.", "Aucune ressource incluse ne porte l'id désigné par la référence."),
	fhir.T("Add the resource to contained, or correct the id behind # (ref-1).",
		"Ajoutez la ressource à contained, ou corrigez l'id après # (ref-1).")}

// reference validates a Reference: that it can be read, and leads to a type
// that the element may refer to. Whether the target exists is not asked.
func (v *validator) reference(n fhirjson.Node, m *member) {
	target := ""
	if r := n.Get("reference"); r.Kind() == fhirjson.String {
		var p *problem
		if target, p = v.target(r.Text()); p != nil {
			v.reportAt("reference", *p)
		}
		if target != "" && m.targets != nil && !slices.Contains(m.targets, target) {
			v.reportAt("reference", wrongTarget(m))
		}
	}
	t := n.Get("type")
	if t.Kind() != fhirjson.String {
		return
	}
	typ := t.Text()
	switch base := typ[strings.LastIndexByte(typ, '/')+1:]; {
	case !r4.IsResource(base):
		v.reportAt("type", unknownType(""))
	case target != "" && target != base:
		v.reportAt("type", problem{"profile.reference-type", fhir.CodeValue,
			fhir.T("The type differs from that of the reference.", "Le type diffère de celui de la référence."),
			fhir.T("Correct one of the two, or leave type out.", "Corrigez l'un des deux, ou omettez type.")})
	case target == "" && m.targets != nil && !slices.Contains(m.targets, base):
		v.reportAt("type", wrongTarget(m))
	}
}

func wrongTarget(m *member) problem {
	return problem{"profile.reference-target", fhir.CodeValue,
		fhir.T("%s may not refer to a resource of this type.", "%s ne peut pas désigner une ressource de ce type.", m.element.Path),
		fhir.T("It may refer to %s.", "Il peut désigner %s.", strings.Join(m.targets, ", "))}
}

// target returns the type that a literal reference leads to, or "" when that
// cannot be known.
func (v *validator) target(reference string) (string, *problem) {
	switch {
	case reference == "":
		return "", nil // an empty string, reported as such
	case reference[0] == '#':
		return v.containedType(reference[1:])
	case strings.Contains(reference, ":"):
		return absoluteTarget(reference), nil
	}
	typ, _, conditional := strings.Cut(reference, "?") // in a transaction (R4 http.html#trules)
	if !conditional {
		key, ok := fhir.ParseReference(reference)
		if !ok {
			return "", &referenceForm
		}
		typ = key.Type
	}
	if !r4.IsResource(typ) {
		p := unknownType(r4.Nearest(typ, r4.Types()))
		return "", &p
	}
	return typ, nil
}

// absoluteTarget returns the type of a URL that ends like that of a FHIR
// server, [base]/Type/id. Others may be anything.
func absoluteTarget(url string) string {
	if path, _, ok := strings.Cut(url, "/_history/"); ok {
		url = path
	}
	rest, id, ok := cutLast(url)
	if !ok || !fhir.ValidID(id) {
		return ""
	}
	if _, typ, ok := cutLast(rest); ok && r4.IsResource(typ) {
		return typ
	}
	return ""
}

func cutLast(s string) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, '/')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// containedType returns the type of the contained resource of that id; # alone
// is the resource that contains.
func (v *validator) containedType(id string) (string, *problem) {
	if id == "" {
		return v.container.Get("resourceType").Text(), nil
	}
	list := v.container.Get("contained")
	for c := list.First(); c.Exists(); c = c.Next() {
		if c.Get("id").Text() == id {
			return c.Get("resourceType").Text(), nil
		}
	}
	return "", &noContained
}
