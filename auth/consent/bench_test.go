package consent

import (
	"context"
	"fmt"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
)

// population is a snapshot of n patients, each with a CareTeam of four and two
// Consents, and the facts of one record of each.
func population(n int) (*memory, []fhir.Facts) {
	m, facts := &memory{}, make([]fhir.Facts, n)
	for i := range n {
		id := fmt.Sprintf("p%06d", i)
		m.put(patient(id, pharmacy))
		m.put(careTeam("t"+id, id, pharmacy, `"period":{"start":"2025-01-01"},`+admitting("Practitioner/a", "PractitionerRole/b", pharmacy, msp)))
		m.put(privacy("c"+id, id, pharmacy, provision("permit", `"period":{"start":"2025-01-01","end":"2027-12-31"}`, outsider)))
		m.put(privacy("d"+id, id, pharmacy, provision("deny", "", "Organization/other")))
		facts[i] = record(id)
	}
	return m, facts
}

// indexed answers Policy at once, so that the benchmark measures the decision
// point and not the fake.
type indexed struct {
	*memory
	of map[string][]fhir.Resource
}

func (x *indexed) Policy(_ context.Context, patient string) ([]fhir.Resource, error) {
	return x.of[patient], nil
}

func index(m *memory) *indexed {
	x := &indexed{m, map[string][]fhir.Resource{}}
	for _, r := range m.resources {
		x.of[r.Facts.Patients[0]] = append(x.of[r.Facts.Patients[0]], r)
	}
	return x
}

func benchmarkSees(b *testing.B, records int, cold bool) {
	m, facts := population(records)
	snap := index(m)
	p := at(now)
	v, err := p.View(b.Context(), care(msp), "Observation")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if cold {
			p.cache = newRemembered[policy](records)
		}
		got, err := v.Sees(b.Context(), snap, facts)
		if err != nil || !got[0] || !got[records-1] {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*records), "ns/record")
}

func BenchmarkSeesOneWarm(b *testing.B)  { benchmarkSees(b, 1, false) }
func BenchmarkSees50Warm(b *testing.B)   { benchmarkSees(b, 50, false) }
func BenchmarkSees50Cold(b *testing.B)   { benchmarkSees(b, 50, true) }
func BenchmarkSees1000Warm(b *testing.B) { benchmarkSees(b, 1000, false) }

func BenchmarkWriteWarm(b *testing.B) {
	m, facts := population(50)
	snap := index(m)
	p, who := at(now), care(msp)
	after := observation(msp, facts[7].Patients[0])
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Write(b.Context(), who, snap, nil, after); err != nil {
			b.Fatal(err)
		}
	}
}
