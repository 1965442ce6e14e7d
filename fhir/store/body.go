package store

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// at is the FHIRPath of an element of the change: within its Bundle entry when
// the change is one of several.
func (c *change) at(element string) string {
	if c.bundled {
		return fmt.Sprintf("Bundle.entry[%d].%s", c.index, element)
	}
	return c.Key.Type + "." + element
}

// trimType makes the path of an element relative: ".name[0]" of "Patient.name[0]".
func trimType(path, typ string) string {
	return strings.TrimPrefix(path, typ)
}

// errorsOnly drops warnings: they never keep a body out.
func errorsOnly(issues []fhir.Issue) []fhir.Issue {
	return slices.DeleteFunc(issues, func(i fhir.Issue) bool { return i.Severity != fhir.SeverityError })
}

// labels returns what Facts.Labels holds, sorted, each once: the security codes
// of a resource and, marked as such, the codes that say what class of data it is.
func labels(doc *fhirjson.Doc) []string {
	root := doc.Root()
	list := appendCodes(nil, "", root.At("meta", "security"))
	switch root.Get("resourceType").Text() {
	case "DocumentReference", "DocumentManifest":
		list = appendConcepts(list, "", root.Get("securityLabel"))
		list = appendConcepts(list, fhir.ClassLabel, root.Get("type"))
	case "Composition":
		if code := root.Get("confidentiality").Text(); code != "" {
			list = append(list, code)
		}
		list = appendConcepts(list, fhir.ClassLabel, root.Get("type"))
	}
	list = appendConcepts(list, fhir.ClassLabel, root.Get("category"))
	slices.Sort(list)
	return slices.Compact(list)
}

// appendConcepts adds the codes of CodeableConcepts.
func appendConcepts(list []string, mark string, concepts fhirjson.Node) []string {
	for concept := range concepts.Items() {
		list = appendCodes(list, mark, concept.Get("coding"))
	}
	return list
}

func appendCodes(list []string, mark string, codings fhirjson.Node) []string {
	for coding := range codings.Items() {
		if _, code := coding.Coding(); code != "" && (mark != "" || !reserved(code)) {
			list = append(list, mark+code)
		}
	}
	return list
}

// reserved: what begins so is said by the store alone, never by a code.
func reserved(code string) bool {
	return strings.HasPrefix(code, fhir.ClassLabel) || contextual(code)
}

func errInvalidID(at string) error {
	return fhir.Errorf(fhir.Malformed, "store.Commit", "resource.id", fhir.CodeValue, at,
		fhir.T("This is not a valid resource id.", "Cet identifiant de ressource n'est pas valide."),
		fhir.T("An id has 1 to 64 characters: letters, digits, '-' and '.'.", "Un identifiant compte 1 à 64 caractères : lettres, chiffres, « - » et « . »."))
}

func errWrongType(at, want string) error {
	return fhir.Errorf(fhir.Malformed, "store.Commit", "resource.type", fhir.CodeInvalid, at,
		fhir.T("The body is not a %s.", "Le corps n'est pas une ressource %s.", want),
		fhir.T("resourceType must be the type of the request URL.", "resourceType doit être le type de l'URL de la requête."))
}
