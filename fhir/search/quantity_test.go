package search

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// FuzzQuantity: whatever stands for a quantity is understood or refused for a
// reason, and a quantity that is stored is found by what it says.
func FuzzQuantity(f *testing.F) {
	for _, s := range []string{"5.4|http://unitsofmeasure.org|mg", "5.40e-3|http://unitsofmeasure.org|g", "ap5.4||mg", "le-1e400", "0", "-0.0|u|", "1|http://unitsofmeasure.org|10*3/uL",
		"37.2|http://unitsofmeasure.org|Cel", `5|a\|b|c`, "1e", "||", "gt", "9999999999999999999999999999999999|http://unitsofmeasure.org|m[H2O]"} {
		number, unit, _ := strings.Cut(s, "|")
		_, code, _ := strings.Cut(unit, "|")
		f.Add(s, number, code)
	}
	r := registry(f)
	ask := func(t *testing.T, value string) *Predicate {
		p, err := r.Compile("Observation", fhir.Param{Code: "value-quantity", Values: []string{value}})
		var e *fhir.Error
		if err != nil && (!errors.As(err, &e) || e.Kind != fhir.Malformed && e.Kind != fhir.Forbidden) {
			t.Fatalf("%q: %v", value, err)
		}
		return p
	}
	f.Fuzz(func(t *testing.T, value, number, code string) {
		ask(t, value)
		quoted, err := json.Marshal(code)
		if err != nil {
			return
		}
		doc, err := fhirjson.Parse([]byte(`{"resourceType":"Observation","valueQuantity":{"value":` + number + `,"system":"http://unitsofmeasure.org","code":` + string(quoted) + `}}`))
		if err != nil || doc.Root().At("valueQuantity", "value").Kind() != fhirjson.Number {
			return
		}
		entries, err := r.Extract("Observation", doc.Root())
		if err != nil {
			t.Fatal(err)
		}
		code = doc.Root().At("valueQuantity", "code").Text() // what is no UTF-8 was replaced
		if p := ask(t, number+"|http://unitsofmeasure.org|"+escaper.Replace(code)); p != nil && !p.Matches(entries) {
			t.Errorf("%s %q is not found by itself", number, code)
		}
	})
}
