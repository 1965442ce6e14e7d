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

// labels returns the codes of meta.security, sorted, each once.
func labels(doc *fhirjson.Doc) []string {
	var list []string
	for coding := range doc.Root().At("meta", "security").Items() {
		if _, code := coding.Coding(); code != "" {
			list = append(list, code)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
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
