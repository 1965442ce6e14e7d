package store_test

import (
	"sync/atomic"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/kv/badger"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
	"github.com/cordee-sante/cordee/fhir/search"
	"github.com/cordee-sante/cordee/fhir/store"
	"github.com/cordee-sante/cordee/fhir/storetest"
)

// witness attests everything, as a trail does that never fails.
type witness struct{ ticket atomic.Uint64 }

func (w *witness) Attest([]fhir.Attestation) (uint64, error) { return w.ticket.Add(1), nil }
func (w *witness) Settle(uint64, error)                      {}

func valid(*fhirjson.Doc) []fhir.Issue { return nil }

func open(t testing.TB, e kv.Engine, reg *search.Registry) *store.Store {
	t.Helper()
	s, err := store.Open(store.Config{Engine: e, Registry: reg, Validate: valid, Witness: &witness{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Close()
		if _, isTest := t.(*testing.T); isTest {
			sound(t, e, reg)
		}
		e.Close()
	})
	return s
}

func TestContractOnMemory(t *testing.T) {
	storetest.Run(t, func(t testing.TB, reg *search.Registry) fhir.Repository {
		return open(t, memory.Open(), reg)
	})
}

func TestContractOnBadger(t *testing.T) {
	storetest.Run(t, func(t testing.TB, reg *search.Registry) fhir.Repository {
		e, err := badger.Open(badger.Config{Dir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		return open(t, e, reg)
	})
}
