package oauth

import (
	"context"
	"net/http"

	"github.com/go-json-experiment/json"

	"github.com/cordee-sante/cordee/auth/audit"
	"github.com/cordee-sante/cordee/fhir/kv"
)

// RevokePath is where the revocation endpoint lies under the issuer.
const RevokePath = "/oauth/revoke"

// A revocation is one request to the revocation endpoint, and what the trail is
// told of it.
type revocation struct {
	formRequest
	found *session // what the token stood for; nil for nothing
}

// revoke is the revocation endpoint (RFC 7009). The token opens nothing from then
// on; one that breaks the glass ends the session, with all of its tokens. What is
// no token, or none any more, is answered like one that was.
func (s *Server) revoke(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	var t revocation
	s.outcome(r, &t.formRequest, s.withdraw(ctx, w, r, &t))
	record := s.recordOf(ctx, w, r, &t.formRequest, t.found)
	record.Interaction = audit.InteractionLogout
	if err := s.trail.Record(ctx, record); err != nil {
		t.refused = unavailable(err)
	}
	if t.refused != nil {
		s.refuse(ctx, w, r, t.refused)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
}

// withdraw authenticates the client as the token endpoint does, and takes its
// token back.
func (s *Server) withdraw(ctx context.Context, w http.ResponseWriter, r *http.Request, t *revocation) error {
	if err := s.receive(w, r, &t.formRequest); err != nil {
		return err
	}
	client, err := s.authenticate(ctx, r, t.form)
	if err != nil {
		return err
	}
	if g, ok := client.(*grantee); ok {
		t.client = &g.Client
	}
	token := t.form.Get("token")
	switch {
	case t.client == nil:
		return unavailable(nil)
	case token == "":
		return invalidRequest("oauth.revoke-token", "token is missing.")
	case len(token) > maxToken || s.hmac.Validate(ctx, token) != nil:
		return nil // RFC 7009 section 2.2: what is invalid needs no revoking
	}
	signature := s.hmac.Signature(token)
	found, _, err := s.lookup(ctx, signature)
	switch {
	case err != nil:
		return unavailable(err)
	case found == nil:
		return nil
	case found.Client != t.client.ID:
		return &refusal{status: http.StatusBadRequest, code: "unauthorized_client", rule: "oauth.revoke-other", description: "The token was issued to another client."}
	}
	t.found = found
	return s.takeBack(ctx, signature, found)
}

// takeBack makes the end of a token, and of the break-glass session that it
// belongs to, durable before anybody is told of it.
func (s *Server) takeBack(ctx context.Context, signature string, of *session) error {
	var ended *override
	err := s.engine.Update(ctx, func(w kv.Writer) error {
		ended = nil
		if of.Emergency.ID != "" {
			o, err := getOverride(ctx, w, of)
			if err != nil {
				return err
			}
			if o != nil && o.ID == of.Emergency.ID && o.Ended.IsZero() {
				o.Ended = s.clock().UTC()
				if ended = o; o.Session.Client == "" { // of a release that did not keep who
					o.Session = *of
				}
				value, err := json.Marshal(o)
				if err != nil {
					return err
				}
				if err := w.Put(emergencyKey(of), value); err != nil {
					return err
				}
			}
		}
		return w.Delete(tokenKey(signature))
	})
	if err != nil {
		return unavailable(err)
	}
	s.clients.revocations.Add(1)
	if ended != nil {
		if err := s.endEmergency(ctx, ended); err != nil { // Run will tell of it
			return unavailable(err)
		}
	}
	return nil
}

// getOverride reads the break-glass session of a person, client and patient; nil
// when there was none.
func getOverride(ctx context.Context, r kv.Reader, of *session) (*override, error) {
	values, err := r.Get(ctx, emergencyKey(of))
	if err != nil || values[0] == nil {
		return nil, err
	}
	var o override
	if err := json.Unmarshal(values[0], &o); err != nil {
		return nil, err
	}
	return &o, nil
}
