package auth

import (
	"errors"

	"github.com/cordee-sante/cordee/fhir"
)

// errAbsent is the answer for a resource that does not exist and for one that
// is withheld: the same value, so that they cannot be told apart (A05, A13).
func errAbsent(typ string) error {
	return fhir.Errorf(fhir.NotFound, opEnter, "resource.not-found", fhir.CodeNotFound, "",
		fhir.T("There is no such %s, or none that you may see.", "Cette ressource %s n'existe pas, ou vous ne pouvez pas la voir.", typ),
		fhir.T("Check the id and the version. Access follows the care team and the patient's consent.",
			"Vérifiez l'identifiant et la version. L'accès dépend de l'équipe de soins et du consentement du patient."))
}

// errScope refuses what the token does not reach, before anything is looked up
// (A03, A04).
func errScope(op, typ string, perm byte) error {
	if typ == "" {
		typ = "*"
	}
	return fhir.Errorf(fhir.Forbidden, op, "auth.scope-missing", fhir.CodeForbidden, "http.Authorization",
		fhir.T("The token does not allow this interaction on %s.", "Le jeton n'autorise pas cette interaction sur %s.", typ),
		fhir.T("Ask for a token with the scope system/%s.%c, if the client is registered for it.",
			"Demandez un jeton avec le scope system/%s.%c, si le client y est habilité.", typ, perm))
}

// errNobody refuses a request that reached the guard without a principal.
func errNobody(op string) error {
	return fhir.Errorf(fhir.Unauthenticated, op, "auth.no-principal", fhir.CodeLogin, "http.Authorization",
		fhir.T("Nobody is authenticated.", "Aucune authentification."),
		fhir.T("Send an access token: Authorization: Bearer …", "Envoyez un jeton d'accès\u00a0: Authorization: Bearer …"))
}

// errStanding refuses a principal without client, organisation or purpose of
// use (A25).
func errStanding(op string) error {
	return fhir.Errorf(fhir.Forbidden, op, "auth.no-purpose", fhir.CodeForbidden, "http.Authorization",
		fhir.T("The token names no client, no organisation or no purpose of use.", "Le jeton n'indique ni client, ni organisation, ou aucune finalité d'usage."),
		fhir.T("Have the client registered with an organisation and a purpose of use.",
			"Faites enregistrer le client avec une organisation et une finalité d'usage."))
}

// errWriteRefused refuses a write outside the compartment of the token. It says no
// more than any other refusal to write.
func errWriteRefused(op string) error {
	return fhir.Errorf(fhir.Forbidden, op, "auth.write-refused", fhir.CodeForbidden, "",
		fhir.T("You may not write this resource.", "Vous ne pouvez pas écrire cette ressource."),
		fhir.T("Create a resource without choosing its id, or ask the patient's care team.",
			"Créez une ressource sans en choisir l'identifiant, ou adressez-vous à l'équipe de soins du patient."))
}

// errUnnoticed refuses a break-glass of which the patient cannot be told.
func errUnnoticed(err error) error {
	return fhir.Errorf(fhir.Unavailable, opEnter, "auth.notice-unavailable", fhir.CodeTransient, "",
		fhir.T("The patient cannot be told of the emergency access, so it is not given.", "Le patient ne peut pas être averti de l'accès en urgence, qui n'est donc pas accordé."),
		fhir.T("Try again; if it lasts, tell the operator.", "Réessayez\u00a0; si cela dure, prévenez l'exploitant.")).Wrap(err)
}

// errUnrecorded is the answer when the trail cannot be written: nothing is
// disclosed. A request about more than one record can hold is told so.
func errUnrecorded(op string, err error) error {
	if fhir.KindOf(err) == fhir.TooLarge {
		return err
	}
	return fhir.Errorf(fhir.Unavailable, op, "auth.trail-unavailable", fhir.CodeTransient, "",
		fhir.T("The audit trail cannot be written, so the request is not answered.", "La trace d'audit ne peut pas être écrite, la requête reste donc sans réponse."),
		fhir.T("Try again; if it lasts, tell the operator.", "Réessayez\u00a0; si cela dure, prévenez l'exploitant.")).Wrap(err)
}

// broken reports that the gateway contradicts itself. The answer is a 500 that
// says nothing; rule names for the log what does not hold.
func broken(op, rule string, err error) error {
	return fhir.Errorf(fhir.Internal, op, "auth.internal", fhir.CodeException, "",
		fhir.T("The gateway refused its own answer.", "La passerelle a refusé sa propre réponse."),
		fhir.T("Report it to the operator with the id of the request.", "Signalez-le à l'exploitant avec l'identifiant de la requête.")).
		Wrap(errors.Join(errors.New("auth: "+rule), err))
}
