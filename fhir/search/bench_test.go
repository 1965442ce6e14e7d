package search

import (
	"os"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	tables "github.com/cordee-sante/cordee/fhir/r4"
)

func BenchmarkNew(b *testing.B) {
	tables.Params() // unpacked once per process
	tables.Codes("")
	for b.Loop() {
		if _, err := New(Config{}); err != nil {
			b.Fatal(err)
		}
	}
}

// An Observation of about one kilobyte, parsed: what a write pays for its index.
func BenchmarkExtract(b *testing.B) {
	text, err := os.ReadFile("testdata/resource/Observation-tension.json")
	if err != nil {
		b.Fatal(err)
	}
	r := registry(b)
	_, _, root := parsed(b, string(text))
	b.ReportAllocs()
	var entries []Entry
	for b.Loop() {
		entries, _ = r.Extract("Observation", root)
	}
	size := 0
	for _, e := range entries {
		size += len(e.Value)
	}
	b.ReportMetric(float64(len(entries)), "rows")
	b.ReportMetric(float64(size), "bytes")
}

func BenchmarkPatients(b *testing.B) {
	text, err := os.ReadFile("testdata/resource/Observation-tension.json")
	if err != nil {
		b.Fatal(err)
	}
	r := registry(b)
	_, id, root := parsed(b, string(text))
	b.ReportAllocs()
	for b.Loop() {
		r.Patients("Observation", root, id)
	}
}

func BenchmarkParse(b *testing.B) {
	r := registry(b)
	b.ReportAllocs()
	for b.Loop() {
		pairs, _ := Pairs("patient=p-1&code=http://loinc.org|8480-6&date=ge2026-01-01&value-quantity=gt140|http://unitsofmeasure.org|mm[Hg]&_sort=-date&_count=50")
		if _, _, _, err := Parse(r, Request{Type: "Observation", Values: pairs, Strict: true}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	r := registry(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Compile("Observation", fhir.Param{Code: "code", Values: []string{"http://loinc.org|8480-6"}}); err != nil {
			b.Fatal(err)
		}
	}
}
