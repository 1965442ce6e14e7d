package territory

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// searches are asked about a patient whom every caller may see, and about
// everybody.
var searches = []struct{ name, typ, query string }{
	{"patient", "CarePlan", "patient=%s&status=active"},
	{"include", "CarePlan", "patient=%s&_include=CarePlan:subject"},
	{"revinclude", "Patient", "_id=%s&_revinclude=CareTeam:subject&_revinclude=CarePlan:subject"},
	{"chain", "CarePlan", "subject:Patient._id=%s"},
	{"page", "CarePlan", "status=active&_count=50"},
	{"since", "CarePlan", "status=active&_lastUpdated=gt2000-01-01&_count=50"},
	{"newest", "CarePlan", "_sort=-_lastUpdated&_count=50"},
	{"sorted", "CarePlan", "status=active&_sort=-date&_count=50"},
	{"count", "CarePlan", "status=active&_summary=count"},
}

// BenchmarkViews asks the same searches under the view of one patient of ten,
// the restricting one, and under that of all: how many a second the one does
// of the other.
func BenchmarkViews(b *testing.B) {
	y := open(b, *patients)
	patient := fmt.Sprintf("p%07d", 1003) // of many and of all
	if *patients < 1004 {
		patient = fmt.Sprintf("p%07d", 13)
	}
	callers := []string{"many", "all"}
	for _, s := range searches {
		query := strings.Replace(s.query, "%s", patient, 1)
		b.Run(s.name, func(b *testing.B) {
			times := map[string][]time.Duration{}
			for b.Loop() {
				for _, caller := range callers {
					took, _ := y.timed(b, caller, s.typ, query)
					times[caller] = append(times[caller], took)
				}
			}
			many, all := median(times["many"]), median(times["all"])
			b.ReportMetric(float64(many.Microseconds()), "many-µs")
			b.ReportMetric(float64(all.Microseconds()), "all-µs")
			b.ReportMetric(100*float64(all)/float64(many), "%")
		})
	}
}
