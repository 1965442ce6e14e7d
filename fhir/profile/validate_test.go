package profile

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// found are the issues of a text as "id at", without the prefix of the ids.
func found(t testing.TB, text string) []string {
	t.Helper()
	var list []string
	for _, i := range Validate(parse(t, text)) {
		if i.Text.EN == "" || i.Text.FR == "" || i.Hint.EN == "" || i.Hint.FR == "" {
			t.Errorf("%s: a sentence is missing", i.ID)
		}
		if strings.Contains(i.Text.EN+i.Text.FR+i.Hint.EN+i.Hint.FR, "%!") {
			t.Errorf("%s: a sentence is badly formatted: %+v", i.ID, i)
		}
		list = append(list, strings.TrimPrefix(i.ID, "profile.")+" "+i.At)
	}
	return list
}

type refusal struct {
	name, text string
	want       []string
}

func testRefusals(t *testing.T, refusals []refusal) {
	for _, r := range refusals {
		t.Run(r.name, func(t *testing.T) {
			if got := found(t, r.text); !slices.Equal(got, r.want) {
				t.Errorf("got  %q\nwant %q", got, r.want)
			}
		})
	}
}

// patient is a Patient with these members.
func patient(members string) string { return `{"resourceType":"Patient",` + members + `}` }

// observed is a valid Observation with these further members.
func observed(members string) string {
	return `{"resourceType":"Observation","status":"final","code":{"text":"x"},` + members + `}`
}

func TestResourceType(t *testing.T) {
	testRefusals(t, []refusal{
		{"no object", `[]`, []string{"json-type "}},
		{"nothing in it", `{}`, []string{"resource-type resourceType"}},
		{"no string", `{"resourceType":7}`, []string{"resource-type resourceType"}},
		{"unknown", `{"resourceType":"Patent"}`, []string{"unknown-type resourceType"}},
		{"abstract", `{"resourceType":"DomainResource"}`, []string{"unknown-type resourceType"}},
		{"a data type", `{"resourceType":"HumanName"}`, []string{"unknown-type resourceType"}},
		{"of an entry", `{"resourceType":"Bundle","type":"batch","entry":[{"resource":{"resourceType":"patient"}},{"resource":7}]}`,
			[]string{"unknown-type Bundle.entry[0].resource.resourceType", "json-type Bundle.entry[1].resource"}},
	})
	if hint := Validate(parse(t, `{"resourceType":"patient"}`))[0].Hint.FR; hint != "Vouliez-vous dire Patient ?" {
		t.Error(hint)
	}
}

func TestUnknownElements(t *testing.T) {
	testRefusals(t, []refusal{
		{"at the root", patient(`"nom":[]`), []string{"unknown-element Patient.nom"}},
		{"further down", patient(`"name":[{"family":"a"},{"familly":"b"}]`), []string{"unknown-element Patient.name[1].familly"}},
		{"in an element of the type", patient(`"contact":[{"nick":"x"}]`), []string{"unknown-element Patient.contact[0].nick"}},
		{"in a content reference", `{"resourceType":"Questionnaire","status":"draft","item":[{"linkId":"1","type":"group","item":[{"linkId":"2","type":"group","label":"x"}]}]}`,
			[]string{"unknown-element Questionnaire.item[0].item[0].label"}},
		{"in an entry", `{"resourceType":"Bundle","type":"batch","entry":[{"resource":` + patient(`"x":1`) + `}]}`, []string{"unknown-element Bundle.entry[0].resource.x"}},
		{"in a parameter", `{"resourceType":"Parameters","parameter":[{"name":"a","part":[{"name":"b","resource":` + patient(`"x":1`) + `}]}]}`,
			[]string{"unknown-element Parameters.parameter[0].part[0].resource.x"}},
		{"_name of an object", patient(`"_name":[{"id":"x"}]`), []string{"unknown-element Patient._name"}},
		{"resourceType in a type", patient(`"name":[{"resourceType":"HumanName","family":"a"}]`), []string{"unknown-element Patient.name[0].resourceType"}},
		{"a comment of DSTU2", patient(`"fhir_comments":["x"]`), []string{"unknown-element Patient"}},
		{"a name that is not repeated", patient(`"100000000000000":1`), []string{"unknown-element Patient"}},
	})
	hints := map[string]string{
		patient(`"brithDate":"2000"`):     "Did you mean birthDate?",
		patient(`"deceased":true`):        "deceased[x] may be of type boolean, dateTime.",
		observed(`"valueMoney":{"a":1}`):  "value[x] may be of type Quantity, CodeableConcept, string, boolean, integer, Range, Ratio, SampledData, time, dateTime, Period.",
		patient(`"numeroDeSecurite":"1"`): "Remove it, or put what it says into an extension.",
	}
	for text, want := range hints {
		if got := Validate(parse(t, text))[0].Hint.EN; got != want {
			t.Errorf("%s: %s", text, got)
		}
	}
}

