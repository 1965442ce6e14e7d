package storetest

import (
	"context"
	"slices"

	"github.com/cordee-sante/cordee/fhir"
)

// Everything is the view of a caller who may see all there is.
var Everything fhir.View = hiding("")

// Hiding returns a view of everything that does not carry the label in
// meta.security.
func Hiding(label string) fhir.View { return hiding(label) }

type hiding string

func (h hiding) Sees(_ context.Context, _ fhir.Snapshot, facts []fhir.Facts) ([]bool, error) {
	visible := make([]bool, len(facts))
	for i, f := range facts {
		visible[i] = h == "" || !slices.Contains(f.Labels, string(h))
	}
	return visible, nil
}

func (h hiding) Fingerprint() []byte { return []byte("hiding " + h) }

// Alike implements fhir.Grouping.
func (h hiding) Alike(_ context.Context, _ fhir.Snapshot, facts []fhir.Facts) ([]bool, error) {
	alike := make([]bool, len(facts))
	for i := range alike {
		alike[i] = true
	}
	return alike, nil
}

// inside is a view of what lies in the compartment of one patient.
type inside string

func (p inside) Sees(_ context.Context, _ fhir.Snapshot, facts []fhir.Facts) ([]bool, error) {
	visible := make([]bool, len(facts))
	for i, f := range facts {
		visible[i] = slices.Contains(f.Patients, string(p))
	}
	return visible, nil
}

func (p inside) Fingerprint() []byte { return []byte("inside " + p) }
