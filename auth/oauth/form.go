package oauth

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/cordee-sante/cordee/auth/audit"
)

// maxForm bounds the body of a request to an endpoint.
const maxForm = 64 << 10

// A formRequest is one request to an endpoint at which clients authenticate by
// what a form holds, on its way to an answer.
type formRequest struct {
	form    url.Values
	claimed string  // client id that the request names, whether or not it is who asks
	client  *Client // once authenticated
	refused *refusal
}

// receive reads the form. Who failed too often has to wait.
func (s *Server) receive(w http.ResponseWriter, r *http.Request, q *formRequest) error {
	if err := parseForm(w, r); err != nil {
		return err
	}
	q.form, q.claimed = r.PostForm, claimedClient(r.PostForm)
	if wait := s.limits.wait(s.clock(), s.remoteAddr(r), q.claimed); wait > 0 {
		return throttled(wait)
	}
	return nil
}

// outcome notes what err, nil for none, means to the client, and counts a failure
// to authenticate.
func (s *Server) outcome(r *http.Request, q *formRequest, err error) {
	if err == nil {
		return
	}
	if q.refused = refusalOf(err); q.refused.status == http.StatusUnauthorized {
		s.limits.fail(s.clock(), s.remoteAddr(r), q.claimed)
	}
}

// recordOf is what the trail is told of a request: who asked, or says that it is
// who asked; for whom, where there is a session; and what came of it.
func (s *Server) recordOf(ctx context.Context, w http.ResponseWriter, r *http.Request, q *formRequest, of *session) audit.Record {
	record := audit.Record{Client: q.claimed}
	if q.client != nil {
		record.Client, record.ClientName, record.Organization = q.client.ID, q.client.Name, q.client.Organization
	}
	if q.refused != nil {
		record.Outcome, record.Reason = audit.MinorFailure, q.refused.rule
		if q.refused.status >= http.StatusInternalServerError {
			record.Outcome = audit.SeriousFailure
		}
	}
	if of != nil {
		record.Purpose, record.Token = of.Purpose, of.TokenID
		record.Agent, record.Role, record.AgentID, record.AgentName = of.Practitioner, of.Role, of.Identifier, of.Name
	}
	if _, known := audit.RequestFrom(ctx); !known {
		record.Request, record.Address, record.Start = w.Header().Get("X-Request-Id"), s.remoteAddr(r), s.clock()
	}
	return record
}

// parseForm reads the body. A query is refused, because it would end up in
// logs, and so is a parameter that occurs twice (RFC 6749 §3.2).
func parseForm(w http.ResponseWriter, r *http.Request) error {
	if media, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); !strings.EqualFold(strings.TrimSpace(media), "application/x-www-form-urlencoded") {
		return invalidRequest("oauth.form", "Send the parameters as application/x-www-form-urlencoded in the body.")
	}
	if r.URL.RawQuery != "" {
		return invalidRequest("oauth.query", "Send the parameters in the body, none in the URL.")
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return invalidRequest("oauth.form", "The body is not a form of at most 64 KiB.")
	}
	for _, values := range r.PostForm {
		if len(values) > 1 {
			return invalidRequest("oauth.form", "A parameter occurs twice.")
		}
	}
	return nil
}
