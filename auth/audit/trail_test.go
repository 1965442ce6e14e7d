package audit

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
	"github.com/cordee-sante/cordee/fhir/search"
)

const testBase = "https://gw.example.fr/fhir"

var registry = sync.OnceValues(func() (*search.Registry, error) { return search.New(search.Config{Base: testBase}) })

// testConfig is a trail in a temporary folder with an index in memory.
func testConfig(t testing.TB) Config {
	t.Helper()
	reg, err := registry()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	engine := memory.Open()
	t.Cleanup(func() { engine.Close() })
	return Config{
		Dir: filepath.Join(dir, "trail"), Keys: filepath.Join(dir, "keys"), Origin: "gw.example.fr/trail",
		Engine: kv.Sub(engine, "trail/"), Registry: reg, Server: "gw.example.fr", Base: testBase, MinFree: 1,
		Log: slog.New(slog.DiscardHandler),
	}
}

func open(t testing.TB, cfg Config) *Trail {
	t.Helper()
	tr, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tr.Close() })
	return tr
}

func record(t testing.TB, tr *Trail, records ...Record) {
	t.Helper()
	for _, r := range records {
		if err := tr.Record(context.Background(), r); err != nil {
			t.Fatal(err)
		}
	}
}

// everything is the view of an officer.
type everything struct{}

func (everything) Sees(_ context.Context, _ fhir.Snapshot, facts []fhir.Facts) ([]bool, error) {
	seen := make([]bool, len(facts))
	for i := range seen {
		seen[i] = true
	}
	return seen, nil
}

func (everything) Fingerprint() []byte { return []byte("officer") }

// about is the view of a patient: what concerns nobody else.
type about string

func (a about) Sees(_ context.Context, _ fhir.Snapshot, facts []fhir.Facts) ([]bool, error) {
	seen := make([]bool, len(facts))
	for i, f := range facts {
		seen[i] = len(f.Patients) == 1 && f.Patients[0] == string(a)
	}
	return seen, nil
}

func (a about) Fingerprint() []byte { return []byte("patient " + a) }

// ask searches as the officer would, with what the URL says.
func ask(t testing.TB, tr *Trail, pairs ...string) fhir.Query {
	t.Helper()
	var values []search.Pair
	for i := 0; i < len(pairs); i += 2 {
		values = append(values, search.Pair{Name: pairs[i], Value: pairs[i+1]})
	}
	q, _, _, err := search.Parse(tr.cfg.Registry, search.Request{Type: "AuditEvent", Values: values, Strict: true})
	if err != nil {
		t.Fatalf("%v: %v", pairs, err)
	}
	q.Within = everything{}
	return q
}

// found searches once the index has followed, however slow the machine is.
func found(t testing.TB, tr *Trail, q fhir.Query) fhir.Page {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !tr.index.catchUp(t.Context()) && time.Now().Before(deadline); {
		continue
	}
	page, err := tr.Search(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Issues) > 0 {
		t.Errorf("the index did not follow: %v", page.Issues)
	}
	return page
}

func kindOfError(err error) fhir.Kind { return fhir.KindOf(err) }

func TestZeroConfigRefuses(t *testing.T) {
	if _, err := Open(Config{}); err == nil {
		t.Error("a trail opened without anything")
	}
}

func TestTrailIsReadOnlyForClients(t *testing.T) {
	tr := open(t, testConfig(t))
	if _, err := tr.Commit(t.Context(), nil); kindOfError(err) != fhir.NotAllowed {
		t.Errorf("Commit = %v", err)
	}
	if _, err := tr.History(t.Context(), fhir.HistoryQuery{Within: everything{}}); kindOfError(err) != fhir.NotAllowed {
		t.Errorf("History = %v", err)
	}
}

func TestSearchWithoutViewRefuses(t *testing.T) {
	tr := open(t, testConfig(t))
	q := ask(t, tr, "date", "ge2020")
	q.Within = nil
	if _, err := tr.Search(t.Context(), q); kindOfError(err) != fhir.Forbidden {
		t.Errorf("Search without a view = %v", err)
	}
}

func TestR20SearchWithoutDateIsRefused(t *testing.T) {
	tr := open(t, testConfig(t))
	for _, q := range []fhir.Query{ask(t, tr), ask(t, tr, "patient", "Patient/p1"), ask(t, tr, "date:missing", "false")} {
		_, err := tr.Search(t.Context(), q)
		var e *fhir.Error
		if !errors.As(err, &e) || e.Kind != fhir.Malformed || e.Issues[0].Code != fhir.CodeRequired {
			t.Errorf("%v: %v", q.Params, err)
		}
	}
}

// The trail records its own start and stop, and the reader of records finds
// them again after a restart, from the index of before.
func TestRestartKeepsEverything(t *testing.T) {
	cfg := testConfig(t)
	tr := open(t, cfg)
	record(t, tr, aRead())
	tr.Close()
	tr = open(t, cfg)
	if err := tr.Recover(t.Context(), 0, nil); err != nil {
		t.Fatal(err)
	}
	page := found(t, tr, ask(t, tr, "date", "ge2020", "_total", "accurate"))
	if len(page.Matches) != 4 || page.Total != 4 { // start, read, stop, start
		t.Errorf("%d events, total %d; want 4", len(page.Matches), page.Total)
	}
	if err := tr.Close(); err != nil {
		t.Fatal(err)
	}
	if err := tr.Close(); err != nil {
		t.Errorf("second Close = %v", err)
	}
}

func TestRecordTakesTheFactsOfTheRequest(t *testing.T) {
	tr := open(t, testConfig(t))
	ctx := WithRequest(t.Context(), Request{ID: "req-9", Trace: "t9", Address: "192.0.2.9", Start: time.Now()})
	if err := tr.Record(ctx, Record{Interaction: InteractionLogin, Outcome: MinorFailure, Reason: "auth.token"}); err != nil {
		t.Fatal(err)
	}
	if page := found(t, tr, ask(t, tr, "date", "ge2020", "entity:identifier", "req-9")); len(page.Matches) != 1 {
		t.Errorf("%d events of the request, want 1", len(page.Matches))
	}
	if page := found(t, tr, ask(t, tr, "date", "ge2020", "address", "192.0.2.9")); len(page.Matches) != 1 {
		t.Errorf("%d events from the address, want 1", len(page.Matches))
	}
}

func TestR04UnwritableTrailAnswersUnavailable(t *testing.T) {
	cfg := testConfig(t)
	cfg.MinFree = 1 << 62 // no disk has that
	if _, err := Open(cfg); kindOfError(err) != fhir.Unavailable {
		t.Errorf("Open on a full disk = %v, want Unavailable", err)
	}
	cfg.MinFree = 1
	tr := open(t, cfg)
	tr.log.Close() // as when the file is gone
	if err := tr.Record(t.Context(), aRead()); kindOfError(err) != fhir.Unavailable {
		t.Errorf("Record = %v, want Unavailable", err)
	}
	if _, err := tr.Attest(nil); kindOfError(err) != fhir.Unavailable {
		t.Errorf("Attest = %v, want Unavailable", err)
	}
}

// tamper flips one bit of the second record.
func tamper(t *testing.T, dir string) {
	t.Helper()
	path := filepath.Join(dir, "00000000000000000000.seg")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}
