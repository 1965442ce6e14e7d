package rest

import (
	"net/http"

	"github.com/cordee-sante/cordee/fhir"
)

// commit makes one change and answers with its result: the statuses and headers
// of create and update (R4 http.html#create, #update), and the body that Prefer
// asks for.
func (s *Server) commit(w http.ResponseWriter, r *http.Request, change fhir.Change, out *output) error {
	results, err := s.repo(change.Key.Type).Commit(r.Context(), []fhir.Change{change})
	if err != nil {
		return err
	}
	res := &results[0]
	h := w.Header()
	stamp(w, res)
	status := statusOf(change.Method, res.Effect)
	switch status {
	case http.StatusCreated:
		h["Location"] = []string{s.base + "/" + res.Key.String()}
	case http.StatusOK:
		if res.ID != "" && res.Effect != fhir.Deleted {
			h["Content-Location"] = []string{s.base + "/" + res.Key.String()}
		}
	}
	p := prefer(r.Header)
	switch {
	case p.returns == "OperationOutcome":
		if status == http.StatusNoContent {
			status = http.StatusOK
		}
		x := current(r.Context())
		h["Content-Language"] = []string{string(x.lang)}
		return out.send(w, status, appendOutcome(nil, []fhir.Issue{done(res.Effect)}, 0, x.lang, x.id))
	case status == http.StatusNoContent, p.returns == "minimal", res.Body == nil:
		// a writer that may not read gets no body back either (A04)
		w.WriteHeader(status)
		return nil
	}
	return s.sendResource(w, status, res, out)
}

// statusOf is the status for what a change did.
func statusOf(m fhir.Method, e fhir.Effect) int {
	switch {
	case m == fhir.Delete:
		return http.StatusNoContent
	case e == fhir.Created:
		return http.StatusCreated
	}
	return http.StatusOK
}

// done is the issue that says what a change did.
func done(e fhir.Effect) fhir.Issue {
	i := fhir.Issue{Severity: fhir.SeverityInformation, Code: fhir.CodeInformational}
	switch e {
	case fhir.Created:
		i.ID, i.Text = "rest.created", fhir.T("The resource was created.", "La ressource a été créée.")
	case fhir.Updated:
		i.ID, i.Text = "rest.updated", fhir.T("The resource was updated.", "La ressource a été mise à jour.")
	case fhir.Deleted:
		i.ID, i.Text = "rest.deleted", fhir.T("The resource was deleted.", "La ressource a été supprimée.")
	default:
		i.ID, i.Text = "rest.unchanged", fhir.T("Nothing had to be changed.", "Il n'y avait rien à modifier.")
	}
	i.Hint = fhir.T("The headers name the version.", "Les en-têtes indiquent la version.")
	return i
}