func TestCardinality(t *testing.T) {
	testRefusals(t, []refusal{
		{"required", `{"resourceType":"Observation","id":"x"}`, []string{"required-element Observation.status", "required-element Observation.code"}},
		{"required further down", `{"resourceType":"Bundle","type":"batch","link":[{"url":"u"}]}`, []string{"required-element Bundle.link[0].relation"}},
		{"required choice", `{"resourceType":"MedicationRequest","status":"active","intent":"order","subject":{"display":"x"}}`,
			[]string{"required-element MedicationRequest.medication"}},
		{"required, with an extension for a value", `{"resourceType":"Observation","code":{"text":"x"},"_status":{"extension":[{"url":"http://x.y","valueCode":"unknown"}]}}`, nil},
		{"not an array", patient(`"name":{"family":"a"}`), []string{"not-an-array Patient.name"}},
		{"a primitive that is not an array", patient(`"name":[{"given":"a"}]`), []string{"not-an-array Patient.name[0].given"}},
		{"an array", patient(`"gender":["male"]`), []string{"not-repeating Patient.gender"}},
		{"an empty array", patient(`"name":[]`), []string{"empty-array Patient.name"}},
		{"an empty object", patient(`"name":[{}]`), []string{"empty-object Patient.name[0]"}},
		{"an empty string", patient(`"name":[{"family":""}]`), []string{"empty-string Patient.name[0].family"}},
	})
}

func TestChoices(t *testing.T) {
	testRefusals(t, []refusal{
		{"two types", patient(`"deceasedBoolean":true,"deceasedDateTime":"2020"`), []string{"several-types Patient.deceased"}},
		{"two types, one of them as _name", patient(`"deceasedBoolean":true,"_deceasedDateTime":{"id":"x"}`), []string{"several-types Patient.deceased"}},
		{"two types, the other one first", patient(`"_deceasedDateTime":{"id":"x"},"deceasedBoolean":true`), []string{"several-types Patient.deceased"}},
		{"two types, both as _name", patient(`"_deceasedDateTime":{"id":"x"},"_deceasedBoolean":{"id":"x"}`), []string{"several-types Patient.deceased"}},
		{"a value and its _name", patient(`"deceasedDateTime":"2020","_deceasedDateTime":{"id":"x"}`), nil},
		{"a _name and its value", patient(`"_deceasedDateTime":{"id":"x"},"deceasedDateTime":"2020"`), nil},
		{"another type", patient(`"deceasedString":"no"`), []string{"unknown-element Patient.deceasedString"}},
		{"further down", observed(`"valueQuantity":{"value":1,"unitt":"kg"}`), []string{"unknown-element Observation.value.unitt"}},
	})
}

