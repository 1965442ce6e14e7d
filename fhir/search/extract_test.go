package search

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/fhir"
	tables "github.com/cordee-sante/cordee/fhir/r4"
)

func TestPatients(t *testing.T) {
	r := registry(t)
	for _, c := range []struct {
		resource string
		want     []string
	}{
		{`{"resourceType":"Patient","id":"a"}`, []string{"a"}},
		{`{"resourceType":"Patient","id":"a","link":[{"other":{"reference":"Patient/b"}},{"other":{"reference":"RelatedPerson/c"}}]}`, []string{"a", "b"}},
		{`{"resourceType":"Observation","id":"o","subject":{"reference":"Patient/b"}}`, []string{"b"}},
		{`{"resourceType":"Observation","id":"o","subject":{"reference":"https://example.org/fhir/Patient/b"},"performer":[{"reference":"Patient/a"},{"reference":"Patient/b"}]}`, []string{"a", "b"}},
		{`{"resourceType":"Observation","id":"o","subject":{"reference":"Patient/b/_history/2"}}`, []string{"b"}},
		{`{"resourceType":"Observation","id":"o","subject":{"reference":"https://elsewhere.example/fhir/Patient/b"}}`, nil},
		{`{"resourceType":"Observation","id":"o","subject":{"reference":"Group/b"}}`, nil},
		{`{"resourceType":"Observation","id":"o","subject":{"reference":"urn:uuid:c757873d-ec9a-4326-a141-556f43239520"}}`, nil},
		{`{"resourceType":"Observation","id":"o","focus":[{"reference":"Patient/b"}]}`, nil}, // not a parameter of the compartment
		{`{"resourceType":"Appointment","id":"o","participant":[{"actor":{"reference":"Practitioner/x"}},{"actor":{"reference":"Patient/b"}}]}`, []string{"b"}},
		{`{"resourceType":"Provenance","id":"o","target":[{"reference":"Patient/b"},{"reference":"Observation/o"}]}`, []string{"b"}},
		{`{"resourceType":"Practitioner","id":"p"}`, nil},
		{`{"resourceType":"Nonsense","id":"p"}`, nil},
	} {
		typ, id, root := parsed(t, c.resource)
		if got := r.Patients(typ, root, id); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.resource, got, c.want)
		}
	}
}

func TestCompartment(t *testing.T) {
	r := registry(t)
	params, self, ok := r.Compartment("Patient", "Observation")
	if codes := codesOf(params); !ok || self || !slices.Equal(codes, []string{"performer", "subject"}) {
		t.Error(codes, self, ok)
	}
	if _, self, ok := r.Compartment("Encounter", "Encounter"); !self || !ok {
		t.Error("an Encounter lies in its own compartment")
	}
	if _, _, ok := r.Compartment("Patient", "Organization"); ok {
		t.Error("an Organization lies in no patient's compartment")
	}
}

func codesOf(params []*Param) (codes []string) {
	for _, p := range params {
		codes = append(codes, p.Code)
	}
	slices.Sort(codes)
	return codes
}

// Every parameter that a compartment names is one that places resources: a
// published code that the registry lacks would lose records of a patient.
func TestCompartmentParametersExist(t *testing.T) {
	r := registry(t)
	for _, name := range []string{"Patient", "Encounter", "RelatedPerson", "Practitioner", "Device"} {
		for typ, codes := range tables.Compartment(name) {
			for _, code := range codes {
				if p, ok := r.Param(typ, code); code != "{def}" && (!ok || p.Type != Reference) {
					t.Errorf("%s: %s of %s: %v", name, code, typ, p)
				}
			}
		}
	}
}

func TestReferences(t *testing.T) {
	r := registry(t)
	typ, _, root := parsed(t, `{"resourceType":"Observation","subject":{"reference":"Patient/b/_history/2"},
		"performer":[{"reference":"Practitioner/p"},{"reference":"https://example.org/fhir/Organization/o"},{"reference":"https://elsewhere.example/fhir/Practitioner/q"},{"identifier":{"value":"x"}}]}`)
	entries, _ := r.Extract(typ, root)
	for code, want := range map[string]string{"subject": "[Patient/b]", "performer": "[Organization/o Practitioner/p]", "status": "[]"} {
		if got := fmt.Sprint(r.References(typ, code, valuesOf(r, typ, entries, code))); got != want {
			t.Errorf("%s: %s, want %s", code, got, want)
		}
	}
}

func valuesOf(r *Registry, typ string, entries []Entry, code string) [][]byte {
	p, _ := r.Param(typ, code)
	return p.Values(entries)
}

