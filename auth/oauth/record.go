package oauth

import (
	"context"
	"net"
	"net/http"
	"net/url"

	"github.com/cordee-sante/cordee/auth/audit"
)

// record makes the record of a token request durable (IHE IUA, Get Access
// Token ITI-71): who asked, or says that it is who asked; what for; and what
// came of it. Assertions and tokens are no part of it.
func (s *Server) record(ctx context.Context, w http.ResponseWriter, r *http.Request, t *tokenRequest) error {
	var granted *session
	if t.refused == nil {
		granted = &t.session
	}
	record := s.recordOf(ctx, w, r, &t.formRequest, granted)
	record.Interaction, record.Query = audit.InteractionToken, audit.Query{Clean: asked(t.form)}
	if begun := t.session.reason; t.refused == nil && begun != "" {
		first := record
		first.Interaction, first.Type, first.Patients = audit.InteractionEmergencyStart, "Patient", []string{t.session.Patient}
		first.Reason, first.Query = t.session.Emergency.ID, audit.Query{Clean: begun}
		if err := s.trail.Record(ctx, first); err != nil {
			return err
		}
	}
	return s.trail.Record(ctx, record)
}

// asked is what the request asked for, without what proves who asks.
func asked(form url.Values) string {
	kept := url.Values{}
	for _, name := range []string{"grant_type", "scope"} {
		if value := form.Get(name); value != "" && len(value) <= maxAsked {
			kept.Set(name, value)
		}
	}
	return kept.Encode()
}

// maxAsked bounds what the trail keeps of one parameter.
const maxAsked = 1 << 10

// peer is the address the request comes from.
func peer(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