func TestPrimitiveArrays(t *testing.T) {
	given := func(members string) string { return patient(`"name":[{` + members + `}]`) }
	testRefusals(t, []refusal{
		{"null and its extension", given(`"given":["a",null],"_given":[null,{"id":"x"}]`), nil},
		{"extensions alone", given(`"_given":[{"id":"x"}]`), nil},
		{"null alone", given(`"given":["a",null]`), []string{"null Patient.name[0].given[1]"}},
		{"null on both sides", given(`"given":["a",null],"_given":[{"id":"x"},null]`), []string{"null Patient.name[0].given[1]", "null Patient.name[0].given[1]"}},
		{"null without the other array", given(`"_given":[null,{"id":"x"}]`), []string{"null Patient.name[0].given[0]"}},
		{"uneven", given(`"given":["a","b"],"_given":[{"id":"x"}]`), []string{"uneven-arrays Patient.name[0].given"}},
		{"null among objects", patient(`"name":[null]`), []string{"json-type Patient.name[0]"}},
		{"_name no object", patient(`"_birthDate":"x"`), []string{"json-type Patient.birthDate"}},
		{"_name an array", patient(`"_birthDate":[{"id":"x"}]`), []string{"not-repeating Patient.birthDate"}},
		{"_name no array", given(`"_given":{"id":"x"}`), []string{"not-an-array Patient.name[0].given"}},
		{"_name empty", given(`"_given":[]`), []string{"empty-array Patient.name[0].given"}},
		{"_name with an error", patient(`"birthDate":"2000","_birthDate":{"extension":[{"valueCode":"x"}]}`),
			[]string{"required-element Patient.birthDate.extension[0].url"}},
		{"_name with a value", patient(`"_birthDate":{"value":"2000"}`), []string{"unknown-element Patient.birthDate.value"}},
	})
}

func TestBindings(t *testing.T) {
	clinical := func(coding string) string {
		return `{"resourceType":"Condition","subject":{"display":"x"},"clinicalStatus":{` + coding + `}}`
	}
	const system = `"system":"http://terminology.hl7.org/CodeSystem/condition-clinical"`
	testRefusals(t, []refusal{
		{"a code", patient(`"gender":"F"`), []string{"code Patient.gender"}},
		{"case counts", patient(`"gender":"Female"`), []string{"code Patient.gender"}},
		{"a concept", clinical(`"coding":[{` + system + `,"code":"active"}]`), nil},
		{"one coding of several", clinical(`"coding":[{"code":"x"},{` + system + `,"code":"active"}]`), nil},
		{"without system", clinical(`"coding":[{"code":"active"}]`), []string{"code Condition.clinicalStatus"}},
		{"another code", clinical(`"coding":[{` + system + `,"code":"actif"}]`), []string{"code Condition.clinicalStatus"}},
		{"text alone", clinical(`"text":"active"`), []string{"code Condition.clinicalStatus"}},
		{"an extension alone", clinical(`"extension":[{"url":"http://x.y","valueCode":"unknown"}]`), nil},
		{"a value set that cannot be listed", `{"resourceType":"Binary","contentType":"application/x-unheard-of"}`, nil},
		{"a comparator in a simple quantity", observed(`"referenceRange":[{"low":{"value":1,"comparator":"<"}}]`),
			[]string{"simple-quantity Observation.referenceRange[0].low.comparator"}},
	})
	hints := map[string]string{`"gender":"femal"`: "Did you mean female?", `"gender":"F"`: "One of: female, male, other, unknown."}
	for text, want := range hints {
		if got := Validate(parse(t, patient(text)))[0].Hint.EN; got != want {
			t.Errorf("%s: %s", text, got)
		}
	}
}

func TestExtensions(t *testing.T) {
	testRefusals(t, []refusal{
		{"neither value nor extensions", patient(`"extension":[{"url":"http://x.y"}]`), []string{"extension Patient.extension[0]"}},
		{"both", patient(`"extension":[{"url":"http://x.y","valueCode":"a","extension":[{"url":"b","valueCode":"c"}]}]`), []string{"extension Patient.extension[0]"}},
		{"no url", patient(`"extension":[{"valueCode":"a"}]`), []string{"required-element Patient.extension[0].url"}},
		{"two values", patient(`"extension":[{"url":"http://x.y","valueCode":"a","valueString":"b"}]`), []string{"several-types Patient.extension[0].value"}},
		{"relative", patient(`"extension":[{"url":"x","valueCode":"a"}]`), []string{"extension-url Patient.extension[0].url"}},
		{"relative in another one", patient(`"extension":[{"url":"http://x.y","extension":[{"url":"b","valueCode":"c"}]}]`), nil},
		{"relative in the value of another one", patient(`"extension":[{"url":"http://x.y","valuePeriod":{"extension":[{"url":"b","valueCode":"c"}]}}]`),
			[]string{"extension-url Patient.extension[0].value.extension[0].url"}},
		{"modifier", patient(`"modifierExtension":[{"url":"http://x.y"}]`), []string{"extension Patient.modifierExtension[0]"}},
		{"a value that is an extension only", patient(`"extension":[{"url":"http://x.y","_valueCode":{"extension":[{"url":"http://x.y","valueCode":"c"}]}}]`), nil},
	})
	if err := Error(Validate(parse(t, patient(`"extension":[{"url":"x","valueCode":"a"}]`)))); err != nil {
		t.Errorf("a relative url is an error, not a warning: %v", err)
	}
}

