package auth

import (
	"context"
	"slices"

	"github.com/cordee-sante/cordee/fhir"
)

// Officers is the decision point in front of the trail: whoever holds
// RoleOfficer sees every AuditEvent, everybody else none, and nobody writes.
var Officers Decider = officers{}

type officers struct{}

func (officers) View(_ context.Context, p Principal, typ string) (fhir.View, error) {
	if typ != "AuditEvent" || !p.Is(RoleOfficer) {
		return nil, fhir.Errorf(fhir.Forbidden, "auth.Officers.View", "auth.officers-only", fhir.CodeForbidden, "",
			fhir.T("Only an officer may read the audit trail.", "Seul un responsable habilité peut lire la trace d'audit."),
			fhir.T("Use a client registered with the role officer.", "Utilisez un client enregistré avec le rôle officer."))
	}
	return trailView{}, nil
}

// Write refuses: the trail is written by the gateway alone.
func (officers) Write(context.Context, Principal, fhir.Snapshot, *fhir.Resource, *fhir.Resource) (Reason, error) {
	return Reason{}, fhir.Errorf(fhir.NotAllowed, "auth.Officers.Write", "auth.trail-read-only", fhir.CodeNotSupported, "",
		fhir.T("The audit trail cannot be changed.", "La trace d'audit ne peut pas être modifiée."),
		fhir.T("AuditEvents are read and searched only.", "Les AuditEvents se lisent et se recherchent uniquement."))
}

// trailView is the whole trail.
type trailView struct{}

func (trailView) Sees(_ context.Context, _ fhir.Snapshot, facts []fhir.Facts) ([]bool, error) {
	answers := slices.Repeat([]bool{true}, len(facts))
	for i := range facts {
		answers[i] = facts[i].Key.Type == "AuditEvent"
	}
	return answers, nil
}

func (trailView) Fingerprint() []byte { return []byte("auth.Officers") }

func (trailView) Explain(context.Context, fhir.Snapshot, fhir.Facts) Reason {
	return Reason{Rule: "auth.officer", Text: fhir.T("A security officer reads the trail.", "Un responsable habilité consulte la trace.")}
}