// The resources of each list are in ascending order of the parameter.
func TestSortValue(t *testing.T) {
	r := registry(t)
	for _, c := range []struct {
		code string
		asc  []string
	}{
		{"family", []string{`{"resourceType":"Patient","name":[{"family":"abel"}]}`, `{"resourceType":"Patient","name":[{"family":"Ébène"}]}`, `{"resourceType":"Patient","name":[{"family":"ECOLE"}]}`, `{"resourceType":"Patient","name":[{"family":"Ecole d"}]}`}},
		{"birthdate", []string{`{"resourceType":"Patient","birthDate":"1999-12-31"}`, `{"resourceType":"Patient","birthDate":"2000"}`, `{"resourceType":"Patient","birthDate":"2000-02"}`, `{"resourceType":"Patient","birthDate":"2000-02-02"}`}},
		{"gender", []string{`{"resourceType":"Patient","gender":"female"}`, `{"resourceType":"Patient","gender":"male"}`}},
		{"date", []string{`{"resourceType":"Observation","effectivePeriod":{"start":"2026-01-01"}}`, `{"resourceType":"Observation","effectiveDateTime":"2026-01-02"}`}},
		{"value-quantity", []string{`{"resourceType":"Observation","valueQuantity":{"value":-3,"unit":"z"}}`, `{"resourceType":"Observation","valueQuantity":{"value":2.5,"unit":"a"}}`, `{"resourceType":"Observation","valueQuantity":{"value":10,"unit":"b"}}`}},
		{"probability", []string{`{"resourceType":"RiskAssessment","prediction":[{"probabilityRange":{"low":{"value":0.1},"high":{"value":0.9}}}]}`, `{"resourceType":"RiskAssessment","prediction":[{"probabilityDecimal":0.11}]}`}},
		{"subject", []string{`{"resourceType":"Observation","subject":{"reference":"Group/z"}}`, `{"resourceType":"Observation","subject":{"reference":"Patient/a"}}`}},
		{"url", []string{`{"resourceType":"ValueSet","url":"http://a"}`, `{"resourceType":"ValueSet","url":"http://b|1"}`}},
	} {
		var last []byte
		for _, resource := range c.asc {
			typ, _, root := parsed(t, resource)
			entries, _ := r.Extract(typ, root)
			v := r.SortValue(valuesOf(r, typ, entries, c.code), false)
			if v == nil || bytes.Compare(last, v) >= 0 {
				t.Errorf("%s: %s does not come after", c.code, resource)
			}
			last = v
		}
	}
	typ, _, root := parsed(t, `{"resourceType":"Patient","name":[{"family":"Zoé"},{"family":"Alix"}]}`)
	entries, _ := r.Extract(typ, root)
	values := valuesOf(r, typ, entries, "family")
	if least, most := string(r.SortValue(values, false)), string(r.SortValue(values, true)); least != "alix" || most != "zoe" {
		t.Error(least, most)
	}
	if r.SortValue(nil, false) != nil || r.SortValue(valuesOf(r, typ, entries, "gender"), true) != nil {
		t.Error("what is not there does not sort")
	}
}

// A text too long for a row is found by its beginning, by any part of it, and by
// all of it, and not by anything else.
func TestLongText(t *testing.T) {
	r := registry(t)
	words := make([]string, 2000)
	for i := range words {
		words[i] = fmt.Sprintf("mot%04d", i)
	}
	long := strings.Join(words, " ")
	resource := fmt.Sprintf(`{"resourceType":"ValueSet","url":"http://example.org/%s","description":%q}`, strings.Repeat("u", 600), long)
	for query, want := range map[string]bool{
		"description=mot0000+mot0001":                                   true,
		"description=mot0001":                                           false,
		"description:contains=MOT0027+mot0028":                          true, // over the cut of the first row
		"description:contains=mot1234+mot1235+mot1236":                  true,
		"description:contains=mot1999":                                  true,
		"description:contains=mot2000":                                  false,
		"description:exact=" + strings.ReplaceAll(long, " ", "+"):       true,
		"description:exact=" + strings.ReplaceAll(long, " ", "+") + "x": false,
		"url=http://example.org/" + strings.Repeat("u", 600):            true,
		"url=http://example.org/" + strings.Repeat("u", 601):            false,
		"url:below=http://example.org":                                  true,
	} {
		if got := matches(t, r, resource, query); got != want {
			t.Errorf("%.60s: %v", query, got)
		}
	}
	for i := range 60 {
		if query := fmt.Sprintf("description:contains=mot%04d+mot%04d", i, i+1); !matches(t, r, resource, query) {
			t.Fatal(query)
		}
	}
}

// Identifiers that differ only beyond what a row holds are still different: a
// wrong patient is impossible.
func TestLongTokensStayApart(t *testing.T) {
	r := registry(t)
	value := strings.Repeat("9", 400)
	resource := fmt.Sprintf(`{"resourceType":"Patient","identifier":[{"system":"urn:oid:%s","value":"%s1"}]}`, value, value)
	for query, want := range map[string]bool{
		"identifier=" + value + "1": true, "identifier=" + value + "2": false, "identifier=" + value: false,
		"identifier=urn:oid:" + value + "|" + value + "1": true, "identifier=urn:oid:" + value + "|" + value + "2": false,
		"identifier=urn:oid:" + value + "|": true, "identifier=urn:oid:" + value + "9|": false,
	} {
		if got := matches(t, r, resource, query); got != want {
			t.Errorf("…%s: %v", query[len(query)-10:], got)
		}
	}
}

