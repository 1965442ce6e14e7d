package rest

import (
	"net/http"

	"github.com/cordee-sante/cordee/fhir"
)

// kinds gives each kind of failure its HTTP status, the issue type of an error
// that names none, and what to say when nothing better is known (R4
// http.html#Status-Codes).
var kinds = [...]struct {
	status int
	code   fhir.IssueCode
	text   fhir.Text
	hint   fhir.Text
}{
	0:                        internal,
	fhir.Malformed:           {http.StatusBadRequest, fhir.CodeInvalid, fhir.T("The request cannot be understood.", "La requête ne peut pas être comprise."), see},
	fhir.Unauthenticated:     {http.StatusUnauthorized, fhir.CodeLogin, fhir.T("The request carries no valid access token.", "La requête ne porte pas de jeton d'accès valide."), fhir.T("Get an access token from the authorization server named in /metadata and send it as Authorization: Bearer.", "Obtenez un jeton auprès du serveur d'autorisation indiqué dans /metadata et envoyez-le dans Authorization : Bearer.")},
	fhir.Forbidden:           {http.StatusForbidden, fhir.CodeForbidden, fhir.T("This is not permitted.", "Ceci n'est pas autorisé."), see},
	fhir.NotFound:            {http.StatusNotFound, fhir.CodeNotFound, fhir.T("There is no such resource.", "Cette ressource n'existe pas."), fhir.T("Check type and id. What you may not see is answered in the same way.", "Vérifiez le type et l'identifiant. Ce que vous n'avez pas le droit de voir reçoit la même réponse.")},
	fhir.NotAllowed:          {http.StatusMethodNotAllowed, fhir.CodeNotSupported, fhir.T("This interaction is not offered here.", "Cette interaction n'est pas proposée ici."), fhir.T("The Allow header lists the methods that are.", "L'en-tête Allow énumère les méthodes possibles.")},
	fhir.NotAcceptable:       {http.StatusNotAcceptable, fhir.CodeNotSupported, fhir.T("No representation that you accept is available.", "Aucune représentation acceptée par vous n'est disponible."), see},
	fhir.Conflict:            {http.StatusConflict, fhir.CodeConflict, fhir.T("The request conflicts with the present state.", "La requête est en conflit avec l'état actuel."), fhir.T("Read the resource again and redo the change.", "Relisez la ressource et refaites la modification.")},
	fhir.Gone:                {http.StatusGone, fhir.CodeDeleted, fhir.T("The resource was deleted.", "La ressource a été supprimée."), fhir.T("Its history may still be read.", "Son historique peut encore être lu.")},
	fhir.PreconditionFailed:  {http.StatusPreconditionFailed, fhir.CodeConflict, fhir.T("A condition of the request does not hold.", "Une condition de la requête n'est pas remplie."), see},
	fhir.TooLarge:            {http.StatusRequestEntityTooLarge, fhir.CodeTooLong, fhir.T("The request is too large.", "La requête est trop volumineuse."), see},
	fhir.UnsupportedMedia:    {http.StatusUnsupportedMediaType, fhir.CodeNotSupported, fhir.T("The body is in a format that is not read here.", "Le corps est dans un format qui n'est pas lu ici."), see},
	fhir.Unprocessable:       {http.StatusUnprocessableEntity, fhir.CodeProcessing, fhir.T("The resource breaks the rules.", "La ressource enfreint les règles."), see},
	fhir.Throttled:           {http.StatusTooManyRequests, fhir.CodeThrottled, fhir.T("Too many requests.", "Trop de requêtes."), fhir.T("Wait for the time in Retry-After.", "Attendez le délai indiqué dans Retry-After.")},
	fhir.Internal:            internal,
	fhir.NotImplemented:      {http.StatusNotImplemented, fhir.CodeNotSupported, fhir.T("This is not implemented.", "Ceci n'est pas implémenté."), see},
	fhir.Unavailable:         {http.StatusServiceUnavailable, fhir.CodeTransient, fhir.T("The gateway cannot answer at present; nothing was disclosed or changed.", "La passerelle ne peut pas répondre pour l'instant ; rien n'a été divulgué ni modifié."), fhir.T("Try again after the time in Retry-After.", "Réessayez après le délai indiqué dans Retry-After.")},
	fhir.InsufficientStorage: {http.StatusInsufficientStorage, fhir.CodeNoStore, fhir.T("There is no room to write.", "Il n'y a plus de place pour écrire."), fhir.T("Tell the operator of the gateway; reading still works.", "Prévenez l'exploitant de la passerelle ; la lecture fonctionne toujours.")},
}

// internal says nothing: the cause may name a patient.
var internal = struct {
	status int
	code   fhir.IssueCode
	text   fhir.Text
	hint   fhir.Text
}{http.StatusInternalServerError, fhir.CodeException,
	fhir.T("The gateway failed; the request was not completed.", "La passerelle a échoué ; la requête n'a pas abouti."),
	fhir.T("Give the request id to the operator of the gateway.", "Communiquez l'identifiant de requête à l'exploitant de la passerelle.")}

var see = fhir.T("See the documentation of the interaction.", "Consultez la documentation de l'interaction.")

// Status returns the HTTP status of a kind of failure; 500 for one it does not
// know.
func Status(k fhir.Kind) int {
	if int(k) < len(kinds) {
		return kinds[k].status
	}
	return http.StatusInternalServerError
}
