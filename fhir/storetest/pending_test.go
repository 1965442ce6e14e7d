package storetest_test

import (
	"flag"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
	"github.com/cordee-sante/cordee/fhir/search"
	"github.com/cordee-sante/cordee/fhir/store"
	"github.com/cordee-sante/cordee/fhir/storetest"
)

// TestPending reports what R4 demands and the store does not do yet: it fails
// for each case of testdata/pending.txt. It runs when it is asked for by name.
func TestPending(t *testing.T) {
	if run := flag.Lookup("test.run"); run == nil || !strings.Contains(run.Value.String(), "Pending") {
		t.Skip("testdata/pending.txt holds cases that fail; go test ./fhir/storetest -run TestPending shows them")
	}
	storetest.Pending(t, func(t testing.TB, reg *search.Registry) fhir.Repository { return open(t, reg) })
}

// open opens an empty store in memory.
func open(t testing.TB, reg *search.Registry) *store.Store {
	e := memory.Open()
	s, err := store.Open(store.Config{Engine: e, Registry: reg, Validate: valid, Witness: &witness{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close(); sound(t, e, reg) })
	return s
}

// witness attests everything, as a trail does that never fails.
type witness struct{ ticket atomic.Uint64 }

func (w *witness) Attest([]fhir.Attestation) (uint64, error) { return w.ticket.Add(1), nil }
func (w *witness) Settle(uint64, error)                      {}

func valid(*fhirjson.Doc) []fhir.Issue { return nil }
