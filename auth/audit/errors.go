package audit

import (
	"errors"
	"fmt"
	"strings"

	"github.com/cordee-sante/cordee/auth/audit/ledger"
	"github.com/cordee-sante/cordee/fhir"
)

// unavailable is the answer when the trail cannot be written: 503, and nothing
// is disclosed or changed.
func unavailable(op string, err error) *fhir.Error {
	if errors.Is(err, ledger.ErrTooBig) {
		return fhir.Errorf(fhir.TooLarge, op, "trail.too-large", fhir.CodeTooLong, "",
			fhir.T("The request concerns more than one audit record can hold.", "La requête concerne plus que ce qu'un enregistrement d'audit peut contenir."),
			fhir.T("Send it in several smaller requests.", "Envoyez-la en plusieurs requêtes plus petites.")).Wrap(err)
	}
	return fhir.Errorf(fhir.Unavailable, op, "trail.unavailable", fhir.CodeTransient, "",
		fhir.T("The audit trail cannot be written. Nothing was disclosed or changed.",
			"La trace d'audit ne peut être écrite. Rien n'a été divulgué ni modifié."),
		fhir.T("Try again later. The operator finds the cause in the log of the gateway.",
			"Réessayez plus tard. L'exploitant trouve la cause dans le journal de la passerelle.")).Wrap(err)
}

// damaged is the answer when a record cannot be read back as it was written.
func damaged(op string, err error) *fhir.Error {
	return fhir.Errorf(fhir.Internal, op, "trail.damaged", fhir.CodeException, "",
		fhir.T("A record of the audit trail cannot be read.", "Un enregistrement de la trace d'audit ne peut être lu."),
		fhir.T("Have the trail verified: the report names the record.", "Faites vérifier la trace : le rapport nomme l'enregistrement.")).Wrap(err)
}

// A LostError says that the store has lost changes that it had acknowledged:
// the trail says that they took effect, and they are not there. The gateway
// must not serve.
type LostError struct {
	Missing []fhir.Key // with their versions
}

// Error names every key and version.
func (e *LostError) Error() string {
	names := make([]string, len(e.Missing))
	for i, k := range e.Missing {
		names[i] = k.String()
	}
	return fmt.Sprintf("audit: the store has lost %d acknowledged changes: %s", len(names), strings.Join(names, ", "))
}

// A BehindError says that the trail is older than what knows of it: it was put
// back to an earlier state, or its folder was lost.
type BehindError struct {
	Who     string // "the store" or "the index"
	Reached uint64 // a number that the trail must have reached for it
	Records uint64 // that the trail has
}

// Error says how far the trail is behind.
func (e *BehindError) Error() string {
	return fmt.Sprintf("audit: %s has seen record %d of the trail, which ends after %d records: it is older than what it watches over", e.Who, e.Reached, e.Records)
}

// errNoDate is the answer to a search without a date (IHE ITI-81: date is
// required, so that no question is about everything).
func errNoDate() error {
	return fhir.Errorf(fhir.Malformed, "audit.Search", "trail.date-required", fhir.CodeRequired, "http.date",
		fhir.T("A search for AuditEvents needs a date.", "Une recherche d'AuditEvent exige une date."),
		fhir.T("Add date, such as date=ge2026-11-01, or date=ge2026-11-01&date=lt2026-12-01 (IHE ITI-81).",
			"Ajoutez date, par exemple date=ge2026-11-01, ou date=ge2026-11-01&date=lt2026-12-01 (IHE ITI-81)."))
}

// errNoView refuses a search that nobody has judged.
func errNoView() error {
	return fhir.Errorf(fhir.Forbidden, "audit.Search", "trail.no-view", fhir.CodeForbidden, "",
		fhir.T("The trail is not open to this caller.", "La trace n'est pas ouverte à cet appelant."),
		fhir.T("AuditEvents are read with a token of a security or data protection officer.",
			"Les AuditEvent se lisent avec un jeton de responsable de la sécurité ou de délégué à la protection des données."))
}

func errUnsupported(id, at string, text, hint fhir.Text) error {
	return fhir.Errorf(fhir.Malformed, "audit.Search", id, fhir.CodeNotSupported, at, text, hint)
}

func errNotFound() error {
	return fhir.Errorf(fhir.NotFound, "audit.Read", "trail.not-found", fhir.CodeNotFound, "",
		fhir.T("There is no such AuditEvent.", "Cet AuditEvent n'existe pas."),
		fhir.T("Take the id from a search.", "Reprenez l'identifiant d'une recherche."))
}

// errReadOnly refuses to write AuditEvents or to list their versions: 405.
func errReadOnly(op string) error {
	return fhir.Errorf(fhir.NotAllowed, op, "trail.read-only", fhir.CodeNotSupported, "",
		fhir.T("AuditEvents can only be read and searched.", "Les AuditEvent ne peuvent être que lus et cherchés."),
		fhir.T("The gateway records what happens by itself; nothing is added, changed or deleted here.",
			"La passerelle enregistre elle-même ce qui se passe ; rien n'est ajouté, modifié ou supprimé ici."))
}

// behindIssue warns that the newest events may be missing from a page.
func behindIssue() fhir.Issue {
	return fhir.Issue{ID: "trail.index-behind", Severity: fhir.SeverityWarning, Code: fhir.CodeIncomplete,
		Text: fhir.T("The newest events may be missing: the search index is still following.",
			"Les événements les plus récents peuvent manquer : l'index de recherche n'a pas encore suivi."),
		Hint: fhir.T("Search again in a moment.", "Relancez la recherche dans un instant.")}
}

// errFilter refuses conditions that only the store evaluates.
func errFilter() error {
	return fhir.Errorf(fhir.Malformed, "audit.Search", "trail.filter", fhir.CodeNotSupported, "http._filter",
		fhir.T("AuditEvents are not searched by _filter, _text or _content.", "Les AuditEvent ne s'interrogent pas par _filter, _text ou _content."),
		fhir.T("Use the parameters of AuditEvent.", "Utilisez les paramètres d'AuditEvent."))
}
