package storetest_test

import (
	"context"
	"testing"

	"pgregory.net/rapid"

	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/kv/badger"
	"github.com/cordee-sante/cordee/fhir/search"
	"github.com/cordee-sante/cordee/fhir/store"
)

func sound(t fatal, e kv.Engine, reg *search.Registry) {
	report, err := store.Check(context.Background(), store.CheckConfig{Engine: e, Registry: reg})
	if err != nil || !report.Sound() {
		t.Errorf("check: %+v, %v", report.Findings, err)
	}
}

// TestIndexStaysSoundOnBadger writes over and deletes the same few resources on
// one engine on disk, many times, and checks the whole of it after each round.
func TestIndexStaysSoundOnBadger(t *testing.T) {
	e, err := badger.Open(badger.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	srv := newServer(t, "Europe/Paris")
	s, err := store.Open(store.Config{Engine: e, Registry: srv.reg, Validate: valid, Witness: &witness{}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	rapid.Check(t, func(t *rapid.T) {
		fill(t, s, types, 1)
		sound(t, e, srv.reg)
	})
}
