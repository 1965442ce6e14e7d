package store

import (
	"slices"
	"strings"
	"testing"

	tables "github.com/cordee-sante/cordee/fhir/r4"
)

// TestPatientParameter proves what execution.patientsOf relies on: on every
// type of the Patient compartment, whoever the parameter "patient" finds lies
// in that patient's compartment, because it is a parameter of the compartment
// or one of them narrowed to patients.
func TestPatientParameter(t *testing.T) {
	expressions := map[string]map[string]string{}
	for _, p := range tables.Params() {
		if expressions[p.Base] == nil {
			expressions[p.Base] = map[string]string{}
		}
		expressions[p.Base][p.Code] = p.Expression
	}
	for typ, codes := range tables.Compartment("Patient") {
		expression, has := expressions[typ]["patient"]
		if !has || slices.Contains(codes, "patient") {
			continue
		}
		path := strings.TrimSuffix(expression, ".where(resolve() is Patient)")
		narrowed := slices.ContainsFunc(codes, func(code string) bool { return expressions[typ][code] == path })
		if !narrowed {
			t.Errorf("%s.patient = %s is none of %v narrowed to patients", typ, expression, codes)
		}
	}
}
