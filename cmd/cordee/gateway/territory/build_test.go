package territory

import (
	"context"
	"flag"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/auth/audit"
	"github.com/cordee-sante/cordee/auth/consent"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/kv/badger"
	"github.com/cordee-sante/cordee/fhir/search"
	"github.com/cordee-sante/cordee/fhir/store"
)

var (
	patients = flag.Int("patients", 2000, "patients of the territory")
	records  = flag.Int("records", 100, "Observations of each patient, where they are counted")
	data     = flag.String("data", "", "folder that keeps the territory; a temporary one when empty")
)

const base = "https://gateway.example/fhir"

// noon is when all has been brought in.
var noon = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

// days is how long it took to bring all in.
const days = 100

// few and many are how far apart the patients are whom the two may see.
const (
	fewApart  = 1000
	manyApart = 10
)

// A territory is a store of patients with what decides about them.
type territory struct {
	engine   kv.Engine
	registry *search.Registry
	store    *store.Store
	guard    *auth.Guard
	now      atomic.Int64 // of its clock, UnixMicro
}

func (y *territory) clock() time.Time { return time.UnixMicro(y.now.Load()).UTC() }

// open finds the territory of the flags, or makes it.
func open(t testing.TB, n int) *territory { return openAs(t, n, fmt.Sprint(n), patientOf) }

// openAs is open for a territory of what one function says of each patient.
func openAs(t testing.TB, n int, name string, patient func(int) []fhir.Change) *territory {
	t.Helper()
	dir := t.TempDir()
	if *data != "" {
		dir = filepath.Join(*data, name)
	}
	engine, err := badger.Open(badger.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { engine.Close() })
	y := &territory{engine: engine}
	y.now.Store(noon.UnixMicro())
	if y.registry, err = search.New(search.Config{Base: base}); err != nil {
		t.Fatal(err)
	}
	valid := func(*fhirjson.Doc) []fhir.Issue { return nil }
	if y.store, err = store.Open(store.Config{Engine: engine, Registry: y.registry, Validate: valid, Witness: &witness{}, Clock: y.clock}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { y.store.Close() })
	point := consent.New(consent.Config{Clock: y.clock, Base: base})
	y.guard = &auth.Guard{Repo: y.store, Snapshot: y.store, Decide: point, Trail: discard{}}
	if _, err := y.store.Read(t.Context(), fhir.Key{Type: "Organization", ID: "whole"}); err != nil {
		y.build(t, n, patient)
	}
	return y
}

// build brings in the patients, twenty to a hundred a transaction.
func (y *territory) build(t testing.TB, n int, patient func(int) []fhir.Change) {
	t.Helper()
	together := max(1, max(20, min(100, n/5000))*3/len(patient(0)))
	var next atomic.Int64
	var last atomic.Int64
	start := noon.AddDate(0, 0, -days)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for {
				from := int(next.Add(int64(together))) - together
				if from >= n || t.Failed() {
					return
				}
				var changes []fhir.Change
				for i := from; i < min(n, from+together); i++ {
					changes = append(changes, patient(i)...)
				}
				moment := start.Add(time.Duration(float64(noon.Sub(start)) * float64(from) / float64(n))).UnixMicro()
				for was := last.Load(); was < moment && !last.CompareAndSwap(was, moment); was = last.Load() {
				}
				y.now.Store(last.Load())
				if _, err := y.store.Commit(context.Background(), changes); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	y.now.Store(noon.UnixMicro())
	if t.Failed() {
		t.FailNow()
	}
	y.put(t, fhir.Key{Type: "Organization", ID: "whole"}, `"name":"Territoire"`)
}

// patientOf are a patient, the CareTeam and the CarePlan.
func patientOf(i int) []fhir.Change {
	p := nameOf(i)
	return []fhir.Change{
		update("Patient", p, `"name":[{"family":"Martin"}],"birthDate":"1950-01-01"`),
		teamOf(i),
		update("CarePlan", "c"+p, fmt.Sprintf(`"status":"active","intent":"plan","subject":{"reference":"Patient/%s"},"title":"Plan personnalisé de santé","period":{"start":"2026-%02d-%02d"}`, p, 1+i%12, 1+i%28)),
	}
}

func nameOf(i int) string { return fmt.Sprintf("p%07d", i) }

// teamOf is the CareTeam of a patient, with further members.
func teamOf(i int, further ...string) fhir.Change {
	members := fmt.Sprintf(`{"member":{"reference":"Organization/msp%d"}},{"member":{"reference":"Organization/all"}}`, i%500)
	if i%2 == 1 {
		members += `,{"member":{"reference":"Organization/half"}}`
	}
	if i%manyApart == 3 {
		members += `,{"member":{"reference":"Organization/many"}}`
	}
	if i%fewApart == 7 || i == 7 {
		members += `,{"member":{"reference":"Organization/few"}}`
	}
	for _, m := range further {
		members += fmt.Sprintf(`,{"member":{"reference":"Organization/%s"}}`, m)
	}
	return update("CareTeam", "t"+nameOf(i), fmt.Sprintf(`"status":"active","subject":{"reference":"Patient/%s"},"participant":[%s]`, nameOf(i), members))
}

func update(typ, id, members string) fhir.Change {
	return fhir.Change{Method: fhir.Update, Key: fhir.Key{Type: typ, ID: id}, Contributor: "Organization/loader",
		Body: fmt.Appendf(nil, `{"resourceType":"%s","id":"%s",%s}`, typ, id, members)}
}

func (y *territory) put(t testing.TB, key fhir.Key, members string) {
	t.Helper()
	if _, err := y.store.Commit(t.Context(), []fhir.Change{update(key.Type, key.ID, members)}); err != nil {
		t.Fatal(err)
	}
}

// as is a context in which a physician of the organisation asks for care.
func as(ctx context.Context, organization string) context.Context {
	scopes, err := auth.ParseScopes("system/*.cruds")
	if err != nil {
		panic(err)
	}
	return auth.WithPrincipal(ctx, auth.Principal{Client: "soft-" + organization, Organization: "Organization/" + organization,
		Profession: "10", Purpose: auth.PurposeTreatment, Roles: []string{auth.RolePractice}, Scopes: scopes})
}

// ask reads a query, "Type?parameters".
func (y *territory) ask(t testing.TB, typ, query string) fhir.Query {
	t.Helper()
	values, err := search.Pairs(query)
	if err != nil {
		t.Fatal(err)
	}
	q, _, _, err := search.Parse(y.registry, search.Request{Type: typ, Values: values, Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// witness attests without keeping anything.
type witness struct{ ticket uint64 }

func (w *witness) Attest([]fhir.Attestation) (uint64, error) { w.ticket++; return w.ticket, nil }
func (w *witness) Settle(uint64, error)                      {}

// discard is a trail that keeps nothing.
type discard struct{}

func (discard) Record(context.Context, audit.Record) error { return nil }
