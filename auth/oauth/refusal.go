package oauth

import (
	"errors"
	"net/http"
	"time"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/ory/fosite"
)

// A refusal is an error response of RFC 6749 §5.2. Its description is ASCII
// and English, as the RFC wants; it repeats nothing of the request and does not
// tell a client that does not exist from one whose key is wrong.
type refusal struct {
	status      int
	code        string // "invalid_client"
	rule        string // stable name for the trail: "oauth.assertion-replayed"
	description string
	retryAfter  string // seconds, for 429 and 503
	err         error  // for the log
}

func (r *refusal) Error() string {
	if r.err != nil {
		return r.rule + ": " + r.err.Error()
	}
	return r.rule
}

func (r *refusal) Unwrap() error { return r.err }

func invalidClient(rule, description string) *refusal {
	return &refusal{status: http.StatusUnauthorized, code: "invalid_client", rule: rule, description: description}
}

func invalidRequest(rule, description string) *refusal {
	return &refusal{status: http.StatusBadRequest, code: "invalid_request", rule: rule, description: description}
}

func invalidGrant(rule, description string) *refusal {
	return &refusal{status: http.StatusBadRequest, code: "invalid_grant", rule: rule, description: description}
}

func invalidScope(rule, description string) *refusal {
	return &refusal{status: http.StatusBadRequest, code: "invalid_scope", rule: rule, description: description}
}

func throttled(wait time.Duration) *refusal {
	return &refusal{status: http.StatusTooManyRequests, code: "temporarily_unavailable", rule: "oauth.throttled",
		description: "Too many failed requests. Wait before the next.", retryAfter: retryAfter(wait)}
}

// unavailable answers a fault of the store or the trail: nothing was decided
// about the client, so it is not told that it failed.
func unavailable(err error) *refusal {
	return &refusal{status: http.StatusServiceUnavailable, code: "temporarily_unavailable", rule: "oauth.fault",
		description: "The authorization server cannot answer now. Try again.", retryAfter: "1", err: err}
}

// refusalOf turns whatever stopped a token request into its answer. Errors of
// fosite keep their code and lose their text; others are faults.
func refusalOf(err error) *refusal {
	var own *refusal
	if errors.As(err, &own) {
		return own
	}
	var rfc *fosite.RFC6749Error
	if errors.As(err, &rfc) && rfc.CodeField >= 400 && rfc.CodeField < 500 {
		return &refusal{status: rfc.CodeField, code: rfc.ErrorField, rule: "oauth.refused", description: "The request was refused.", err: err}
	}
	var e *fhir.Error
	if errors.As(err, &e) && e.Kind == fhir.Unavailable {
		return unavailable(err)
	}
	return &refusal{status: http.StatusInternalServerError, code: "server_error", rule: "oauth.fault",
		description: "The authorization server failed.", err: err}
}
