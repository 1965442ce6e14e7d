package search

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	tables "github.com/cordee-sante/cordee/fhir/r4"
)

// holdsAllValues reads a resource for each parameter of its type by itself, as if
// none left rows to another, and compares that with the rows of its parts.
func holdsAllValues(t *testing.T, r *Registry, name, typ string, root fhirjson.Node) (spread int) {
	entries, err := r.Extract(typ, root)
	if err != nil {
		t.Fatal(name, err)
	}
	for _, p := range r.table().types[typ].params {
		k := &walk{}
		for _, s := range p.sources {
			k.add(s.steps, sink{0, s.emit})
		}
		w := r.writer(root)
		w.run(k, root)
		var want [][]byte
		for _, row := range w.sorted() {
			want = append(want, bytes.Clone(w.value(row)))
		}
		r.writers.Put(w)
		if p.Code == "_id" || p.Code == "_lastUpdated" {
			continue
		}
		got := p.Values(entries)
		if !p.Whole() {
			spread += len(got)
		}
		slices.SortFunc(got, bytes.Compare)
		if got = slices.CompactFunc(got, bytes.Equal); !slices.EqualFunc(got, want, bytes.Equal) {
			t.Errorf("%s: %s.%s: the parts hold %q, by itself it has %q", name, typ, p.Code, got, want)
		}
	}
	for _, e := range entries {
		if e.Param.Lacks(point(e.Value)) {
			t.Errorf("%s: %s.%s has %q, which it says it lacks", name, typ, e.Param.Code, e.Value)
		}
	}
	return spread
}

func TestPartsHoldAllValues(t *testing.T) {
	r, spread := registry(t), 0
	files, _ := filepath.Glob("testdata/resource/*.json")
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		typ, _, root := parsed(t, string(text))
		spread += holdsAllValues(t, r, name, typ, root)
	}
	for _, text := range partsCases {
		typ, _, root := parsed(t, text)
		spread += holdsAllValues(t, r, text, typ, root)
	}
	if spread == 0 {
		t.Error("no value of a parameter with parts")
	}
}

// What the published examples seldom have.
var partsCases = []string{
	`{"resourceType":"Condition","subject":{"reference":"https://elsewhere.example/Patient/a","type":"Group"}}`,
	`{"resourceType":"Condition","subject":{"type":"Patient","identifier":{"system":"urn:ins","value":"1"}}}`,
	`{"resourceType":"Condition","subject":{"type":"Group","identifier":{"system":"urn:ins","value":"1"}}}`,
	`{"resourceType":"Condition","subject":{"reference":"#p","type":"Patient"}}`,
	`{"resourceType":"Condition","subject":{"reference":"Patient/a/_history/3"}}`,
	`{"resourceType":"Appointment","participant":[{"actor":{"reference":"Patient/a"}},{"actor":{"reference":"Device/a"}},{"actor":{"reference":"Practitioner/a"}},{"actor":{"display":"x"}}]}`,
	`{"resourceType":"Patient","name":[{"family":"Le Goff-Martin","given":["Le"],"text":"Le Goff","prefix":["Dr"],"suffix":["II"]}],"telecom":[{"system":"phone","value":"+33 1"},{"system":"sms","value":"+33 2"},{"value":"x"},{"system":"email","value":"A@b"}]}`,
	`{"resourceType":"Observation","code":{"coding":[{"system":"s","code":"A"}]},"valueQuantity":{"value":1,"unit":"mg"},"component":[{"code":{"coding":[{"system":"s","code":"A"}]},"valueQuantity":{"value":1,"unit":"mg"}},{"code":{"text":"b"},"valueCodeableConcept":{"text":"c"},"dataAbsentReason":{"text":"d"}}]}`,
}

func TestSamplesPartsHoldAllValues(t *testing.T) {
	r, spread := registry(t), 0
	samples(t, func(name, typ string, root fhirjson.Node) { spread += holdsAllValues(t, r, name, typ, root) })
	t.Logf("%d values of parameters with parts", spread)
}

func TestExamplesPartsHoldAllValues(t *testing.T) {
	r, spread := registry(t), 0
	examples(t, func(name, typ string, root fhirjson.Node) { spread += holdsAllValues(t, r, name, typ, root) })
	t.Logf("%d values of parameters with parts", spread)
}

// TestParts names some of what is worked out from the expressions.
func TestParts(t *testing.T) {
	r := registry(t)
	for name, want := range map[[2]string][]string{
		{"Observation", "combo-code"}:                {"code", "component-code"},
		{"Observation", "combo-code-value-quantity"}: {"code-value-quantity", "component-code-value-quantity"},
		{"Observation", "code"}:                      {"code"},
		{"Observation", "date"}:                      {"date"},
		{"Observation", "subject"}:                   {"subject", "patient"},
		{"Observation", "patient"}:                   {"patient"},
		{"Immunization", "patient"}:                  {"patient"},
		{"Coverage", "patient"}:                      {"beneficiary"},
		{"Patient", "phonetic"}:                      {"name", "family", "given"},
		{"Observation", "_tag"}:                      {"_tag"},
	} {
		p, _ := r.Param(name[0], name[1])
		var got []string
		for _, part := range p.Parts() {
			got = append(got, part.Code)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s.%s: %v, want %v", name[0], name[1], got, want)
		}
	}
}

// Whatever values are left to has rows of its own.
func TestPartsHaveRows(t *testing.T) {
	r := registry(t)
	for _, typ := range tables.Types() {
		for _, p := range r.Params(typ) {
			for _, part := range p.Parts() {
				if x, ok := r.find(part.Base, part.Code); ok && part != p && len(x.own) == 0 {
					t.Errorf("%s.%s takes values from %s, which has no rows", typ, p.Code, part.Code)
				}
			}
		}
	}
}

func TestLacks(t *testing.T) {
	r := registry(t)
	for _, c := range []struct {
		typ, code, value string
		want             bool
	}{
		{"Observation", "subject", "Patient/a", true}, {"Observation", "subject", "Group/a", false},
		{"Observation", "patient", "Patient/a", false}, {"Observation", "patient", "Group/a", true},
		{"Observation", "performer", "Patient/a", false}, {"Appointment", "actor", "Practitioner/a", true},
		{"Observation", "subject", "https://elsewhere.example/Patient/a", false},
	} {
		p, _ := r.Param(c.typ, c.code)
		predicate, err := r.Compile(c.typ, fhir.Param{Code: c.code, Values: []string{c.value}})
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Lacks(predicate.Ranges[0]); got != c.want {
			t.Errorf("%s.%s=%s: %v", c.typ, c.code, c.value, got)
		}
	}
}
