package search_test

import (
	"fmt"
	"time"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/search"
)

// A query is parsed once; each of its parameters becomes a condition on the
// index rows of a resource.
func Example() {
	registry, err := search.New(search.Config{Base: "https://example.org/fhir", Zone: time.UTC})
	if err != nil {
		fmt.Println(err)
		return
	}
	doc, _ := fhirjson.Parse([]byte(`{"resourceType": "Observation", "status": "final",
		"code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]}, "effectiveDateTime": "2026-11-22",
		"valueQuantity": {"value": 71.5, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"}}`))
	entries, _ := registry.Extract("Observation", doc.Root())

	for _, text := range []string{
		"code=http://loinc.org|29463-7&value-quantity=gt70000|http://unitsofmeasure.org|g",
		"date=lt2026-11-22",
		"valeur=70",
	} {
		pairs, _ := search.Pairs(text)
		q, _, _, err := search.Parse(registry, search.Request{Type: "Observation", Values: pairs, Strict: true})
		if err != nil {
			fmt.Println(err)
			continue
		}
		found, _ := registry.Matches(q, fhir.Key{Type: "Observation", ID: "poids"}, time.Time{}, entries)
		fmt.Println(found)
	}
	// Output:
	// true
	// false
	// search: malformed: search.unknown-parameter
}
