package naive_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/fhir/storetest/naive"
)

// The examples of R4 search.html, so that the matcher is not only compared with
// what it is there to check.
var examples = []struct {
	resource string
	yes, no  []string
}{
	{`{"resourceType":"Observation","effectiveDateTime":"2013-01-14T10:00:00Z"}`,
		[]string{"date=eq2013-01-14", "date=ge2013-01-14T10:00", "date=lt2013-01-14T10:01", "date=sa2013-01-13"},
		[]string{"date=ne2013-01-14", "date=2013-01-15", "date=sa2013-01-14", "date=gt2013-01-14"}},
	{`{"resourceType":"Observation","effectiveDateTime":"2013-01-14"}`,
		[]string{"date=lt2013-01-14T10:00", "date=gt2013-01-14T10:00", "date=2013", "date=2013-01"},
		[]string{"date=2013-01-14T10:00", "date=eb2013-01-14", "date=sa2013-01-14"}},
	{`{"resourceType":"Observation","effectivePeriod":{"start":"2013-01-21"}}`,
		[]string{"date=ge2013-03-14", "date=le2013-03-14"},
		[]string{"date=sa2013-03-14", "date=eb2013-03-14", "date=2013"}},
	{`{"resourceType":"Observation","effectivePeriod":{"end":"2013-01-21"}}`, []string{"date=eb2013-03-14"}, []string{"date=sa2013-03-14"}},
	{`{"resourceType":"RiskAssessment","prediction":[{"probabilityDecimal":100.2}]}`,
		[]string{"probability=100", "probability=1e2", "probability=gt100", "probability=ne100.00", "probability=ap110"},
		[]string{"probability=100.00", "probability=ne100", "probability=lt100.2", "probability=gt100.2"}},
	{`{"resourceType":"RiskAssessment","prediction":[{"probabilityDecimal":100.5}]}`,
		[]string{"probability=ne100", "probability=1e2", "probability=101"}, []string{"probability=100"}},
	{`{"resourceType":"Observation","valueQuantity":{"value":5.44,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}`,
		[]string{"value-quantity=5.4|http://unitsofmeasure.org|mg", "value-quantity=5.4||mg", "value-quantity=5.4", "value-quantity=ap5.4|http://unitsofmeasure.org|mg"},
		[]string{"value-quantity=5.40e-3|http://unitsofmeasure.org|g", "value-quantity=le5.4|http://unitsofmeasure.org|mg", "value-quantity=5.4||g"}},
	{`{"resourceType":"Patient","name":[{"given":["Severine"]},{"given":["Evelyn"]}]}`,
		[]string{"given=eve", "given:contains=ever", "given:exact=Evelyn", "name=évelyn"},
		[]string{"given:exact=evelyn", "given=verine", "given:exact=Eve"}},
	{`{"resourceType":"Patient","identifier":[{"system":"http://acme.org/patient","value":"2345"}],"gender":"male"}`,
		[]string{"identifier=http://acme.org/patient|2345", "identifier=2345", "identifier=http://acme.org/patient|", "gender:not=female", "birthdate:missing=true"},
		[]string{"identifier=|2345", "identifier=234", "gender:not=male", "gender:missing=true"}},
	{`{"resourceType":"Observation","subject":{"reference":"http://example.org/fhir/Patient/123"}}`,
		[]string{"subject=Patient/123", "subject=123", "subject=http://example.org/fhir/Patient/123", "subject:Patient=123", "patient=123"},
		[]string{"subject=Group/123", "subject=Patient/12", "subject:Group=123", "subject=https://ailleurs.example/fhir/Patient/123"}},
	{`{"resourceType":"Observation","component":[{"code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]},"valueQuantity":{"value":58}},{"code":{"coding":[{"code":"x"}]},"valueQuantity":{"value":99}}]}`,
		[]string{`component-code-value-quantity=http://loinc.org|8480-6$lt60`}, []string{`component-code-value-quantity=x$lt60`}},
	{`{"resourceType":"CarePlan","instantiatesUri":["http://acme.org/fhir/ValueSet/123"]}`,
		[]string{"instantiates-uri=http://acme.org/fhir/ValueSet/123", "instantiates-uri:below=http://acme.org/fhir/", "instantiates-uri:above=http://acme.org/fhir/ValueSet/123/_history/5"},
		[]string{"instantiates-uri=http://acme.org/fhir/ValueSet/12", "instantiates-uri:above=http://acme.org/fhir"}},
	{`{"resourceType":"Observation","code":{"coding":[{"code":"a,b"}]}}`, []string{`code=a\,b`, `code=x,a\,b`}, []string{`code=a,b`}},
}

func TestExamplesOfTheSpecification(t *testing.T) {
	m := naive.Matcher{Base: "http://example.org/fhir", Zone: time.UTC}
	for _, e := range examples {
		for want, queries := range map[bool][]string{true: e.yes, false: e.no} {
			for _, q := range queries {
				name, value, _ := strings.Cut(q, "=")
				got, err := m.Match([]byte(e.resource), []naive.Criterion{{Name: name, Value: value}})
				if got != want || err != nil {
					t.Errorf("%s of %s: %v %v, want %v", q, e.resource, got, err, want)
				}
			}
		}
	}
}

func ExampleMatcher_Match() {
	m := naive.Matcher{Base: "http://example.org/fhir", Zone: time.UTC}
	ok, err := m.Match([]byte(`{"resourceType":"Patient","name":[{"family":"Lefèvre"}],"birthDate":"1980-02-03"}`),
		[]naive.Criterion{{Name: "family", Value: "lefe"}, {Name: "birthdate", Value: "ge1980"}})
	fmt.Println(ok, err)
	// Output: true <nil>
}
