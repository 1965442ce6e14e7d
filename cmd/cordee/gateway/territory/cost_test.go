package territory

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// BenchmarkPlans pages through what is new of the active care plans, as
// platforms do that see few, many and all of the patients: p50 and the ratio to
// the one that sees few.
func BenchmarkPlans(b *testing.B) {
	y := open(b, *patients)
	for _, since := range []struct {
		name string
		age  time.Duration
	}{{"ever", 2 * days * 24 * time.Hour}, {"ten-days", 10 * 24 * time.Hour}, {"day", 24 * time.Hour}, {"hour", time.Hour}} {
		query := fmt.Sprintf("status=active&_lastUpdated=gt%s&_count=50", noon.Add(-since.age).Format("2006-01-02T15:04:05Z"))
		y.compare(b, since.name, "CarePlan", query)
	}
}

// compare runs one search as each of the callers in turn.
func (y *territory) compare(b *testing.B, name, typ, query string) {
	callers := []string{"few", "many", "all"}
	b.Run(name, func(b *testing.B) {
		times, hits := map[string][]time.Duration{}, map[string]int{}
		for b.Loop() {
			for _, caller := range callers {
				took, n := y.timed(b, caller, typ, query)
				times[caller], hits[caller] = append(times[caller], took), n
			}
		}
		few := median(times["few"])
		for _, caller := range callers {
			p50 := median(times[caller])
			b.ReportMetric(float64(p50.Microseconds())/1000, caller+"-ms")
			b.ReportMetric(float64(p50)/float64(few), caller+"/few")
			b.ReportMetric(float64(times[caller][0].Microseconds())/1000, caller+"-least-ms")
			b.ReportMetric(float64(hits[caller]), caller+"-hits")
		}
	})
}

// timed runs a search as a caller, and returns what it took and how many it found.
func (y *territory) timed(b *testing.B, caller, typ, query string) (time.Duration, int) {
	ctx, q := as(b.Context(), caller), y.ask(b, typ, query)
	began := time.Now()
	page, err := y.guard.Search(ctx, q)
	if err != nil {
		b.Fatal(err)
	}
	return time.Since(began), len(page.Matches)
}

func median(list []time.Duration) time.Duration {
	slices.Sort(list)
	return list[len(list)/2]
}
