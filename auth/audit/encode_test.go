package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/cordee-sante/cordee/auth/audit/ledger"
	"github.com/cordee-sante/cordee/fhir"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares with a file of testdata, or writes it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, got, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// aRead is a physician's read of one observation.
func aRead() Record {
	return Record{
		Start: time.Date(2026, 11, 21, 22, 0, 0, 100e6, time.UTC), Request: "req-7Q2", Trace: "4bf92f3577b34da6a3ce929d0e0e4736",
		Address: "192.0.2.7", Client: "app-1", ClientName: "Logiciel du cabinet", Agent: "Practitioner/dr", AgentID: "https://rpps.esante.gouv.fr|89990000001",
		AgentName: "Dr Test", Role: "PractitionerRole/dr-msp", Organization: "Organization/msp", Purpose: "TREAT", Token: "3f2",
		Interaction: InteractionRead, Type: "Observation", Rule: "consent.care-team", Policies: []string{"CareTeam/ct/_history/2"},
		Entries: []Entry{{Key: fhir.Key{Type: "Observation", ID: "o1", Version: "3"}, Hash: sha256.Sum256([]byte("{}")), Patients: []string{"p1"}}},
	}
}

func TestRecordWithoutInteractionIsRefused(t *testing.T) {
	if _, err := encode(Item{Kind: KindRequest}); err == nil {
		t.Error("a record without interaction was encoded")
	}
}

// The bytes are a promise to whoever writes a second verifier.
func TestEncodingIsFixed(t *testing.T) {
	b, err := encode(Item{Kind: KindRequest, Record: aRead()})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "read.record.hex", []byte(hex.Dump(b)))
	settled, _ := encode(Item{Kind: KindSettled, Ticket: 300, Reason: "kv.full"})
	golden(t, "settled.record.hex", []byte(hex.Dump(settled)))
}

func TestEncodeDecodeProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		it := anItem(t)
		b, err := encode(it)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Decode(ledger.Entry{Body: b})
		if err != nil {
			t.Fatalf("%v in %x", err, b)
		}
		if it.Kind == KindRequest || it.Kind == KindChange {
			it.Record = it.Record.normal()
		}
		if diff := cmp.Diff(it, got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
		if again, _ := encode(got); !bytes.Equal(again, b) {
			t.Fatalf("encoded again as %x, not %x", again, b)
		}
	})
}

func anItem(t *rapid.T) Item {
	it := Item{Kind: Kind(rapid.IntRange(1, 4).Draw(t, "kind")), Ticket: rapid.Uint64().Draw(t, "ticket"), Took: rapid.Bool().Draw(t, "took")}
	if it.Kind == KindSettled || it.Kind == KindClosed {
		it.Of, it.Reason = rapid.Uint64().Draw(t, "of"), rapid.String().Draw(t, "reason")
		return it
	}
	text := rapid.StringN(0, 8, 40)
	id := rapid.StringMatching(`[a-z0-9]{0,4}`)
	r := &it.Record
	for _, s := range texts(r) {
		*s = text.Draw(t, "text")
	}
	r.Interaction = Interaction(rapid.SampledFrom([]string{"read", "transaction", "other"}).Draw(t, "interaction"))
	r.Outcome = Outcome(rapid.SampledFrom([]int{0, 4, 8, 12}).Draw(t, "outcome"))
	r.Policies = rapid.SliceOfN(text, 0, 3).Draw(t, "policies")
	r.Patients = rapid.SliceOfN(id, 0, 4).Draw(t, "patients")
	r.Query = Query{text.Draw(t, "clean"), text.Draw(t, "raw")}
	if rapid.Bool().Draw(t, "started") {
		r.Start = time.UnixMilli(rapid.Int64Range(0, 1<<42).Draw(t, "start")).UTC()
	}
	for range rapid.IntRange(0, 3).Draw(t, "entries") {
		e := Entry{Key: fhir.Key{Type: text.Draw(t, "type"), ID: text.Draw(t, "id"), Version: text.Draw(t, "version")},
			Effect: fhir.Effect(rapid.IntRange(0, 4).Draw(t, "effect")), Patients: rapid.SliceOfN(id, 0, 3).Draw(t, "of")}
		if rapid.Bool().Draw(t, "hashed") {
			e.Hash = sha256.Sum256([]byte(e.Key.ID))
		}
		r.Entries = append(r.Entries, e)
	}
	return it
}

func FuzzDecode(f *testing.F) {
	read, _ := encode(Item{Kind: KindRequest, Record: aRead()})
	f.Add(read)
	change, _ := encode(Item{Kind: KindChange, Ticket: 7, Record: aRead()})
	f.Add(change)
	closed, _ := encode(Item{Kind: KindClosed, Of: 9, Ticket: 7, Took: true})
	f.Add(closed)
	f.Fuzz(func(t *testing.T, b []byte) {
		it, err := Decode(ledger.Entry{Body: b})
		if err != nil {
			return
		}
		if again, err := encode(it); err != nil || !bytes.Equal(again, b) {
			t.Errorf("%x is encoded again as %x (%v)", b, again, err)
		}
	})
}
