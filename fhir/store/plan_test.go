package store

import (
	"slices"
	"strings"
	"testing"

	tables "github.com/cordee-sante/cordee/fhir/r4"
	"github.com/cordee-sante/cordee/fhir/search"
)

// TestPostingIDs proves that no two parameters share a number in the index.
func TestPostingIDs(t *testing.T) {
	reg, err := search.New(search.Config{})
	if err != nil {
		t.Fatal(err)
	}
	names := map[uint32]string{}
	for _, typ := range tables.Types() {
		for _, p := range append(reg.Params(typ), search.ContainedParam(), &namedRelation, &contributorRelation) {
			id, name := postingID(typ, p), typ+"."+p.Code
			if other, taken := names[id]; taken {
				t.Errorf("%s and %s share %d", name, other, id)
			}
			names[id] = name
		}
	}
}

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
