package consent

import (
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// reader is what reading policy resources needs to know of the gateway.
type reader struct {
	Config
}

// target returns the "Type/id" that a Reference leads to on this gateway,
// without its version; "" for a logical, contained, foreign or malformed one.
func (r reader) target(reference fhirjson.Node) string {
	text := reference.Get("reference").Text()
	if r.Base != "" {
		text = strings.TrimPrefix(text, strings.TrimSuffix(r.Base, "/")+"/")
	}
	key, ok := fhir.ParseReference(text)
	if !ok {
		return ""
	}
	return key.Current().String()
}

// typeOf returns the resource type of a "Type/id".
func typeOf(target string) string {
	typ, _, _ := strings.Cut(target, "/")
	return typ
}

// isPatient reports whether the target is the patient of that id.
func isPatient(target, id string) bool {
	rest, ok := strings.CutPrefix(target, "Patient/")
	return ok && rest == id
}

// source names a policy resource with its version, as AuditEvent.agent.policy
// and the reason of a decision do.
func source(r fhir.Resource) string { return r.Key.String() }

// modified reports whether the node holds what changes its meaning in ways that
// this package does not know (R4 extensibility.html#modifierExtension).
func modified(n fhirjson.Node) bool {
	return n.Get("modifierExtension").Exists() || n.Get("implicitRules").Exists()
}
