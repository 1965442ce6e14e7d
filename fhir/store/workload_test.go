package store_test

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/kv/badger"
	"github.com/cordee-sante/cordee/fhir/kv/counting"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
	"github.com/cordee-sante/cordee/fhir/search"
	"github.com/cordee-sante/cordee/fhir/store"
	"github.com/cordee-sante/cordee/fhir/storetest"
)

// resources is how many the benchmarks of searches store: 10,000 unless told.
var resources = flag.Int("resources", 10_000, "resources that the benchmarks of searches run over")

// perPatient is how many resources the population holds of each patient.
const perPatient = 58

// populate writes patients who are cared for as the workloads expect: each with
// 58 resources in one transaction, and ten practitioners for all.
func populate(t testing.TB, s *store.Store, patients int) {
	t.Helper()
	put := func(changes *[]fhir.Change, typ, id, format string, args ...any) {
		body := fmt.Appendf(nil, `{"resourceType":"%s","id":"%s",`, typ, id)
		*changes = append(*changes, fhir.Change{Method: fhir.Update, Key: fhir.Key{Type: typ, ID: id}, Contributor: "Organization/o",
			Body: append(fmt.Appendf(body, format, args...), '}')})
	}
	commit := func(changes []fhir.Change) {
		if _, err := s.Commit(context.Background(), changes); err != nil {
			t.Fatal(err)
		}
	}
	var shared []fhir.Change
	for i := range 10 {
		put(&shared, "Practitioner", fmt.Sprint("d", i), `"name":[{"family":"Faure"}]`)
	}
	commit(shared)
	for i := range patients {
		var c []fhir.Change
		p := patientID(i)
		day := func(k int) string { return fmt.Sprintf("%d-%02d-%02d", 2023+(i+k)%3, 1+(i*7+k)%12, 1+(i+k*5)%28) }
		put(&c, "Patient", p, `"identifier":[{"system":"urn:ins","value":"%06d"}],"name":[{"family":"Martin","given":["Solange"]}],"gender":"female","birthDate":"1970-01-01"`, i)
		put(&c, "CareTeam", p+"-t", `"status":"active","subject":{"reference":"Patient/%s"},"participant":[{"member":{"reference":"Practitioner/d%d"}}]`, p, i%10)
		for k := range 2 {
			put(&c, "Goal", fmt.Sprint(p, "-g", k), `"lifecycleStatus":"active","description":{"text":"Poids"},"subject":{"reference":"Patient/%s"},"startDate":"%s"`, p, day(k))
		}
		put(&c, "CarePlan", p+"-c", `"status":"active","intent":"plan","subject":{"reference":"Patient/%s"},"careTeam":[{"reference":"CareTeam/%s-t"}],"goal":[{"reference":"Goal/%s-g0"},{"reference":"Goal/%s-g1"}],"addresses":[{"reference":"Condition/%s-n0"}],"period":{"start":"%s"}`,
			p, p, p, p, p, day(0))
		for k := range 13 {
			put(&c, "Condition", fmt.Sprint(p, "-n", k), `"code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10","code":"I%d"}]},"subject":{"reference":"Patient/%s"},"onsetDateTime":"%s"`, 10+k, p, day(k))
		}
		for k := range 10 {
			put(&c, "MedicationRequest", fmt.Sprint(p, "-m", k), `"status":"active","intent":"order","medicationCodeableConcept":{"coding":[{"system":"http://www.whocc.no/atc","code":"C0%d"}]},"subject":{"reference":"Patient/%s"},"authoredOn":"%s"`, k, p, day(k))
		}
		for k := range 30 {
			put(&c, "Observation", fmt.Sprintf("%s-o%02d", p, k), `"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"%d-4","display":"Heart rate"}],"text":"Heart rate"},"subject":{"reference":"Patient/%s"},"effectiveDateTime":"%sT10:00:00Z","performer":[{"reference":"Practitioner/d%d"}],"valueQuantity":{"value":%d.5,"unit":"/min","system":"http://unitsofmeasure.org","code":"/min"}`,
				8860+k%10, p, day(k), k%10, 60+k)
		}
		commit(c)
	}
}

func patientID(i int) string { return fmt.Sprintf("p%06d", i) }

// A workload is one row of the table of searches that platforms send.
type workload struct {
	name, query string // with %s for a patient's id, %d for their number
	pages       int    // pages walked
	links       int    // links of its chains, and one for codes without their systems
}

var workloads = []workload{
	{"patient-code", "Observation?patient=%s&code=http://loinc.org|8862-4", 1, 0},
	{"patient-date-sorted", "Observation?patient=%s&date=ge2023-06-01&_sort=-date&_count=20", 1, 0},
	{"plan-two-includes", "CarePlan?patient=%s&_include=CarePlan:care-team&_include=CarePlan:goal", 1, 0},
	{"chain-identifier", "Observation?patient.identifier=urn:ins|%06d&code=http://loinc.org|8862-4", 1, 1},
	{"patient-two-revincludes", "Patient?_id=%s&_revinclude=Observation:subject&_revinclude=Condition:subject", 1, 0},
	{"plans-walk", "CarePlan?status=active&_lastUpdated=gt2020-01-01&_count=50", 5, 0},
	{"everything", "Patient/%s/*?_count=100", 1, 0},
	{"code-count", "Observation?code=http://loinc.org|8862-4&_summary=count", 1, 0},
	{"code-date-count", "Observation?code=http://loinc.org|8862-4&date=ge2024-01-01&_summary=count", 1, 0},
	{"code-category-count", "Observation?code=http://loinc.org|8862-4&category=vital-signs&status=final&_summary=count", 1, 1},
	{"code-value-count", "Observation?code=http://loinc.org|8862-4&value-quantity=gt70&_summary=count", 1, 0},
	{"date-count", "Observation?date=ge2024-01-01&_summary=count", 1, 0},
	{"code-page", "Observation?code=http://loinc.org|8862-4&_count=20", 1, 0},
	{"code-date-page", "Observation?code=http://loinc.org|8862-4&date=ge2024-01-01&_count=20", 1, 0},
	{"sorted-by-date", "Observation?_sort=date&_count=20", 3, 0},
	{"sorted-by-date-desc", "Observation?_sort=-date&_count=20", 3, 0},
}

