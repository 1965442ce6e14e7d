package r4

import (
	"crypto/sha256"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The figures are those of R4 4.0.1, counted by other means.
func TestCounts(t *testing.T) {
	elements, primitives, complexes := 0, 0, 0
	for _, typ := range loaded().byName {
		elements += len(typ.Elements)
		switch typ.Kind {
		case Primitive:
			primitives++
		case Complex:
			complexes++
		}
	}
	for _, c := range []struct {
		what      string
		got, want int
	}{
		{"resource types", len(Types()), 146},
		{"types", len(loaded().byName), 209},
		{"primitives", primitives, 20},
		{"complex types", complexes, 41},
		{"elements", elements, 7675 - 20}, // 7,675 less the value of each primitive
		{"search parameters by base", len(Params()), 1712},
		{"value sets", len(codes()), 221},
		{"compartments", len(compartments()), 5},
		{"invariants", len(Invariants()), 239},
		{"types in the patient compartment", len(Compartment("Patient")), 66},
	} {
		if c.got != c.want {
			t.Errorf("%d %s, want %d", c.got, c.what, c.want)
		}
	}
	if !slices.IsSorted(Types()) || IsResource("Resource") || IsResource("HumanName") || IsResource("") || !IsResource("Patient") {
		t.Error("Types or IsResource")
	}
}

// TestSums shows that the packed tables are those whose sums were recorded.
func TestSums(t *testing.T) {
	recorded, err := files.ReadFile("tables/SHA256SUMS")
	if err != nil {
		t.Fatal(err)
	}
	got, size := "", 0
	for _, name := range []string{"types", "codes", "params", "compartments", "invariants"} {
		got += fmt.Sprintf("%x  %s.txt\n", sha256.Sum256([]byte(table(name))), name)
		packed, _ := files.ReadFile("tables/" + name + ".txt.gz")
		size += len(packed)
	}
	if got != string(recorded) {
		t.Errorf("the tables have the sums\n%srecorded are\n%s", got, recorded)
	}
	if size > 150_000 {
		t.Errorf("the tables take %d bytes of every binary", size)
	}
}

// TestTablesAgree follows every name from one table into another.
func TestTablesAgree(t *testing.T) {
	defined := map[string]bool{}
	for _, inv := range Invariants() {
		defined[inv.Key] = true
	}
	for _, typ := range loaded().byName {
		if typ.Regexp != "" {
			if _, err := regexp.Compile(typ.Regexp); err != nil {
				t.Errorf("%s: %v", typ.Name, err)
			}
		}
		for i := range typ.Elements {
			e := &typ.Elements[i]
			for _, ref := range e.Types {
				if _, ok := Lookup(ref.Code); !ok {
					t.Errorf("%s: no type %s", e.Path, ref.Code)
				}
				for _, target := range ref.Targets {
					if !IsResource(target) {
						t.Errorf("%s: no target %s", e.Path, target)
					}
				}
			}
			if len(e.Types) == 0 && e.Content == "" && i > 0 {
				t.Errorf("%s has no type", e.Path)
			}
			for _, key := range e.Constraints {
				if !defined[key] {
					t.Errorf("%s: no invariant %s", e.Path, key)
				}
			}
			if e.Content != "" && (Child{Element: e}).Structure() == nil {
				t.Errorf("%s: no element %s", e.Path, e.Content)
			}
		}
	}
	byURL := map[string]bool{}
	for _, p := range Params() {
		byURL[p.URL] = true
	}
	for _, p := range Params() {
		if _, ok := Lookup(p.Base); !ok {
			t.Errorf("%s: no type %s", p.URL, p.Base)
		}
		for _, c := range p.Components {
			if !byURL[c.Definition] || c.Expression == "" {
				t.Errorf("%s %s: component %s", p.Base, p.Code, c.Definition)
			}
		}
	}
	for name := range compartments() {
		for typ, list := range Compartment(name) {
			for _, code := range list {
				if code != "{def}" && !slices.ContainsFunc(Params(), func(p SearchParameter) bool { return p.Base == typ && p.Code == code }) {
					t.Errorf("compartment %s: no search parameter %s of %s", name, code, typ)
				}
			}
		}
	}
}

func TestChild(t *testing.T) {
	tests := []struct {
		typ, member string
		path, code  string // empty when there is none
	}{
		{"Patient", "name", "Patient.name", "HumanName"},
		{"Patient", "id", "Patient.id", "id"},
		{"HumanName", "id", "HumanName.id", "string"},
		{"Extension", "url", "Extension.url", "uri"},
		{"Patient", "deceasedBoolean", "Patient.deceased[x]", "boolean"},
		{"Patient", "deceasedDateTime", "Patient.deceased[x]", "dateTime"},
		{"Patient", "deceasedInteger", "", ""},
		{"Patient", "deceased", "", ""},
		{"Patient", "deceased[x]", "", ""},
		{"Patient", "deceasedboolean", "", ""},
		{"Patient", "Name", "", ""},
		{"Patient", "", "", ""},
		{"Observation", "valueQuantity", "Observation.value[x]", "Quantity"},
		{"Extension", "valueBase64Binary", "Extension.value[x]", "base64Binary"},
		{"boolean", "extension", "boolean.extension", "Extension"},
		{"Patient", "family", "", ""},
	}
	for _, test := range tests {
		typ, ok := Lookup(test.typ)
		if !ok {
			t.Fatalf("no type %s", test.typ)
		}
		c, ok := typ.Child(test.member)
		if ok != (test.path != "") || ok && (c.Path != test.path || c.Type.Code != test.code || c.MemberName(c.Type) != test.member) {
			t.Errorf("%s.%s: %+v", test.typ, test.member, c)
		}
	}
	if _, ok := Lookup("Nothing"); ok {
		t.Error("there is a type Nothing")
	}
}

func TestStructure(t *testing.T) {
	for path, want := range map[string]string{
		"Patient/contact/name/family":             "HumanName.family",
		"Questionnaire/item/item/item/linkId":     "Questionnaire.item.linkId",
		"Timing/repeat/boundsPeriod/start":        "Period.start",
		"Observation/component/referenceRange/id": "Observation.referenceRange.id",
	} {
		names := strings.Split(path, "/")
		typ, _ := Lookup(names[0])
		at := typ.Root()
		for _, name := range names[1:] {
			c, ok := at.Child(name)
			if !ok {
				t.Fatalf("%s: no %s", path, name)
			}
			at = c.Structure()
			if c.Path == want {
				want = ""
			}
		}
		if want != "" {
			t.Errorf("%s does not lead to %s", path, want)
		}
	}
	bundle, _ := Lookup("Bundle")
	entry, _ := bundle.Child("entry")
	resource, _ := entry.Structure().Child("resource")
	if resource.Type.Code != "Resource" || resource.Structure() != nil {
		t.Errorf("Bundle.entry.resource: %+v", resource.Type)
	}
}

func TestElements(t *testing.T) {
	observation, _ := Lookup("Observation")
	subject, _ := observation.Element("subject")
	if got := strings.Join(subject.Types[0].Targets, " "); got != "Patient Group Device Location" || subject.Max != 1 || !subject.Summary {
		t.Errorf("Observation.subject: %+v", subject)
	}
	status, _ := observation.Element("Observation.status")
	set, ok := Codes(status.Binding)
	if !ok || !status.Modifier || status.Min != 1 || !set.Contains("final") || set.Contains("Final") || set.Contains("") ||
		!set.ContainsCoding("http://hl7.org/fhir/observation-status", "final") || set.ContainsCoding("", "final") {
		t.Errorf("Observation.status: %+v", status)
	}
	if _, ok := Codes("http://hl7.org/fhir/ValueSet/mimetypes"); ok {
		t.Error("MIME types are listed")
	}
	low, _ := observation.Element("referenceRange.low")
	if low.Types[0].Profile != "SimpleQuantity" {
		t.Errorf("Observation.referenceRange.low: %+v", low)
	}
	focus, _ := observation.Element("focus")
	if focus.Types[0].Targets != nil || focus.Max != Many {
		t.Errorf("Observation.focus: %+v", focus)
	}
	count := 0
	for range observation.Root().Children() {
		count++
	}
	if count != 32 {
		t.Errorf("Observation has %d children", count)
	}
	patient, _ := Lookup("Patient")
	markdown, _ := Lookup("markdown")
	if !patient.Is("DomainResource") || !patient.Is("Resource") || patient.Is("Element") || !markdown.Is("string") {
		t.Error("Is")
	}
}

func TestParams(t *testing.T) {
	for _, p := range Params() {
		switch p.Base + "." + p.Code {
		case "Condition.patient":
			if p.Expression != "Condition.subject.where(resolve() is Patient)" || !slices.Contains(p.Targets, "Patient") {
				t.Errorf("%+v", p)
			}
		case "InsurancePlan.name":
			if p.Expression != "InsurancePlan.name | InsurancePlan.alias" {
				t.Errorf("%+v", p)
			}
		case "Observation.code-value-quantity":
			if len(p.Components) != 2 || p.Components[1].Expression != "value.as(Quantity)" {
				t.Errorf("%+v", p)
			}
		}
	}
}

func TestNearest(t *testing.T) {
	names := []string{"given", "family", "birthDate", "gender", "Patient", "Practitioner"}
	for name, want := range map[string]string{"brithDate": "birthDate", "BIRTHDATE": "birthDate", "familly": "family", "genre": "gender",
		"patients": "Patient", "xyz": "", "": "", strings.Repeat("given", 99): ""} {
		if got := Nearest(name, names); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", name, got, want)
		}
	}
}

func ExampleType_Child() {
	observation, _ := Lookup("Observation")
	value, _ := observation.Child("valueQuantity")
	unit, _ := value.Structure().Child("unit")
	fmt.Println(value.Path, value.Type.Code, unit.Path, unit.Type.Code)
	// Output: Observation.value[x] Quantity Quantity.unit string
}
