package auth

import (
	"context"
	"slices"

	"github.com/cordee-sante/cordee/auth/audit"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// Inquire lets those who answer for a patient's record ask how it stands with
// it, by an operation of that name: the patient, and who represents them; the
// custodian, which is the organisation that manages the Patient or contributed
// it; and officers, who see no record otherwise. For everybody else the patient
// is absent. answer is asked when the caller may know, and what it returns is
// given when the record of the question is durable.
func (g *Guard) Inquire(ctx context.Context, operation, patient string, answer func(context.Context, Principal) error) error {
	key := fhir.Key{Type: "Patient", ID: patient}
	record := audit.Record{Interaction: audit.InteractionOperation, Operation: operation, Type: "Patient",
		Query: audit.Query{Clean: key.String() + "/" + operation}, Patients: []string{patient}}
	e, err := g.begin(ctx, record)
	if err == nil {
		err = g.inquire(ctx, e, key, answer)
	}
	return g.leave(ctx, e, err)
}

func (g *Guard) inquire(ctx context.Context, e *entry, key fhir.Key, answer func(context.Context, Principal) error) (err error) {
	p := e.principal
	officer := p.Is(RoleOfficer) && p.Scopes.Allow("AuditEvent", 'r')
	if !officer && p.Reach("Patient", 'r') == ReachNone {
		return refuseScope(ctx, opEnter, "Patient", 'r')
	}
	if e.view, err = g.view(ctx, p, "Patient"); err != nil {
		return err
	}
	r, err := g.image(ctx, key)
	if err != nil {
		g.pretend(ctx, e, key.Type)
		if fhir.KindOf(err) == fhir.Gone {
			return errAbsent(key.Type)
		}
		return err
	}
	may := officer
	if !may {
		if may, err = g.answersFor(ctx, e, r); err != nil {
			return err
		}
	}
	if !may {
		e.withhold(ctx, g.Snapshot, r)
		g.miss(ctx, r.Key)
		return errAbsent(key.Type)
	}
	return answer(ctx, *p)
}

// answersFor reports whether the principal is the patient, represents them, or
// acts for the custodian.
func (g *Guard) answersFor(ctx context.Context, e *entry, r fhir.Resource) (bool, error) {
	p := e.principal
	switch {
	case p.emergency():
		return false, nil
	case p.Kind() != KindProfessional:
		return g.sees(ctx, e.view, &r) // patients see themselves and whom they represent
	}
	return custodian(&r, p.Organization), nil
}

// custodian reports whether the organisation manages the Patient or contributed
// it.
func custodian(r *fhir.Resource, organization string) bool {
	managing := ""
	if doc, err := fhirjson.Parse(r.Body); err == nil {
		managing = doc.Root().At("managingOrganization", "reference").Text()
	}
	return organization != "" && slices.Contains([]string{r.Facts.Contributor, managing}, organization)
}
