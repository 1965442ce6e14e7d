package rest

import (
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/search"
)

// Inputs returns the input parameters of a call of an operation whose inputs
// are all primitive or an Identifier: those of the URL, then those of the
// Parameters in the body (R4 operations.html#request). An Identifier is
// returned as a token, system|value. What is not in known is refused by name.
func (c *Call) Inputs(known ...string) ([]search.Pair, error) {
	pairs := slices.Clone(c.Params)
	if len(c.Body) > 0 {
		doc, err := fhirjson.Parse(c.Body)
		if err != nil {
			return nil, err
		}
		if err := checkType(doc.Root(), "Parameters", ""); err != nil {
			return nil, err
		}
		for p := range doc.Root().Get("parameter").Items() {
			pairs = append(pairs, search.Pair{Name: p.Get("name").Text(), Value: inputValue(p)})
		}
	}
	for _, p := range pairs {
		if !slices.Contains(known, p.Name) {
			e := fhir.Error{Kind: fhir.Malformed, Op: "rest.Call.Inputs"}
			e.Issues = []fhir.Issue{unknownParameter(p.Name, known)}
			return nil, &e
		}
	}
	return pairs, nil
}

// inToken escapes a part of a token (R4 search.html#escaping).
var inToken = strings.NewReplacer(`\`, `\\`, `,`, `\,`, `|`, `\|`, `$`, `\$`)

// inputValue is the value[x] of a parameter, empty when it has none.
func inputValue(p fhirjson.Node) string {
	for m := range p.Members() {
		switch {
		case m.Name() == "valueIdentifier":
			return inToken.Replace(m.Get("system").Text()) + "|" + inToken.Replace(m.Get("value").Text())
		case strings.HasPrefix(m.Name(), "value"):
			return m.Text()
		}
	}
	return ""
}
