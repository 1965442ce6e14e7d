package audit

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/cordee-sante/cordee/auth/audit/ledger"
	"github.com/cordee-sante/cordee/fhir"
)

// aCommit is an attestation of the creation of one observation of p1.
func aCommit(ctx context.Context, id string) fhir.Attestation {
	r := Record{Client: "app-1", Agent: "Practitioner/dr", Purpose: "TREAT", Interaction: InteractionCreate, Type: "Observation"}
	key := fhir.Key{Type: "Observation", ID: id, Version: "1"}
	return fhir.Attestation{Ctx: WithPending(ctx, r), Results: []fhir.Resource{{
		Key: key, Effect: fhir.Created, Body: []byte(`{"id":"` + id + `"}`), Facts: fhir.Facts{Key: key.Current(), Patients: []string{"p1"}},
	}}}
}

// shelf is a store: what it holds by key and version.
type shelf map[fhir.Key][32]byte

func (s shelf) put(a fhir.Attestation) {
	for _, r := range a.Results {
		s[r.Key] = sha256.Sum256(r.Body)
	}
}

func (s shelf) exists(_ context.Context, key fhir.Key, hash [32]byte) (bool, error) {
	kept, ok := s[key]
	return ok && kept == hash, nil
}

func attest(t *testing.T, tr *Trail, batch ...fhir.Attestation) uint64 {
	t.Helper()
	ticket, err := tr.Attest(batch)
	if err != nil {
		t.Fatal(err)
	}
	return ticket
}

func TestCommitWithoutRecordIsRefused(t *testing.T) {
	tr := open(t, testConfig(t))
	a := aCommit(t.Context(), "o1")
	b := aCommit(t.Context(), "o2")
	b.Ctx = t.Context()
	before := tr.log.Next()
	if _, err := tr.Attest([]fhir.Attestation{a, b}); kindOfError(err) != fhir.Unavailable {
		t.Errorf("Attest = %v, want Unavailable", err)
	}
	if tr.log.Next() != before {
		t.Error("a part of the refused batch was recorded")
	}
}

func TestAttestedChangeIsFoundOnceSettled(t *testing.T) {
	tr := open(t, testConfig(t))
	q := ask(t, tr, "date", "ge2020", "patient", "p1")
	ok := attest(t, tr, aCommit(t.Context(), "o1"), aCommit(t.Context(), "o2"))
	bad := attest(t, tr, aCommit(t.Context(), "o3"))
	if bad <= ok {
		t.Errorf("tickets %d, %d do not grow", ok, bad)
	}
	if page := found(t, tr, q); len(page.Matches) != 0 {
		t.Errorf("found %v before anything was settled", idsOf(page))
	}
	tr.Settle(ok, nil)
	tr.Settle(bad, fhir.Errorf(fhir.InsufficientStorage, "store", "kv.full", fhir.CodeNoStore, "", fhir.Text{}, fhir.Text{}))
	if page := found(t, tr, ask(t, tr, "date", "ge2020", "patient", "p1", "outcome", "0")); len(page.Matches) != 2 {
		t.Errorf("found %v, want the two creations", idsOf(page))
	}
	page := found(t, tr, ask(t, tr, "date", "ge2020", "patient", "p1", "outcome", "8"))
	if len(page.Matches) != 1 || page.Matches[0].ID != fmt.Sprintf("%d-0", bad) {
		t.Errorf("found %v, want the creation that did not take effect", idsOf(page))
	}
}

// A stop between Attest and Settle: the trail finds out, and says so.
func TestRecoverClosesOpenChanges(t *testing.T) {
	cfg := testConfig(t)
	tr := open(t, cfg)
	store := shelf{}
	done, half, never := aCommit(t.Context(), "done"), aCommit(t.Context(), "half"), aCommit(t.Context(), "never")
	ticket := attest(t, tr, done)
	store.put(done)
	tr.Settle(ticket, nil)
	attest(t, tr, half)
	store.put(half) // committed, and then the process stopped
	attest(t, tr, never)
	record(t, tr, aRead())
	found(t, tr, ask(t, tr, "date", "ge2020")) // the index has passed them all
	tr.Close()

	tr = open(t, cfg)
	var keys []string
	for _, o := range tr.Unsettled() {
		keys = append(keys, o.Keys[0].ID)
	}
	if !slices.Equal(keys, []string{"half", "never"}) {
		t.Errorf("unsettled: %v, want half and never", keys)
	}
	if _, err := tr.Attest([]fhir.Attestation{aCommit(t.Context(), "new")}); kindOfError(err) != fhir.Unavailable {
		t.Errorf("Attest before Recover = %v, want Unavailable", err)
	}
	if err := tr.Recover(t.Context(), ticket, store.exists); err != nil {
		t.Fatal(err)
	}
	for outcome, want := range map[string][]string{"0": {"half", "done", "the read"}, "8": {"never"}} {
		page := found(t, tr, ask(t, tr, "date", "ge2020", "patient", "p1", "outcome", outcome))
		if len(page.Matches) != len(want) {
			t.Errorf("outcome %s: %v, want %v", outcome, idsOf(page), want)
		}
	}
	tr.Settle(attest(t, tr, aCommit(t.Context(), "new")), nil)
	tr.Close()
	tr = open(t, cfg)
	if n := len(tr.Unsettled()); n != 0 {
		t.Errorf("%d changes are open after they were closed", n)
	}
}

