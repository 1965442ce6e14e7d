package store_test

import (
	"context"
	"flag"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv/badger"
	"github.com/cordee-sante/cordee/fhir/search"
	"github.com/cordee-sante/cordee/fhir/store"
	"github.com/cordee-sante/cordee/fhir/storetest"
)

var bundles = flag.Int("bundles", 100, "transactions of 58 resources that BenchmarkDisk imports; 17242 are 1,000,000 resources")

// BenchmarkDisk imports transactions of 58 resources (a patient, four
// conditions, three care plans, fifty observations) and reports what a resource
// takes on disk, bodies, history and index together and the trail apart, and the
// heap afterwards:
//
//	go test ./fhir/store -run '^$' -bench Disk -benchtime 1x -bundles 17242 -timeout 1h
func BenchmarkDisk(b *testing.B) {
	for b.Loop() {
		dir := b.TempDir()
		e, err := badger.Open(badger.Config{Dir: dir})
		if err != nil {
			b.Fatal(err)
		}
		reg, err := search.New(search.Config{Base: storetest.Base})
		if err != nil {
			b.Fatal(err)
		}
		s, err := store.Open(store.Config{Engine: e, Registry: reg, Validate: valid, Witness: &witness{}})
		if err != nil {
			b.Fatal(err)
		}
		body := 0
		for i := range *bundles {
			changes := record(fmt.Sprintf("%08x-5eed-4000-8000-%012x", 2654435769*uint32(i), i)) // as long, and as scattered, as UUIDs are
			for _, c := range changes {
				body += len(c.Body)
			}
			if _, err := s.Commit(context.Background(), changes); err != nil {
				b.Fatal(err)
			}
		}
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		s.Close()
		e.Close()
		n := float64(58 * *bundles)
		b.ReportMetric(float64(sizeOf(b, dir))/n, "disk-B/resource")
		b.ReportMetric(float64(body)/n, "body-B/resource")
		b.ReportMetric(float64(m.HeapInuse)/(1<<20), "heap-MB")
		b.ReportMetric(n/b.Elapsed().Seconds(), "resources/s")
	}
}

func record(p string) []fhir.Change {
	changes := []fhir.Change{{Method: fhir.Update, Key: fhir.Key{Type: "Patient", ID: p}, Contributor: "Organization/o",
		Body: fmt.Appendf(nil, `{"resourceType":"Patient","id":"%s","identifier":[{"system":"urn:oid:1.2.250.1.213.1.4.10","value":"%s"}],"name":[{"family":"Martin","given":["%s"]}],"gender":"female","birthDate":"1970-01-01"}`, p, p, p)}}
	create := func(typ string, body []byte) {
		changes = append(changes, fhir.Change{Method: fhir.Create, Key: fhir.Key{Type: typ}, Body: body, Contributor: "Organization/o"})
	}
	for k := range 4 {
		create("Condition", fmt.Appendf(nil, `{"resourceType":"Condition","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},"code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10","code":"C5%d.9"}]},"subject":{"reference":"Patient/%s"},"onsetDateTime":"2020-0%d-01"}`, k, p, 1+k))
	}
	for k := range 3 {
		create("CarePlan", fmt.Appendf(nil, `{"resourceType":"CarePlan","status":"active","intent":"plan","subject":{"reference":"Patient/%s"},"period":{"start":"2024-0%d-01"},"title":"Suivi"}`, p, 1+k))
	}
	for k := range 50 {
		create("Observation", observation(p, k))
	}
	return changes
}

func sizeOf(b *testing.B, dir string) (size int64) {
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			size += info.Size()
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return size
}
