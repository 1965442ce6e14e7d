package profile

import (
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// typeRules hold for every value of a type, wherever it stands.
var typeRules = map[string]func(*validator, fhirjson.Node){
	"Extension": (*validator).extension,
}

// extension validates that an extension has a value or extensions, not both
// (ext-1), and warns when its url is relative: only the extensions of another
// one have names for urls (R4 extensibility.html#Extension). It is no error
// because R4 also says "a logical name or a URL", and examples of French guides
// take it at its word.
func (v *validator) extension(n fhirjson.Node) {
	value, nested := false, n.Get("extension").Exists()
	for c := n.First(); c.Exists(); c = c.Next() {
		value = value || strings.HasPrefix(c.Name(), "value") || strings.HasPrefix(c.Name(), "_value")
	}
	if value == nested {
		v.report(extensionContent)
	}
	if url := n.Get("url").Text(); url != "" && !strings.Contains(url, ":") && !v.inExtension() {
		v.push("url")
		v.add(fhir.SeverityWarning, extensionURL)
		v.pop()
	}
}

var (
	extensionContent = problem{"profile.extension", fhir.CodeExtension,
		fhir.T("An extension has either a value or extensions of its own.", "Une extension a soit une valeur, soit ses propres extensions."),
		fhir.T("Add the one that is missing, or remove one of the two (ext-1).", "Ajoutez ce qui manque, ou retirez l'un des deux (ext-1).")}
	extensionURL = problem{"profile.extension-url", fhir.CodeExtension,
		fhir.T("The url of the extension is not absolute.", "L'url de l'extension n'est pas absolue."),
		fhir.T("Give the canonical URL of its definition.", "Donnez l'URL canonique de sa définition.")}
)

// inExtension reports whether the object at the present path lies in an
// extension.
func (v *validator) inExtension() bool {
	if len(v.path) < 2 {
		return false
	}
	outer := v.path[len(v.path)-2].name
	return outer == "extension" || outer == "modifierExtension"
}
