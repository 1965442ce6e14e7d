package territory

import (
	"strings"
	"testing"
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

// BenchmarkViews asks the same searches under the view of all patients, of every
// second and of one of ten.
func BenchmarkViews(b *testing.B) {
	y := open(b, *patients)
	patient := nameOf(*patients/20*10 + 3) // whom both see
	for _, s := range searches {
		query := strings.Replace(s.query, "%s", patient, 1)
		b.Run(s.name, func(b *testing.B) { y.compare(b, s.typ, query, "all", "half", "many") })
	}
}
