package territory

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/store"
)

// codes are how many codes the Observations have. Of a thousand Observations some
// 60 have code 0 and 8 the last one.
const codes = 40

// archiveOf is a patient of the territory with Observations over ten years.
func archiveOf(i int) []fhir.Change {
	list, r := patientOf(i), rand.New(rand.NewPCG(1, uint64(i)))
	for k := range *records {
		list = append(list, observationOf(i, k, r))
	}
	return list
}

func observationOf(i, k int, r *rand.Rand) fhir.Change {
	code := min(r.IntN(codes), r.IntN(codes+codes/4))
	at := noon.Add(-time.Duration(r.Int64N(int64(10 * 365 * 24 * time.Hour)))).Truncate(time.Second)
	return update("Observation", fmt.Sprintf("o%s-%03d", nameOf(i), k), fmt.Sprintf(`"status":"final",`+
		`"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}]}],`+
		`"code":{"coding":[{"system":"http://loinc.org","code":"%s"}]},"subject":{"reference":"Patient/%s"},"effectiveDateTime":"%s",`+
		`"valueQuantity":{"value":%d.%d,"unit":"mmol/L","system":"http://unitsofmeasure.org","code":"mmol/L"}`,
		codeOf(code), nameOf(i), at.Format(time.RFC3339), r.IntN(200), r.IntN(10)))
}

func codeOf(n int) string { return fmt.Sprintf("%d-%d", 2000+n, n%10) }

// counted are the counts that are measured.
var counted = []struct{ name, query string }{
	{"code", "code=http://loinc.org|" + codeOf(0)},
	{"rare", "code=http://loinc.org|" + codeOf(codes-1)},
	{"status", "status=final"},
	{"code-year", "code=http://loinc.org|" + codeOf(0) + "&date=ge2024-01-01&date=lt2025-01-01"},
	{"code-half", "code=http://loinc.org|" + codeOf(0) + "&date=ge2018-01-01&date=lt2023-01-01"},
	{"all-year", "status=final&date=ge2024-01-01&date=lt2025-01-01"},
	{"all-half", "status=final&date=ge2018-01-01&date=lt2023-01-01"},
}

// everything is a view that withholds nothing, and decides alike.
type everything struct{}

func (everything) Sees(_ context.Context, _ fhir.Snapshot, facts []fhir.Facts) ([]bool, error) {
	return slices.Repeat([]bool{true}, len(facts)), nil
}

func (v everything) Alike(ctx context.Context, snap fhir.Snapshot, facts []fhir.Facts) ([]bool, error) {
	return v.Sees(ctx, snap, facts)
}

func (v everything) Judge(ctx context.Context, snap fhir.Snapshot, facts []fhir.Facts) (j fhir.Judgement, err error) {
	j.Visible, _ = v.Sees(ctx, snap, facts)
	j.Alike, _ = v.Sees(ctx, snap, facts)
	return j, nil
}

func (everything) Now() time.Time { return noon }

func (everything) Fingerprint() []byte { return []byte("everything") }

// BenchmarkCounts counts the Observations of an archive: as one who sees all and
// as members of the care teams of all patients, of every second and of one of
// ten. First is the first count of a caller after the start, when nothing is in memory.
func BenchmarkCounts(b *testing.B) {
	name := fmt.Sprintf("%dx%d", *patients, *records)
	for _, c := range counted {
		for _, caller := range []string{"", "all", "half", "many"} {
			as := "as-" + caller
			if caller == "" {
				as = "as-everything"
			}
			b.Run(c.name+"/"+as, func(b *testing.B) {
				y := openAs(b, *patients, name, archiveOf)
				y.measure(b, c.query, caller)
			})
		}
	}
}

// measure reports the hits of a second, of a count that comes first and of those after.
func (y *territory) measure(b *testing.B, query, caller string) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	count := func() (hits int, took time.Duration) {
		q, before := y.ask(b, "Observation", query+"&_summary=count"), spent()
		var page fhir.Page
		var err error
		if caller == "" {
			q.Within = everything{}
			page, err = y.store.Search(b.Context(), q)
		} else {
			page, err = y.guard.Search(as(b.Context(), caller), q)
		}
		if err != nil {
			b.Fatal(err)
		}
		return page.Total, spent() - before
	}
	hits, first := count()
	var later []time.Duration
	for b.Loop() {
		_, took := count()
		later = append(later, took)
	}
	p50 := max(median(later), 1)
	b.ReportMetric(float64(hits), "hits")
	b.ReportMetric(first.Seconds()*1000, "first-cpu-ms")
	b.ReportMetric(float64(p50.Microseconds()), "cpu-µs")
	b.ReportMetric(float64(hits)/p50.Seconds()/1e6, "Mhits/s")
	b.ReportMetric(float64(hits)/first.Seconds()/1e6, "first-Mhits/s")
}

// BenchmarkFirstCounts counts as one who sees all, each time in a store that was
// just opened: nothing is in memory but what the engine has there. It reports the
// processor time of the fastest.
func BenchmarkFirstCounts(b *testing.B) {
	y := openAs(b, *patients, fmt.Sprintf("%dx%d", *patients, *records), archiveOf)
	for _, c := range counted {
		b.Run(c.name, func(b *testing.B) {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			b.ReportAllocs()
			least, hits := time.Hour, 0
			for b.Loop() {
				b.StopTimer()
				s, err := store.Open(store.Config{Engine: y.engine, Registry: y.registry, Clock: y.clock})
				if err != nil {
					b.Fatal(err)
				}
				q := y.ask(b, "Observation", c.query+"&_summary=count")
				q.Within = everything{}
				b.StartTimer()
				before := spent()
				page, err := s.Search(b.Context(), q)
				least, hits = min(least, spent()-before), page.Total
				b.StopTimer()
				if s.Close(); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
			}
			b.ReportMetric(float64(hits), "hits")
			b.ReportMetric(least.Seconds()*1000, "cpu-ms")
			b.ReportMetric(float64(hits)/least.Seconds()/1e6, "Mhits/s")
		})
	}
}