func TestError(t *testing.T) {
	if err := Error(nil); err != nil {
		t.Error(err)
	}
	var e *fhir.Error
	if err := Error(Validate(parse(t, `{"resourceType":"Observation"}`))); !errors.As(err, &e) || e.Kind != fhir.Unprocessable || len(e.Issues) != 2 {
		t.Errorf("%v", err)
	}
}

func TestManyProblems(t *testing.T) {
	issues := Validate(parse(t, patient(`"name":[`+strings.TrimSuffix(strings.Repeat(`{"x":1},`, 1000), ",")+`]`)))
	if len(issues) != maxIssues+1 || issues[99].At != "Patient.name[99].x" || issues[100].ID != "profile.more" || issues[100].Severity != fhir.SeverityInformation {
		t.Errorf("%d issues, the last %+v", len(issues), issues[len(issues)-1])
	}
}

// TestNoValuesInIssues sends a value that must not come back wherever a value
// can be wrong.
func TestNoValuesInIssues(t *testing.T) {
	const canary = "100000000000000"
	for _, text := range []string{
		patient(`"gender":"` + canary + `"`), patient(`"birthDate":"` + canary + `"`), patient(`"active":"` + canary + `"`),
		patient(`"` + canary + `":1`), patient(`"x` + canary + `":1`), patient(`"_` + canary + `":{}`), `{"resourceType":"` + canary + `"}`,
		patient(`"managingOrganization":{"reference":"` + canary + `"}`), patient(`"managingOrganization":{"reference":"Patient/` + canary + `"}`),
		patient(`"managingOrganization":{"reference":"#` + canary + `"}`), patient(`"managingOrganization":{"type":"` + canary + `"}`),
		patient(`"text":{"status":"generated","div":"<` + canary + `>"}`), patient(`"id":" ` + canary + `"`),
		patient(`"extension":[{"url":"` + canary + `","valueCode":"x"}]`),
		`{"resourceType":"Condition","subject":{"display":"x"},"clinicalStatus":{"coding":[{"code":"` + canary + `"}]}}`,
	} {
		issues := Validate(parse(t, text))
		if len(issues) == 0 {
			t.Errorf("%s is valid", text)
		}
		if told := fmt.Sprintf("%+v", issues); strings.Contains(told, canary) {
			t.Errorf("%s: %s", text, told)
		}
	}
}

// TestSchemaFits shows that the bits of every structure fit into one word.
func TestSchemaFits(t *testing.T) {
	seen := map[*structure]bool{}
	var walk func(*structure)
	walk = func(s *structure) {
		if seen[s] {
			return
		}
		seen[s] = true
		for _, m := range s.elements {
			if m.bit == 0 {
				t.Errorf("%s has more than 64 elements", s.name)
			}
			if m.format == nil && m.next == nil && m.element.Types[0].Code != "Resource" {
				t.Errorf("%s.%s is validated as a resource", s.name, m.member)
			}
			if m.next != nil {
				walk(m.next)
			}
		}
	}
	for _, s := range schema().resources {
		walk(s)
	}
	if len(seen) < 600 {
		t.Errorf("only %d structures", len(seen))
	}
}

func ExampleValidate() {
	doc, _ := fhirjson.Parse([]byte(`{"resourceType":"Patient","gender":"femme","name":[{"given":["Anne",""]}]}`))
	for _, issue := range Validate(doc) {
		fmt.Println(issue.At, issue.Code, issue.Text.EN)
	}
	// Output:
	// Patient.gender code-invalid The code is not in the value set that Patient.gender requires.
	// Patient.name[0].given[1] value The string is empty.
}
