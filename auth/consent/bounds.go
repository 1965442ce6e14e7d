package consent

import (
	"context"
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
)

var _ fhir.Bounding = (*view)(nil)

// Bounds implements fhir.Bounding by what each rule that opens a record asks
// for at least (docs/adr/0016): own-contribution the contributor; subject,
// representative and break-glass one patient; care-team and permitted a CareTeam
// or Consent of the patient that names the identity, or a Group or function that
// stands for it. Everything else that decides closes, and is left to Sees. What
// a rule opens without any of these (the directory) has no bounds.
func (v *view) Bounds(ctx context.Context, snap fhir.Snapshot, typ string) (*fhir.Bounds, error) {
	kind := classes[typ]
	switch {
	case v.officer && kind == trail, kind == directory, kind == knowledge:
		return nil, nil
	case v.officer, kind == trail:
		return &fhir.Bounds{}, nil
	}
	id, err := v.point.identify(ctx, snap, &v.who)
	if err != nil {
		return nil, err
	}
	switch {
	case id.barred != "":
		return &fhir.Bounds{}, nil
	case id.kind == auth.KindPatient:
		return boundTo(id.patient), nil
	case id.kind == auth.KindRepresentative:
		return boundTo(id.represented()), nil
	}
	b := &fhir.Bounds{}
	if id.purpose == auth.PurposeBreakTheGlass {
		b = boundTo(id.patient)
	} else if b.Named, err = id.names(ctx, snap); err != nil || b.Named == nil {
		return nil, err
	}
	b.Contributors = []string{id.organization}
	return b, nil
}

// boundTo bounds a view to one patient, or to nothing.
func boundTo(patient string) *fhir.Bounds {
	if patient == "" {
		return &fhir.Bounds{}
	}
	return &fhir.Bounds{Patients: []string{patient}}
}

// represented is the patient whom a representative may represent; empty for
// nobody.
func (id *identity) represented() string {
	if id.relative == nil {
		return ""
	}
	patient, ok := strings.CutPrefix(id.relative.patient, "Patient/")
	if !ok {
		return ""
	}
	return patient
}

// names are the targets by which a CareTeam or Consent can name the identity
// (inquiry.matches): itself, those it stands in for, the functions that it may
// hold, and the Groups of any of these. Nil when they cannot be told.
func (id *identity) names(ctx context.Context, snap fhir.Snapshot) ([]string, error) {
	list := slices.DeleteFunc(append([]string{id.organization, id.practitioner, id.role}, id.behalf...), func(t string) bool { return t == "" })
	naming, ok := snap.(fhir.Naming)
	if !ok {
		return nil, nil
	}
	if id.role == "" && id.practitioner != "" {
		functions, ok, err := naming.Naming(ctx, "PractitionerRole", []string{id.practitioner})
		if err != nil || !ok {
			return nil, err
		}
		list = append(list, functions...)
	}
	groups, ok, err := naming.Naming(ctx, "Group", list)
	if err != nil || !ok {
		return nil, err
	}
	list = append(list, groups...)
	slices.Sort(list)
	return slices.Compact(list), nil
}