// The store has lost a change that it had acknowledged: exactly which.
func TestLostChangesAreNamed(t *testing.T) {
	cfg := testConfig(t)
	tr := open(t, cfg)
	store := shelf{}
	var tickets []uint64
	for _, id := range []string{"o1", "o2", "o3", "o4"} {
		a := aCommit(t.Context(), id)
		ticket := attest(t, tr, a)
		store.put(a)
		tr.Settle(ticket, nil)
		tickets = append(tickets, ticket)
	}
	tr.Close()
	delete(store, fhir.Key{Type: "Observation", ID: "o3", Version: "1"})
	store[fhir.Key{Type: "Observation", ID: "o4", Version: "1"}] = [32]byte{1} // another body under the same version

	tr = open(t, cfg)
	err := tr.Recover(t.Context(), tickets[1], store.exists)
	var lost *LostError
	if !errors.As(err, &lost) || len(lost.Missing) != 2 || lost.Missing[0].ID != "o3" || lost.Missing[1].ID != "o4" {
		t.Fatalf("Recover = %v, want o3 and o4 lost", err)
	}
	if _, err := tr.Attest([]fhir.Attestation{aCommit(t.Context(), "new")}); err == nil {
		t.Error("a change was attested though the store has lost some")
	}
	if page := found(t, tr, ask(t, tr, "date", "ge2020", "outcome", "12")); len(page.Matches) != 1 {
		t.Errorf("%d alarms, want 1", len(page.Matches))
	}
	if err := tr.Recover(t.Context(), tickets[3], store.exists); err != nil {
		t.Errorf("what the store confirms was looked for: %v", err)
	}
	tr.Close()
	cfg.Accept = "restored from the backup of last night, agreed with the officer"
	tr = open(t, cfg)
	if err := tr.Recover(t.Context(), tickets[1], store.exists); err != nil {
		t.Errorf("an accepted loss: %v", err)
	}
}

// R06: the trail was put back, or its folder lost: the store has seen more.
func TestR06TrailBehindTheStore(t *testing.T) {
	tr := open(t, testConfig(t))
	var behind *BehindError
	if err := tr.Recover(t.Context(), 4711, shelf{}.exists); !errors.As(err, &behind) || behind.Reached != 4711 {
		t.Errorf("Recover = %v, want BehindError", err)
	}
}

// R06: the same, seen by the index.
func TestR06TrailBehindItsIndex(t *testing.T) {
	cfg := testConfig(t)
	tr := open(t, cfg)
	for range 5 {
		record(t, tr, aRead())
	}
	found(t, tr, ask(t, tr, "date", "ge2020"))
	tr.Close()
	cfg.Dir, cfg.Keys = t.TempDir(), t.TempDir()
	var behind *BehindError
	if _, err := Open(cfg); !errors.As(err, &behind) {
		t.Fatalf("Open of an empty trail under an old index = %v, want BehindError", err)
	}
	cfg.Accept = "the disk of the trail broke"
	tr = open(t, cfg)
	page := found(t, tr, ask(t, tr, "date", "ge2020"))
	if len(page.Matches) != 2 { // the start, and that the loss was accepted
		t.Errorf("the index still knows what the trail does not: %v", idsOf(page))
	}
}

// The index can be lost: it is built anew from the log.
func TestIndexIsRebuilt(t *testing.T) {
	cfg := testConfig(t)
	cfg.SegmentSize = 4096
	tr := open(t, cfg)
	store := shelf{}
	for i := range 30 {
		record(t, tr, aRead())
		a := aCommit(t.Context(), fmt.Sprint("o", i))
		ticket := attest(t, tr, a)
		store.put(a)
		tr.Settle(ticket, nil)
	}
	before := found(t, tr, ask(t, tr, "date", "ge2020", "patient", "p1", "_count", "1000"))
	tr.Close()
	cfg.Engine = testConfig(t).Engine
	tr = open(t, cfg)
	after := found(t, tr, ask(t, tr, "date", "ge2020", "patient", "p1", "_count", "1000"))
	if len(before.Matches) != 60 || !slices.Equal(idsOf(before), idsOf(after)) {
		t.Errorf("%d events before, %d after", len(before.Matches), len(after.Matches))
	}
}

// What was tampered with keeps the trail from opening, and the report says what.
func TestR07TamperedTrailDoesNotOpen(t *testing.T) {
	cfg := testConfig(t)
	tr := open(t, cfg)
	record(t, tr, aRead(), aRead())
	tr.Close()
	tamper(t, cfg.Dir)
	var damage *ledger.DamageError
	if _, err := Open(cfg); !errors.As(err, &damage) {
		t.Errorf("Open = %v, want a DamageError", err)
	}
	report, err := Verify(t.Context(), cfg.Dir, nil)
	if err != nil || report.Code() != 2 {
		t.Errorf("Verify = %d, %v; want altered", report.Code(), err)
	}
}