func TestExtractLimit(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"resourceType":"List","entry":[`)
	for i := range maxEntries + 1 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"item":{"reference":"Observation/%d"}}`, i)
	}
	b.WriteString(`]}`)
	typ, _, root := parsed(t, b.String())
	_, err := registry(t).Extract(typ, root)
	var e *fhir.Error
	if !errors.As(err, &e) || e.Kind != fhir.TooLarge {
		t.Error(err)
	}
}

// A composite of many codes with many values is not multiplied out for ever.
func TestCompositeLimit(t *testing.T) {
	var codes, values strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&codes, `,{"system":"s","code":"code-number-%d"}`, i)
		fmt.Fprintf(&values, `,{"system":"s","code":"value-number-%d"}`, i)
	}
	resource := `{"resourceType":"Observation","code":{"coding":[` + codes.String()[1:] + `]},"valueCodeableConcept":{"coding":[` + values.String()[1:] + `]}}`
	typ, _, root := parsed(t, resource)
	start := time.Now()
	_, err := registry(t).Extract(typ, root)
	if fhir.KindOf(err) != fhir.TooLarge || time.Since(start) > 5*time.Second {
		t.Error(err, time.Since(start))
	}
}

// One resource leaves nothing behind for the next.
func TestExtractIsPure(t *testing.T) {
	r := registry(t)
	one := `{"resourceType":"Patient","gender":"male","name":[{"family":"Un"}]}`
	before := rows(t, r, one)
	first := rows(t, r, `{"resourceType":"Observation","code":{"coding":[{"code":"x"}]},"valueQuantity":{"value":1}}`)
	if after := rows(t, r, one); after != before || first == "" {
		t.Error(after)
	}
}

// One registry serves every request at once.
func TestExtractAtOnce(t *testing.T) {
	r := registry(t)
	one := `{"resourceType":"Patient","gender":"male","name":[{"family":"Un"}],"identifier":[{"system":"s","value":"1"}]}`
	two := `{"resourceType":"Observation","code":{"coding":[{"code":"x"}]},"valueQuantity":{"value":1,"system":"http://unitsofmeasure.org","code":"mg"}}`
	want := map[string]string{one: rows(t, r, one), two: rows(t, r, two)}
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for range 20 {
				for resource, w := range want {
					if got := rows(t, r, resource); got != w {
						t.Error(got)
					}
				}
			}
		})
	}
	wait.Wait()
}

func TestTerminology(t *testing.T) {
	asked := ""
	r, err := New(Config{Codes: func(modifier, value string) ([]Coding, error) {
		asked = modifier + " " + value
		switch value {
		case "many":
			return make([]Coding, 10_001), nil
		case "none":
			return nil, nil
		}
		return []Coding{{"http://snomed.info/sct", "44054006"}, {"", "E11"}}, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	condition := `{"resourceType":"Condition","code":{"coding":[{"system":"http://snomed.info/sct","code":"44054006"}]}}`
	for query, want := range map[string]bool{"code:in=http://vs": true, "code:not-in=http://vs": false, "code:below=http://snomed.info/sct|73211009": true,
		"code:in=none": false, "code:not-in=none": true} {
		if got := matches(t, r, condition, query); got != want {
			t.Errorf("%s: %v", query, got)
		}
		if mod, value, _ := strings.Cut(strings.TrimPrefix(query, "code:"), "="); asked != strings.TrimPrefix(mod, "not-")+" "+value {
			t.Error(asked)
		}
	}
	if _, err := r.Compile("Condition", fhir.Param{Code: "code", Modifier: "in", Values: []string{"many"}}); fhir.KindOf(err) != fhir.Forbidden {
		t.Error(err)
	}
}

func TestMatchesType(t *testing.T) {
	r := registry(t)
	key := fhir.Key{Type: "Patient", ID: "a"}
	for _, c := range []struct {
		q    fhir.Query
		want bool
	}{
		{fhir.Query{}, true}, {fhir.Query{Type: "Patient"}, true}, {fhir.Query{Type: "Group"}, false},
		{fhir.Query{Types: []string{"Group", "Patient"}}, true}, {fhir.Query{Types: []string{"Group"}}, false},
	} {
		if got, err := r.Matches(c.q, key, time.Time{}, nil); got != c.want || err != nil {
			t.Errorf("%+v: %v %v", c.q, got, err)
		}
	}
	if _, err := r.Matches(fhir.Query{Type: "Patient", Params: []fhir.Param{{Code: "name", Chain: []fhir.Link{{}}, Values: []string{"x"}}}}, key, time.Time{}, nil); fhir.KindOf(err) != fhir.NotImplemented {
		t.Error(err)
	}
}
