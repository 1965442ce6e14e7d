package profile

import (
	"testing"

	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// observation is one of 1 KB.
const observation = `{"resourceType":"Observation","id":"o1","meta":{"profile":["https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-observation-body-weight"]},` +
	`"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Poids : 71,5 kg</p></div>"},` +
	`"identifier":[{"system":"urn:oid:1.2.250.1.213.99","value":"8999-1"}],"status":"final","category":[{"coding":[{` +
	`"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs","display":"Vital Signs"}]}],` +
	`"code":{"coding":[{"system":"http://loinc.org","code":"29463-7","display":"Body weight"}],"text":"Poids"},` +
	`"subject":{"reference":"Patient/p1"},"encounter":{"reference":"Encounter/e1"},"effectiveDateTime":"2026-03-01T08:30:00+01:00",` +
	`"issued":"2026-03-01T08:31:00.000+01:00","performer":[{"reference":"Practitioner/pr1","display":"Infirmière Essai"}],` +
	`"valueQuantity":{"value":71.50,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"},` +
	`"note":[{"time":"2026-03-01","text":"À jeun"}],"referenceRange":[{"low":{"value":60},"high":{"value":80}}]}`

func parse(t testing.TB, text string) *fhirjson.Doc {
	t.Helper()
	doc, err := fhirjson.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func BenchmarkValidate(b *testing.B) {
	doc := parse(b, observation)
	if issues := Validate(doc); len(issues) > 0 {
		b.Fatal(issues)
	}
	b.SetBytes(int64(len(observation)))
	b.ReportAllocs()
	for b.Loop() {
		Validate(doc)
	}
}

func BenchmarkSchema(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		compileSchema()
	}
}
