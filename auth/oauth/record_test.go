package oauth_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/auth/audit"
	"github.com/cordee-sante/cordee/auth/oauth"
)

// Every token request is recorded once, granted or refused (IUA ITI-71), and
// nothing that proves who asks is.
func TestTokenRequestsAreRecorded(t *testing.T) {
	h := newHarness(t)
	h.add(oauth.Client{ID: "platform", Subjects: []string{"*"}, Scopes: scopes(t, "system/*.rs")})
	body := extension(claims{"subject_id": "Practitioner/p1", "subject_name": "Dr Test"})
	body["iss"], body["sub"] = "platform", "platform"
	assertion := h.assertion(nil, body)
	a := h.post(h.form(assertion, "system/Patient.rs"))
	got := h.trail.last()
	want := audit.Record{Interaction: audit.InteractionToken, Client: "platform", ClientName: "Logiciel de test", Organization: "Organization/msp",
		Purpose: "TREAT", Agent: "Practitioner/p1", AgentName: "Dr Test", Query: audit.Query{Clean: "grant_type=client_credentials&scope=system%2FPatient.rs"}}
	want.Token, want.Start, want.Address = got.Token, got.Start, "127.0.0.1"
	if fmt.Sprint(got) != fmt.Sprint(want) || got.Token == "" || got.Token == a.Token {
		t.Errorf("recorded %+v, want %+v", got, want)
	}
	for name, tt := range map[string]struct {
		assertion, scope, client, reason string
	}{
		"replayed":      {assertion, "", "platform", "oauth.assertion-replayed"},
		"unknown":       {h.assertion(nil, claims{"iss": "nobody", "sub": "nobody"}), "", "nobody", "oauth.assertion-unverified"},
		"expired":       {h.assertion(nil, claims{"exp": 1}), "", appID, "oauth.assertion-form"},
		"beyond scope":  {h.assertion(nil, nil), "system/*.cruds", appID, "oauth.scope-unregistered"},
		"not a JWT":     {"x", "", "", "oauth.assertion-form"},
		"id of nothing": {h.assertion(nil, claims{"iss": strings.Repeat("x", 300)}), "", "", "oauth.assertion-form"},
	} {
		before := h.trail.count()
		h.post(h.form(tt.assertion, tt.scope))
		got := h.trail.last()
		if got.Outcome != audit.MinorFailure || got.Client != tt.client || got.Reason != tt.reason || got.Token != "" || h.trail.count() != before+1 {
			t.Errorf("%s: %+v", name, got)
		}
	}
	for _, r := range h.trail.records {
		if text := fmt.Sprint(r); strings.Contains(text, a.Token) || strings.Contains(text, assertion) || strings.Contains(text, "eyJ") {
			t.Errorf("the trail keeps what proves who asks: %s", text)
		}
	}
	before := h.trail.count()
	if r, err := http.Get(h.http.URL + "/.well-known/smart-configuration"); err != nil || h.trail.count() != before {
		t.Errorf("discovery is recorded: %v %v", r.Status, err)
	}
}
