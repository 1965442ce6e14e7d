package auth

import (
	"context"

	"github.com/cordee-sante/cordee/fhir"
)

var _ fhir.Bounding = (*scopedView)(nil)

// Bounds implements fhir.Bounding: those of the inner view, less what the scopes
// do not reach. Scopes of patient/ reach the records of that patient, and those
// of nobody, which the inner bounds hold by who brought them in.
func (v *scopedView) Bounds(ctx context.Context, snap fhir.Snapshot, typ string) (*fhir.Bounds, error) {
	reach := max(v.principal.Reach(typ, 'r'), v.principal.Reach(typ, 's'))
	if reach == ReachNone {
		return &fhir.Bounds{}, nil
	}
	inner, ok := v.inner.(fhir.Bounding)
	if !ok {
		return nil, nil
	}
	b, err := inner.Bounds(ctx, snap, typ)
	if err != nil || b == nil || reach == ReachAll {
		return b, err
	}
	return &fhir.Bounds{Patients: []string{v.principal.Patient}, Contributors: b.Contributors}, nil
}
