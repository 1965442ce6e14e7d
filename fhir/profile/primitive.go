package profile

import (
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

var (
	emptyString = problem{"profile.empty-string", fhir.CodeValue,
		fhir.T("The string is empty.", "La chaîne est vide."),
		fhir.T("Leave the element out; why it is missing goes into an extension of its _name.",
			"Omettez l'élément ; la raison de son absence va dans une extension de son _nom.")}
	lonelyNull = problem{"profile.null", fhir.CodeStructure,
		fhir.T("null stands where neither array has a value.", "null figure là où aucun des deux tableaux n'a de valeur."),
		fhir.T("null keeps the place of a primitive whose _name has an extension there, and the other way round (R4 json.html#primitive).",
			"null tient la place d'une primitive dont le _nom a une extension au même rang, et inversement (R4 json.html#primitive).")}
	unevenArrays = problem{"profile.uneven-arrays", fhir.CodeStructure,
		fhir.T("The array and that of its _name differ in length.", "Le tableau et celui de son _nom n'ont pas la même longueur."),
		fhir.T("Fill the shorter one with null (R4 json.html#primitive).", "Complétez le plus court avec null (R4 json.html#primitive).")}
)

// primitive validates one value of a primitive element.
func (v *validator) primitive(object, n fhirjson.Node, m *member) {
	f := m.format
	switch kind := n.Kind(); {
	case kind == fhirjson.Null:
		if !m.repeats || v.counterpart(object, "_"+m.member).Kind() != fhirjson.Object {
			v.report(lonelyNull)
		}
	case kind != f.json:
		v.report(wrongJSON(n, f.json.String()))
	case f.name == "xhtml":
		v.narrative(n.Text())
	default:
		text := n.Text()
		if text == "" {
			v.report(emptyString)
		} else if f.check != nil && !f.check(text) {
			v.report(f.wrong())
		} else if m.codes != nil && !m.codes.Contains(text) {
			v.report(wrongCode(m, text))
		}
	}
}

// counterpart returns the item of the other array of a primitive, name or
// _name, at the present index.
func (v *validator) counterpart(object fhirjson.Node, name string) fhirjson.Node {
	other := object.Get(name)
	if other.Kind() != fhirjson.Array {
		return fhirjson.Node{}
	}
	item := other.First()
	for range v.path[len(v.path)-1].index {
		item = item.Next()
	}
	return item
}

// sibling validates the _name of a primitive: id and extensions (R4
// json.html#primitive).
func (v *validator) sibling(object, n fhirjson.Node, m *member) {
	v.push(m.name)
	defer v.pop()
	switch array := n.Kind() == fhirjson.Array; {
	case array && !m.repeats:
		v.report(notRepeating)
		return
	case !array && m.repeats:
		v.report(notArray)
		return
	case !array:
		v.siblingValue(n, m)
		return
	}
	values := object.Get(m.member)
	if values.Kind() == fhirjson.Array && values.Len() != n.Len() {
		v.report(unevenArrays)
	}
	i := 0
	for item := n.First(); item.Exists() && !v.full(); item = item.Next() {
		v.path[len(v.path)-1].index = i
		i++
		if item.Kind() != fhirjson.Null {
			v.siblingValue(item, m)
		} else if k := v.counterpart(object, m.member).Kind(); k == fhirjson.Null || k == fhirjson.Absent {
			v.report(lonelyNull)
		}
	}
	if i == 0 {
		v.report(emptyArray)
	}
}

func (v *validator) siblingValue(n fhirjson.Node, m *member) {
	if n.Kind() != fhirjson.Object {
		v.report(wrongJSON(n, "object"))
		return
	}
	v.object(n, m.next)
}
