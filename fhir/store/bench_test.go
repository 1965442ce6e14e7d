package store_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv/badger"
	"github.com/cordee-sante/cordee/fhir/search"
	"github.com/cordee-sante/cordee/fhir/store"
	"github.com/cordee-sante/cordee/fhir/storetest"
)

func observation(patient string, k int) []byte {
	return fmt.Appendf(nil, `{"resourceType":"Observation","status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"%d-4","display":"Heart rate"}],"text":"Heart rate"},"subject":{"reference":"Patient/%s"},"effectiveDateTime":"2024-%02d-%02dT10:00:00Z","performer":[{"reference":"Practitioner/d%d"}],"valueQuantity":{"value":%d.5,"unit":"/min","system":"http://unitsofmeasure.org","code":"/min"}}`,
		8860+k%10, patient, 1+k%12, 1+k%28, k%10, 60+k%60)
}

func benchStore(b *testing.B) *store.Store {
	b.Helper()
	reg, err := search.New(search.Config{Base: storetest.Base})
	if err != nil {
		b.Fatal(err)
	}
	e, err := badger.Open(badger.Config{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	return open(b, e, reg)
}

// fill writes patients with 30 Observations each, one transaction a patient.
func fill(b *testing.B, s *store.Store, patients int) {
	b.Helper()
	for i := range patients {
		p := fmt.Sprintf("p%06d", i)
		changes := []fhir.Change{{Method: fhir.Update, Key: fhir.Key{Type: "Patient", ID: p}, Contributor: "Organization/o",
			Body: fmt.Appendf(nil, `{"resourceType":"Patient","id":"%s","name":[{"family":"Martin"}],"birthDate":"1970-01-01"}`, p)}}
		for k := range 30 {
			changes = append(changes, fhir.Change{Method: fhir.Create, Key: fhir.Key{Type: "Observation"}, Body: observation(p, k), Contributor: "Organization/o"})
		}
		if _, err := s.Commit(context.Background(), changes); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCreate(b *testing.B) {
	s := benchStore(b)
	b.ReportAllocs()
	b.SetParallelism(8)
	var n atomic.Int64
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			k := int(n.Add(1))
			if _, err := s.Commit(context.Background(), []fhir.Change{{Method: fhir.Create, Key: fhir.Key{Type: "Observation"}, Body: observation("p1", k)}}); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// BenchmarkTransaction reports resources, 31 a transaction.
func BenchmarkTransaction(b *testing.B) {
	s := benchStore(b)
	b.ReportAllocs()
	fill(b, s, b.N)
	b.ReportMetric(float64(31*b.N)/b.Elapsed().Seconds(), "resources/s")
}

func BenchmarkRead(b *testing.B) {
	s := benchStore(b)
	fill(b, s, 200)
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; b.Loop(); i++ {
		if _, err := s.Read(context.Background(), fhir.Key{Type: "Patient", ID: fmt.Sprintf("p%06d", i%200)}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSearch(b *testing.B) {
	s := benchStore(b)
	fill(b, s, 200)
	param := func(code string, values ...string) fhir.Param { return fhir.Param{Code: code, Values: values} }
	for name, query := range map[string]func(i int) fhir.Query{
		"patient-code": func(i int) fhir.Query {
			return fhir.Query{Type: "Observation", Params: []fhir.Param{param("patient", fmt.Sprintf("Patient/p%06d", i%200)), param("code", "http://loinc.org|8862-4")}}
		},
		"patient-date-sorted": func(i int) fhir.Query {
			return fhir.Query{Type: "Observation", Count: 20, Sort: []fhir.SortKey{{Code: "date", Desc: true}}, Params: []fhir.Param{param("patient", fmt.Sprintf("Patient/p%06d", i%200)), param("date", "ge2024-02-01")}}
		},
		"code-page": func(i int) fhir.Query {
			return fhir.Query{Type: "Observation", Count: 50, Params: []fhir.Param{param("code", "http://loinc.org|8862-4")}}
		},
		"code-count": func(i int) fhir.Query {
			return fhir.Query{Type: "Observation", Summary: "count", Params: []fhir.Param{param("code", "http://loinc.org|8862-4")}}
		},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				q := query(i)
				q.Within = storetest.Everything
				page, err := s.Search(context.Background(), q)
				if err != nil || len(page.Matches) == 0 && page.Total < 1 {
					b.Fatal(page, err)
				}
			}
		})
	}
}

// BenchmarkNarrative creates Observations without a narrative, with an ordinary
// one, and with one of many words: what the rows of _text cost.
func BenchmarkNarrative(b *testing.B) {
	for _, words := range []int{0, 30, 200} {
		b.Run(fmt.Sprint(words), func(b *testing.B) {
			s := benchStore(b)
			text := ""
			for i := range words {
				text += fmt.Sprintf("mot%d ", i*7919%1000)
			}
			body := observation("p", 1)
			if words > 0 {
				body = append([]byte(`{"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">`+text+`</div>"},`), body[1:]...)
			}
			b.ResetTimer()
			b.SetParallelism(8)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := s.Commit(context.Background(), []fhir.Change{{Method: fhir.Create, Key: fhir.Key{Type: "Observation"}, Body: body}}); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}
