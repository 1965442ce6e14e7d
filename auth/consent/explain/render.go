package explain

import (
	"strings"

	"github.com/cordee-sante/cordee/auth/consent"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/rest"
)

// parameters is a Parameters resource with the few types of values that a
// decision has.
type parameters struct {
	ResourceType string      `json:"resourceType"`
	Language     string      `json:"language"`
	Parameter    []parameter `json:"parameter"`
}

type parameter struct {
	Name    string      `json:"name"`
	Code    string      `json:"valueCode,omitempty"`
	Text    string      `json:"valueString,omitempty"`
	URI     string      `json:"valueUri,omitempty"`
	Boolean *bool       `json:"valueBoolean,omitempty"`
	Target  *reference  `json:"valueReference,omitempty"`
	Part    []parameter `json:"part,omitempty"`
}

type reference struct {
	Reference string `json:"reference"`
}

// render writes a decision as Parameters.
func render(d consent.Decision, q question, language rest.Language) ([]byte, error) {
	say := func(t fhir.Text) string {
		if language == rest.English {
			return t.EN
		}
		return t.FR
	}
	out := []parameter{
		{Name: "patient", Target: &reference{"Patient/" + d.Patient}},
		{Name: "actor", Target: &reference{q.actor.String()}},
	}
	if q.organization != "" {
		out = append(out, parameter{Name: "organization", Target: &reference{q.organization}})
	}
	out = append(out, parameter{Name: "purpose", Code: q.purpose})
	out = append(out, verdict(d.Permit, d.Reason.Rule, say(d.Reason.Text), d.Reason.Policies)...)
	for _, list := range []struct {
		name string
		of   []consent.ClassDecision
	}{{"class", d.ByClass}, {"label", d.ByLabel}} {
		for _, c := range list.of {
			part := append([]parameter{{Name: "code", Code: c.Class}, {Name: "title", Text: say(c.Title)}}, verdict(c.Permit, c.Rule, say(c.Text), c.Policies)...)
			out = append(out, parameter{Name: list.name, Part: part})
		}
	}
	for _, source := range d.Contradictions {
		out = append(out, parameter{Name: "contradiction", URI: source})
	}
	out = append(out, parameter{Name: "matrix", Text: d.Matrix}, parameter{Name: "rules", Text: d.Rules})
	return fhirjson.Encode(parameters{"Parameters", string(language), out})
}

// verdict is what was decided, by which rule, and what that rests on.
func verdict(permit bool, rule, text string, policies []string) []parameter {
	out := []parameter{{Name: "permit", Boolean: &permit}, {Name: "rule", Code: rule}, {Name: "text", Text: strings.ReplaceAll(text, "\u00a0", " ")}}
	for _, p := range policies {
		out = append(out, parameter{Name: "policy", URI: p})
	}
	return out
}
