package main

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// TestFresh generates the tables again and compares them with the committed
// ones. The package is too large to be committed itself.
func TestFresh(t *testing.T) {
	dir := os.Getenv("FHIR_R4_PACKAGE")
	if dir == "" {
		t.Skip("FHIR_R4_PACKAGE does not name the unpacked npm package hl7.fhir.r4.examples 4.0.1 (README.md says how to get it)")
	}
	tables, err := generate(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range tables {
		if got := unpack(t, filepath.Join("..", "tables", want.name+".gz")); got != want.text {
			t.Errorf("%s is not what the definitions say: run go generate ./fhir/r4", want.name)
		}
	}
}

func unpack(t *testing.T, file string) string {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestRunRefuses(t *testing.T) {
	out := t.TempDir()
	if err := run(t.TempDir(), out); err == nil {
		t.Error("an empty folder is taken for the package")
	}
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "package.json"), []byte(`{"name":"hl7.fhir.r5.examples","version":"5.0.0"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(other, out); err == nil {
		t.Error("R5 is taken for R4")
	}
	if files, _ := os.ReadDir(out); len(files) != 0 {
		t.Errorf("%d files were written", len(files))
	}
}

func TestRestrict(t *testing.T) {
	for _, test := range []struct{ expression, base, want string }{
		{"Patient.name | Person.name", "Person", "Person.name"},
		{"(Observation.value as Quantity) | (Observation.value as SampledData)", "Observation", "(Observation.value as Quantity) | (Observation.value as SampledData)"},
		{"Observation | Observation.component", "Observation", "Observation | Observation.component"},
		{"ObservationDefinition.code | Observation.code", "Observation", "Observation.code"},
		{"name | alias", "InsurancePlan", "InsurancePlan.name | InsurancePlan.alias"},
		{"Patient.name.where(a = 1 | 2)", "Patient", "Patient.name.where(a = 1 | 2)"},
		{"Patient.name", "Person", ""},
	} {
		if got := restrict(test.expression, test.base); got != test.want {
			t.Errorf("restrict(%q, %s) = %q, want %q", test.expression, test.base, got, test.want)
		}
	}
}
