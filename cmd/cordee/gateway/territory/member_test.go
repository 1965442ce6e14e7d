package territory

import (
	"context"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/fhir"
)

// BenchmarkMembership adds an organisation to the care team of one patient more,
// has it search its first page, and takes it out again: what the change takes
// until it is durable, and the search that finds the patient.
func BenchmarkMembership(b *testing.B) {
	y := open(b, *patients)
	commit := func(ctx context.Context, c fhir.Change) {
		y.now.Add(int64(time.Second / time.Microsecond))
		if _, err := y.guard.Commit(ctx, []fhir.Change{c}); err != nil {
			b.Fatal(err)
		}
	}
	member, asked := as(b.Context(), "all"), as(b.Context(), "added")
	count := func() int {
		page, err := y.guard.Search(asked, y.ask(b, "CarePlan", "status=active&_count=50"))
		if err != nil {
			b.Fatal(err)
		}
		return len(page.Matches)
	}
	var changes, searches []time.Duration
	for i := 0; b.Loop(); i = (i + 7919) % *patients {
		began := time.Now()
		commit(member, teamOf(i, "added"))
		changed := time.Now()
		if n := count(); n != 1 {
			b.Fatalf("%d care plans, want that of the patient", n)
		}
		changes, searches = append(changes, changed.Sub(began)), append(searches, time.Since(changed))
		b.StopTimer()
		commit(member, teamOf(i))
		if n := count(); n != 0 {
			b.Fatalf("%d care plans of nobody", n)
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(median(changes).Microseconds()), "change-µs")
	b.ReportMetric(float64(median(searches).Microseconds()), "search-µs")
}
