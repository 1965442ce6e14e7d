package territory

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"
)

// BenchmarkPlans pages through what is new of the active care plans, as
// platforms do that see few, many and all of the patients: p50, and what they
// are of the p50 of the one that sees few.
func BenchmarkPlans(b *testing.B) {
	y := open(b, *patients)
	for _, since := range []struct {
		name string
		age  time.Duration
	}{{"ever", 2 * days * 24 * time.Hour}, {"ten-days", 10 * 24 * time.Hour}, {"day", 24 * time.Hour}, {"hour", time.Hour}} {
		query := fmt.Sprintf("status=active&_lastUpdated=gt%s&_count=50", noon.Add(-since.age).Format("2006-01-02T15:04:05Z"))
		b.Run(since.name, func(b *testing.B) { y.compare(b, "CarePlan", query, "few", "many", "all") })
	}
}

// compare runs one search as each of the callers in turn, and reports each p50
// beside that of the first: of the time that passed, and of the processor's.
func (y *territory) compare(b *testing.B, typ, query string, callers ...string) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	passed, used := map[string][]time.Duration{}, map[string][]time.Duration{}
	hits := map[string]int{}
	for _, caller := range callers { // what is remembered of policies is
		if _, err := y.guard.Search(as(b.Context(), caller), y.ask(b, typ, query)); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		for _, caller := range callers {
			ctx, q := as(b.Context(), caller), y.ask(b, typ, query)
			began, before := time.Now(), spent()
			page, err := y.guard.Search(ctx, q)
			if err != nil {
				b.Fatal(err)
			}
			passed[caller], used[caller] = append(passed[caller], time.Since(began)), append(used[caller], spent()-before)
			hits[caller] = len(page.Matches)
		}
	}
	first := callers[0]
	for _, caller := range callers {
		b.ReportMetric(float64(median(passed[caller]).Microseconds()), caller+"-µs")
		b.ReportMetric(float64(median(used[caller]).Microseconds()), caller+"-cpu-µs")
		if caller != first {
			b.ReportMetric(float64(median(passed[caller]))/float64(median(passed[first])), caller+"/"+first)
			b.ReportMetric(float64(median(used[caller]))/float64(max(median(used[first]), 1)), caller+"/"+first+"-cpu")
		}
		b.ReportMetric(float64(hits[caller]), caller+"-hits")
	}
}

func median(list []time.Duration) time.Duration {
	slices.Sort(list)
	return list[len(list)/2]
}
