package oauth

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/go-json-experiment/json"
)

// TokenPath is where the token endpoint lies under the issuer.
const TokenPath = "/oauth/token"

// A tokenRequest is one request to the token endpoint on its way to an answer,
// and what the trail is told of it.
type tokenRequest struct {
	formRequest
	session session
	token   string
}

// token is the token endpoint (RFC 6749 §3.2). Whatever the answer is, no byte
// of it leaves before its record is durable (IUA ITI-71).
func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	var t tokenRequest
	s.outcome(r, &t.formRequest, s.grant(ctx, w, r, &t))
	if err := s.record(ctx, w, r, &t); err != nil {
		t.refused = unavailable(err)
		s.forgetEmergency(ctx, &t.session)
	}
	if t.refused != nil {
		s.refuse(ctx, w, r, t.refused)
		return
	}
	writeJSON(w, http.StatusOK, struct {
		Token   string `json:"access_token"`
		Type    string `json:"token_type"`
		Expires int    `json:"expires_in"`
		Scope   string `json:"scope"`
	}{t.token, "Bearer", int(t.session.Expires.Sub(s.clock()).Round(time.Second).Seconds()), t.session.Scopes.String()})
}

// grant does everything up to the token, which it leaves in t.
func (s *Server) grant(ctx context.Context, w http.ResponseWriter, r *http.Request, t *tokenRequest) error {
	if err := s.receive(w, r, &t.formRequest); err != nil {
		return err
	}
	switch t.form.Get("grant_type") {
	case clientCredentials:
	case "":
		return invalidRequest("oauth.grant-type", "grant_type is missing.")
	default:
		return &refusal{status: http.StatusBadRequest, code: "unsupported_grant_type", rule: "oauth.grant-type",
			description: "The only grant_type is client_credentials."}
	}
	request, err := s.provider.NewAccessRequest(ctx, r, &t.session)
	if request != nil {
		if client, ok := request.GetClient().(*grantee); ok {
			t.client = &client.Client
		}
	}
	if err != nil {
		return err
	}
	response, err := s.provider.NewAccessResponse(ctx, request)
	if err != nil {
		return err
	}
	t.token = response.GetAccessToken()
	return nil
}

// claimedClient returns the client id that the request names, empty unless it
// is shaped like one.
func claimedClient(form url.Values) string {
	id := form.Get("client_id")
	if parts := strings.Split(form.Get("client_assertion"), "."); len(parts) == 3 && len(parts[1]) < maxAssertion {
		var claims struct {
			Issuer string `json:"iss"`
		}
		if decodePart(parts[1], &claims) {
			id = claims.Issuer
		}
	}
	if !fhir.ValidID(id) {
		return ""
	}
	return id
}

// refuse writes an error response. Faults are logged with their cause, which
// the client does not get.
func (s *Server) refuse(ctx context.Context, w http.ResponseWriter, r *http.Request, refused *refusal) {
	if refused.status >= 500 {
		s.log.ErrorContext(ctx, "token request failed", "rule", refused.rule, "error", refused.err)
	}
	if refused.retryAfter != "" {
		w.Header().Set("Retry-After", refused.retryAfter)
	}
	if refused.status == http.StatusUnauthorized && r.Header.Get("Authorization") != "" {
		// RFC 6749 §5.2 wants the scheme that the client used; we have none.
		w.Header().Set("WWW-Authenticate", `Basic realm="client_assertion is the only way", error="invalid_client"`)
	}
	writeJSON(w, refused.status, struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}{refused.code, refused.description})
}

// writeJSON writes an answer that nobody may keep (RFC 6749 §5.1).
func writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte(`{"error":"server_error"}`)
	}
	h := w.Header()
	h.Set("Content-Type", "application/json;charset=UTF-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Pragma", "no-cache")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	w.Write(body)
}
