package fhirjson_test

import (
	"fmt"
	"time"

	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

func ExampleSetMeta() {
	doc, err := fhirjson.Parse([]byte(`{ "resourceType" : "Observation", "valueQuantity" : { "value" : 71.50 } }`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s\n", fhirjson.SetMeta(doc, "o1", "1", time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)))
	// Output: { "resourceType" : "Observation","id":"o1","meta":{"versionId":"1","lastUpdated":"2026-03-01T08:00:00.000Z"}, "valueQuantity" : { "value" : 71.50 } }
}

func ExampleEncode() {
	text, err := fhirjson.Encode(map[string]any{"resourceType": "Basic", "code": map[string]any{"text": "1 < 2", "coding": []any{}}, "author": nil})
	fmt.Printf("%s %v\n", text, err)
	// Output: {"resourceType":"Basic","code":{"text":"1 < 2"}} <nil>
}
