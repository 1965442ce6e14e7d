package harness

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/cordee-sante/cordee/conformance/script"
)

// Actors send the requests of scripts: each with the token of its client, or
// with none (nobody). "pharmacy+10" is the client pharmacy that speaks for a
// person of the profession 10 (TRE_G15). Tokens are kept for a while.
type Actors struct {
	Gateway *Gateway

	mu     sync.Mutex
	tokens map[[2]string]token
	http   http.Client
}

type token struct {
	text string
	got  time.Time
}

// workplaces are the organisations of the clients of the demonstration that
// scripts have speak for a person.
var workplaces = map[string]string{"pharmacy": "Organization/pharmacie-vieux-pont", "outsider": "Organization/cabinet-gare"}

// tokenAge is below the five minutes that a token lives.
const tokenAge = 4 * time.Minute

// NewActors returns the actors of a gateway. They follow no redirects and
// decompress nothing, so that scripts see what was sent.
func NewActors(g *Gateway) *Actors {
	return &Actors{Gateway: g, tokens: map[[2]string]token{}, http: http.Client{
		Timeout:       time.Minute,
		Transport:     &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 128},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Token is an access token of the actor, for its own scopes when scope is empty.
func (a *Actors) Token(actor, scope string) (string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	key := [2]string{actor, scope}
	if t, ok := a.tokens[key]; ok && time.Since(t.got) < tokenAge {
		return t.text, nil
	}
	name, profession, person := strings.Cut(actor, "+")
	c, err := a.Gateway.Client(name)
	if err != nil {
		return "", err
	}
	if scope == "" {
		scope = c.Scopes
	}
	assertion := c.Assert()
	if person {
		assertion.SpeakFor(workplaces[name], profession)
	}
	signed, err := assertion.Sign()
	if err != nil {
		return "", err
	}
	got, err := PostForm(c.TokenEndpoint, Form(signed, scope))
	if err != nil || got.AccessToken == "" {
		return "", fmt.Errorf("token of %s for %q: %d %s %w", actor, scope, got.Status, got.Body, err)
	}
	a.tokens[key] = token{got.AccessToken, time.Now()}
	return got.AccessToken, nil
}

// Send sends one request; it implements script.Client.
func (a *Actors) Send(q script.Request) (*script.Answer, error) {
	target := a.Gateway.FHIR + "/" + q.Path
	if strings.HasPrefix(q.Path, "/") {
		target = a.Gateway.Issuer + q.Path
	} else if q.Path == "." {
		target = a.Gateway.FHIR
	}
	r, err := http.NewRequest(q.Method, target, bytes.NewReader(q.Body))
	if err != nil {
		return nil, err
	}
	if len(q.Body) > 0 {
		r.Header.Set("Content-Type", "application/fhir+json")
	}
	if q.Actor != "nobody" {
		t, err := a.Token(q.Actor, q.Scope)
		if err != nil {
			return nil, err
		}
		r.Header.Set("Authorization", "Bearer "+t)
	}
	for _, h := range q.Header {
		if h[0] == "Host" {
			r.Host = h[1]
			continue
		}
		r.Header.Set(h[0], h[1])
	}
	resp, err := a.http.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return &script.Answer{Status: resp.StatusCode, Header: resp.Header, Body: body}, err
}