// ask parses the query of a workload for one patient.
func (w workload) ask(t testing.TB, reg *search.Registry, i int) fhir.Query {
	t.Helper()
	text := w.query
	switch {
	case strings.Contains(text, "%s"):
		text = fmt.Sprintf(text, patientID(i))
	case strings.Contains(text, "%0"):
		text = fmt.Sprintf(text, i)
	}
	return parse(t, reg, text)
}

// parse reads a query as text: "Type?params", "Patient/id/Type?params".
func parse(t testing.TB, reg *search.Registry, text string) fhir.Query {
	t.Helper()
	target, query, _ := strings.Cut(text, "?")
	req := search.Request{Type: target, Strict: true}
	if parts := strings.Split(target, "/"); len(parts) == 3 {
		req.Compartment, req.Type = fhir.Key{Type: parts[0], ID: parts[1]}, strings.TrimPrefix(parts[2], "*")
	}
	var err error
	if req.Values, err = search.Pairs(query); err != nil {
		t.Fatal(err)
	}
	q, _, _, err := search.Parse(reg, req)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	q.Within = &caring{}
	return q
}

// walkPages runs a query page by page and returns the pages.
func walkPages(t testing.TB, s *store.Store, q fhir.Query, most int) (pages []fhir.Page) {
	t.Helper()
	for range most {
		page, err := s.Search(context.Background(), q)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, page)
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	return pages
}

// caring is a view that decides as consent does: by the policies of the
// patients, remembered by their epochs.
type caring struct {
	mu    sync.Mutex
	known map[string]uint64
}

func (v *caring) Sees(ctx context.Context, snap fhir.Snapshot, facts []fhir.Facts) ([]bool, error) {
	var patients []string
	for i := range facts {
		if own := facts[i].Patients; len(own) > 0 && (len(patients) == 0 || patients[len(patients)-1] != own[0]) {
			patients = append(patients, own...)
		}
	}
	slices.Sort(patients)
	patients = slices.Compact(patients)
	epochs, err := snap.Epochs(ctx, patients)
	if err != nil {
		return nil, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.known == nil {
		v.known = map[string]uint64{}
	}
	for i, p := range patients {
		v.known[p] = epochs[i]
	}
	visible := make([]bool, len(facts))
	for i := range visible {
		visible[i] = true
	}
	return visible, nil
}

func (v *caring) Fingerprint() []byte { return []byte("caring") }

// Alike implements fhir.Grouping.
func (v *caring) Alike(_ context.Context, _ fhir.Snapshot, facts []fhir.Facts) ([]bool, error) {
	alike := make([]bool, len(facts))
	for i := range alike {
		alike[i] = true
	}
	return alike, nil
}

func registry(t testing.TB) *search.Registry {
	t.Helper()
	reg, err := search.New(search.Config{Base: storetest.Base})
	if err != nil {
		t.Fatal(err)
	}
	return reg
}

// BenchmarkWorkloads runs every workload over -resources resources, on both
// engines. A hit of a count is what the count counts.
func BenchmarkWorkloads(b *testing.B) {
	reg := registry(b)
	for name, engine := range engines(b) {
		patients := max(1, *resources/perPatient)
		s := open(b, engine, reg)
		populate(b, s, patients)
		for _, w := range workloads {
			b.Run(name+"/"+w.name, func(b *testing.B) {
				b.ReportAllocs()
				hits := 0
				for i := 0; b.Loop(); i++ {
					for _, page := range walkPages(b, s, w.ask(b, reg, i*7%patients), w.pages) {
						hits += len(page.Matches) + len(page.Included)
						if len(page.Matches) == 0 {
							hits += page.Total
						}
					}
				}
				b.ReportMetric(float64(hits)/b.Elapsed().Seconds(), "hits/s")
				b.ReportMetric(float64(hits)/float64(b.N), "hits/op")
			})
		}
	}
}

func engines(b *testing.B) map[string]kv.Engine {
	b.Helper()
	onDisk, err := badger.Open(badger.Config{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	return map[string]kv.Engine{"memory": memory.Open(), "badger": onDisk}
}

// BenchmarkRoundTrips reports how many round trips each workload takes per page.
func BenchmarkRoundTrips(b *testing.B) {
	reg := registry(b)
	e := counting.New(memory.Open())
	s := open(b, e, reg)
	populate(b, s, 20)
	for _, w := range workloads {
		b.Run(w.name, func(b *testing.B) {
			pages := 0
			e.Reset()
			for i := 0; b.Loop(); i++ {
				pages += len(walkPages(b, s, w.ask(b, reg, i%20), w.pages))
			}
			b.ReportMetric(float64(e.Trips())/float64(pages), "trips/page")
		})
	}
}
