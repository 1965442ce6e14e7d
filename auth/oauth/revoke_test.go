package oauth_test

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/auth/audit"
	"github.com/cordee-sante/cordee/auth/oauth"
)

// revoke asks the revocation endpoint as a client.
func (h *harness) revoke(client string, change url.Values) (status int, body string) {
	h.t.Helper()
	form := url.Values{"client_assertion": {h.assertion(nil, claims{"iss": client, "sub": client})},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}}
	for name, values := range change {
		form[name] = values
	}
	r, err := http.Post(h.http.URL+oauth.RevokePath, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
	if err != nil {
		h.t.Fatal(err)
	}
	defer r.Body.Close()
	text, _ := io.ReadAll(r.Body)
	return r.StatusCode, string(text)
}

func (h *harness) opens(token string) bool {
	_, err := h.Introspect(h.t.Context(), token)
	return err == nil
}

// RFC 7009: a client takes its token back, which opens nothing from the next
// request on, and nobody else does.
func TestRevoke(t *testing.T) {
	h := newHarness(t)
	h.add(oauth.Client{ID: "other", Scopes: scopes(t, "system/*.rs")})
	token, another := h.token("system/Patient.rs"), h.token("system/Patient.rs")
	for _, tt := range []struct {
		name, client string
		form         url.Values
		status       int
		code         string
	}{
		{"without a token", appID, nil, 400, "invalid_request"},
		{"without a client", appID, url.Values{"token": {token}, "client_assertion": nil}, 401, "invalid_client"},
		{"unknown client", "nobody", url.Values{"token": {token}}, 401, "invalid_client"},
		{"another client's", "other", url.Values{"token": {token}}, 400, "unauthorized_client"},
		{"two tokens", appID, url.Values{"token": {token, another}}, 400, "invalid_request"},
		{"no token of ours", appID, url.Values{"token": {"x"}}, 200, ""},
		{"a token of another form", appID, url.Values{"token": {token[1:]}}, 200, ""},
		{"too long", appID, url.Values{"token": {strings.Repeat("x", 1000)}}, 200, ""},
	} {
		before := h.trail.count()
		status, body := h.revoke(tt.client, tt.form)
		if status != tt.status || !strings.Contains(body, tt.code) || !h.opens(token) {
			t.Errorf("%s: %d %s", tt.name, status, body)
		}
		if last := h.trail.last(); h.trail.count() != before+1 || last.Interaction != audit.InteractionLogout || (last.Outcome == audit.Success) != (status == 200) {
			t.Errorf("%s: %+v", tt.name, last)
		}
	}
	if r, err := http.Post(h.http.URL+oauth.RevokePath+"?token="+token, "application/x-www-form-urlencoded", nil); err != nil || r.StatusCode != 400 {
		t.Error("a token in the URL is taken")
	}
	for range 2 { // again is no error
		if status, body := h.revoke(appID, url.Values{"token": {token}, "token_type_hint": {"access_token"}}); status != 200 || body != "" {
			t.Errorf("%d %s", status, body)
		}
	}
	if h.opens(token) || !h.opens(another) {
		t.Error("revoked opens, or another does not")
	}
	h.trail.fail = errors.New("disk full")
	if status, _ := h.revoke(appID, url.Values{"token": {another}}); status != 503 || h.opens(another) {
		t.Error("unrecorded, and answered, or still open")
	}
	h.restart()
	if h.trail.fail = nil; h.opens(token) || h.opens(another) {
		t.Error("revoked opens after a restart")
	}
}

