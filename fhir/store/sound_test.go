package store_test

import (
	"context"
	"testing"

	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/search"
	"github.com/cordee-sante/cordee/fhir/store"
)

// sound insists that the index says what the bodies say, and nothing else.
func sound(t testing.TB, e kv.Engine, reg *search.Registry) {
	t.Helper()
	report, err := store.Check(context.Background(), store.CheckConfig{Engine: e, Registry: reg})
	if err != nil {
		t.Error("check:", err)
	}
	for _, f := range report.Findings {
		t.Errorf("check: %d of %s %s: %v", f.Count, f.Part, f.Fault, f.Examples)
	}
}
