package rest

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/cordee-sante/cordee/fhir"
)

// Error replies with the OperationOutcome for err: the one rendering edge of
// the FHIR API, which the guard's door and the adapters use too. The kind of a
// *fhir.Error gives the status (see Status); any other error becomes a bare 500
// whose only content is the request id, because its text may name a patient.
//
// The language is that of the request (Accept-Language). WWW-Authenticate, Allow
// and Retry-After are the caller's, who knows them; without, a 401, 429 or 503
// gets a plain one.
func Error(w http.ResponseWriter, r *http.Request, err error) {
	x := current(r.Context())
	e := asError(err)
	status := Status(e.Kind)
	if status >= http.StatusInternalServerError {
		report(x, status, e, err)
	}
	body := appendOutcome(make([]byte, 0, 1024), e.Issues, e.Kind, x.lang, x.id)
	h := w.Header()
	h["Content-Type"] = fhirJSON
	h["Content-Language"] = []string{string(x.lang)}
	h.Add("Vary", "Accept-Language")
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	for _, name := range []string{"Etag", "Last-Modified", "Location", "Content-Location", "Content-Disposition"} {
		delete(h, name) // of the answer that failed
	}
	switch status {
	case http.StatusUnauthorized:
		preset(h, "Www-Authenticate", "Bearer")
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		preset(h, "Retry-After", "2")
	}
	w.WriteHeader(status)
	w.Write(body)
}

func preset(h http.Header, name, value string) {
	if len(h[name]) == 0 {
		h[name] = []string{value}
	}
}

// asError returns the *fhir.Error that the client may see of err.
func asError(err error) *fhir.Error {
	var e *fhir.Error
	switch {
	case errors.As(err, &e) && e != nil && len(e.Issues) > 0 && e.Kind != fhir.Internal && Status(e.Kind) != http.StatusInternalServerError:
		return e
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fhir.Errorf(fhir.Unavailable, "rest", "rest.interrupted", fhir.CodeTransient, "",
			fhir.T("The request was broken off before it was completed.", "La requête a été interrompue avant d'aboutir."),
			fhir.T("Send it again; a change may have been made, so read before you repeat one.", "Renvoyez-la ; une modification a pu être faite, relisez donc avant d'en répéter une."))
	}
	return fhir.Errorf(fhir.Internal, "rest", "rest.internal", fhir.CodeException, "", internal.text, internal.hint)
}

// report tells the log of a failure on our side. The text of an error that is
// not ours may hold health data, so only its type is logged.
func report(x *exchange, status int, e *fhir.Error, cause error) {
	if x.log == nil {
		return
	}
	attrs := []slog.Attr{slog.String("request", x.id), slog.Int("status", status)}
	var own *fhir.Error
	if errors.As(cause, &own) && own != nil {
		attrs = append(attrs, slog.String("error", own.Error()))
	} else {
		attrs = append(attrs, slog.String("type", typeName(cause)), slog.String("id", e.Issues[0].ID))
	}
	x.log.LogAttrs(x, slog.LevelError, "request failed", attrs...)
}
