package store_test

import (
	"context"

	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/search"
	"github.com/cordee-sante/cordee/fhir/store"
)

// sound insists that the index says what the bodies say, and nothing else.
func sound(t fatal, e kv.Engine, reg *search.Registry) {
	report, err := store.Check(context.Background(), store.CheckConfig{Engine: e, Registry: reg})
	if err != nil {
		t.Errorf("check: %v", err)
	}
	for _, f := range report.Findings {
		t.Errorf("check: %d of %s %s: %v", f.Count, f.Part, f.Fault, f.Examples)
	}
}

// fatal is what a test and a property have in common.
type fatal interface {
	Errorf(format string, args ...any)
}
