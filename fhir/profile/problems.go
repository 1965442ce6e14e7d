package profile

import (
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// The problems of structure. Those of formats, bindings, references and so on
// stand beside their rules.
var (
	noResourceType = problem{"profile.resource-type", fhir.CodeRequired,
		fhir.T("The resource does not say its type.", "La ressource n'indique pas son type."),
		fhir.T("Add resourceType, a string (R4 json.html#resources).", "Ajoutez resourceType, une chaîne (R4 json.html#resources).")}
	emptyObject = problem{"profile.empty-object", fhir.CodeStructure,
		fhir.T("The object is empty.", "L'objet est vide."),
		fhir.T("Leave the element out (R4 json.html#json).", "Omettez l'élément (R4 json.html#json).")}
	emptyArray = problem{"profile.empty-array", fhir.CodeStructure,
		fhir.T("The array is empty.", "Le tableau est vide."),
		fhir.T("Leave the element out (R4 json.html#json).", "Omettez l'élément (R4 json.html#json).")}
	notArray = problem{"profile.not-an-array", fhir.CodeStructure,
		fhir.T("The element may repeat, so its value must be an array.", "L'élément est répétable : sa valeur doit être un tableau."),
		fhir.T("Put the value in brackets, even when it is only one (R4 json.html#repeat).",
			"Mettez la valeur entre crochets, même si elle est unique (R4 json.html#repeat).")}
	notRepeating = problem{"profile.not-repeating", fhir.CodeStructure,
		fhir.T("The element may not repeat, but its value is an array.", "L'élément n'est pas répétable, mais sa valeur est un tableau."),
		fhir.T("Send one value without brackets.", "Envoyez une seule valeur, sans crochets.")}
)

func unknownType(nearest string) problem {
	return problem{"profile.unknown-type", fhir.CodeStructure,
		fhir.T("R4 has no resource type of this name.", "R4 n'a pas de type de ressource de ce nom."),
		didYouMean(nearest, fhir.T("The types are listed in R4 resourcelist.html.", "Les types sont listés dans R4 resourcelist.html."))}
}

// unknownElement is the problem of a member called name, which is empty when
// it must not be repeated.
func unknownElement(name string, s *structure, nearest string) problem {
	text := fhir.T("%s has no element %s.", "%s n'a pas d'élément %s.", s.name, name)
	if name == "" {
		text = fhir.T("%s has no element of this name.", "%s n'a pas d'élément de ce nom.", s.name)
	}
	hint := fhir.T("Remove it, or put what it says into an extension.", "Supprimez-le, ou mettez son contenu dans une extension.")
	if choice := choiceOf(name, s); choice != nil {
		types := typeCodes(choice)
		hint = fhir.T("%s may be of type %s.", "%s peut être de type %s.", choice.element.Name, types)
	}
	return problem{"profile.unknown-element", fhir.CodeStructure, text, didYouMean(nearest, hint)}
}

// choiceOf returns a member of the choice that the name is a wrong type of.
func choiceOf(name string, s *structure) *member {
	for i := range s.elements {
		m := &s.elements[i]
		if rest, ok := strings.CutPrefix(name, m.name); ok && m.choice && (rest == "" || rest[0] >= 'A' && rest[0] <= 'Z') {
			return m
		}
	}
	return nil
}

func typeCodes(m *member) string {
	codes := make([]string, len(m.element.Types))
	for i, ref := range m.element.Types {
		codes[i] = ref.Code
	}
	return strings.Join(codes, ", ")
}

func didYouMean(nearest string, otherwise fhir.Text) fhir.Text {
	if nearest == "" {
		return otherwise
	}
	return fhir.T("Did you mean %s?", "Vouliez-vous dire %s ?", nearest)
}

func requiredElement(m *member) problem {
	hint := fhir.T("Add %s.", "Ajoutez %s.", m.member)
	if m.choice {
		hint = fhir.T("Add %s with one of the types %s.", "Ajoutez %s avec l'un des types %s.", m.element.Name, typeCodes(m))
	}
	return problem{"profile.required-element", fhir.CodeRequired,
		fhir.T("The element %s is required.", "L'élément %s est obligatoire.", m.element.Path), hint}
}

func severalTypes(m *member) problem {
	return problem{"profile.several-types", fhir.CodeStructure,
		fhir.T("%s has values of several types.", "%s a des valeurs de plusieurs types.", m.element.Name),
		fhir.T("Keep one of them (R4 formats.html#choice).", "Gardez-en une (R4 formats.html#choice).")}
}

// french are the names of the JSON types.
var french = map[string]string{"object": "un objet", "array": "un tableau", "string": "une chaîne", "number": "un nombre",
	"boolean": "un booléen", "null": "null"}

// english are the same with their articles.
var english = map[string]string{"object": "an object", "array": "an array", "string": "a string", "number": "a number",
	"boolean": "a boolean", "null": "null"}

func wrongJSON(n fhirjson.Node, want string) problem {
	got := n.Kind().String()
	return problem{"profile.json-type", fhir.CodeStructure,
		fhir.Text{EN: "The value must be " + english[want] + ", not " + english[got] + ".",
			FR: "La valeur doit être " + french[want] + ", pas " + french[got] + "."},
		fhir.T("Send the value as JSON has it, without quotes round numbers and booleans.",
			"Envoyez la valeur telle que JSON l'écrit, sans guillemets autour des nombres et booléens.")}
}