// The record of a revocation says whose token it was, and not the token.
func TestRevokeIsRecorded(t *testing.T) {
	h, ask := regulation(t)
	token := ask(nil, nil, "").Token
	p, err := h.Introspect(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	h.revoke("samu", url.Values{"token": {token}})
	if r := h.trail.last(); r.Interaction != audit.InteractionLogout || r.Client != "samu" || r.Agent != "Practitioner/p1" || r.Token != p.TokenID || r.Purpose != "BTG" || r.Query.Clean != "" {
		t.Errorf("%+v", r)
	}
}

// C09: revoking a token of a break-glass session ends it, for all of its tokens at
// once, on record; what is left of the half hour can be asked for again, and no more.
func TestC09EmergencyEndedEarly(t *testing.T) {
	h, ask := regulation(t)
	first, second := ask(nil, nil, "").Token, ask(nil, nil, "").Token
	paul := ask(nil, claims{"patient": "Patient/paul"}, "").Token
	begun, err := h.Introspect(t.Context(), first)
	if err != nil || !h.opens(second) {
		t.Fatal(err)
	}
	h.clock.add(2 * time.Minute)
	if status, _ := h.revoke("samu", url.Values{"token": {first}}); status != 200 {
		t.Fatal(status)
	}
	if h.opens(first) || h.opens(second) || !h.opens(paul) {
		t.Error("a token of the session opens, or that of another does not")
	}
	stops := func() (ids []string) {
		for _, r := range h.trail.records {
			if r.Interaction == audit.InteractionEmergencyStop {
				ids = append(ids, r.Reason)
			}
		}
		return ids
	}
	if ids := stops(); len(ids) != 1 || ids[0] != begun.Emergency.ID {
		t.Errorf("ends on record: %v", ids)
	}
	if n, err := h.EndEmergencies(t.Context()); n != 0 || err != nil {
		t.Errorf("told again: %d, %v", n, err)
	}
	h.restart()
	if h.opens(second) {
		t.Error("open after a restart")
	}
	h.clock.add(2 * time.Minute)
	again, err := h.Introspect(t.Context(), ask(nil, nil, "").Token)
	if err != nil || again.Emergency.ID == begun.Emergency.ID || !again.Emergency.Ends().Equal(begun.Emergency.Ends()) || !again.Emergency.Start.After(begun.Emergency.Start) {
		t.Errorf("%+v after %+v, %v", again.Emergency, begun.Emergency, err)
	}
	if h.opens(second) {
		t.Error("a token of the session before opens with the next one")
	}
	if n, err := h.EndEmergencies(t.Context()); n != 0 || err != nil {
		t.Errorf("%d ends, %v", n, err)
	}
	h.clock.add(auth.EmergencyLife - 4*time.Minute)
	if n, err := h.EndEmergencies(t.Context()); n != 2 || err != nil {
		t.Errorf("%d ends at the end of the half hour, %v", n, err)
	}
	ask(nil, nil, "").refused(t, "after the half hour", http.StatusBadRequest, "invalid_grant")
	h.clock.add(11 * time.Hour)
	ask(nil, nil, "").refused(t, "in the same shift", http.StatusBadRequest, "invalid_grant")
	h.clock.add(time.Hour)
	if next, err := h.Introspect(t.Context(), ask(nil, nil, "").Token); err != nil || !next.Emergency.Ends().Equal(next.Emergency.Start.Add(auth.EmergencyLife)) {
		t.Errorf("%+v, %v", next.Emergency, err)
	}
}

// An end that the trail could not be told of is told later, and nothing takes its
// place before; a session that could not be begun on record leaves the one before.
func TestC09EmergencyEndedEarlyUnrecorded(t *testing.T) {
	h, ask := regulation(t)
	token := ask(nil, nil, "").Token
	h.trail.fail = errors.New("disk full")
	if status, _ := h.revoke("samu", url.Values{"token": {token}}); status != 503 || h.opens(token) {
		t.Fatal("answered, or open")
	}
	ask(nil, nil, "").refused(t, "before the end is on record", http.StatusServiceUnavailable, "temporarily_unavailable")
	h.trail.fail = nil
	ask(nil, nil, "").refused(t, "before the end is on record", http.StatusServiceUnavailable, "temporarily_unavailable")
	if n, err := h.EndEmergencies(t.Context()); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	h.clock.add(time.Minute)
	h.trail.fail = errors.New("disk full")
	ask(nil, nil, "").refused(t, "unrecorded", http.StatusServiceUnavailable, "temporarily_unavailable")
	h.trail.fail = nil
	if p, err := h.Introspect(t.Context(), ask(nil, nil, "").Token); err != nil || p.Emergency.Ends().Equal(p.Emergency.Start.Add(auth.EmergencyLife)) {
		t.Errorf("%+v, %v: the half hour begins anew", p.Emergency, err)
	}
}
