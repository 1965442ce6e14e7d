// Package caller calls a gateway as practice software does: a token from the
// token endpoint, then the FHIR API. It knows the gateway from outside only.
package caller

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/cordee-sante/cordee/auth/oauth"
)

// A Caller keeps the token of one client while it calls. It is safe for
// concurrent use.
type Caller struct {
	Language string // of messages: "fr" or "en"

	client oauth.ClientFile
	http   *http.Client

	mu    sync.Mutex // of what follows
	token string
	until time.Time
}

// New returns a Caller for the client of a client file. It asks for messages in
// the language of the terminal.
func New(client oauth.ClientFile) *Caller {
	return &Caller{Language: Language(), client: client, http: &http.Client{Timeout: 5 * time.Minute}}
}

// A Request is one call of the API.
type Request struct {
	Method      string
	Path        string // below the FHIR base, "CarePlan?status=active"
	ContentType string // of the body; FHIR JSON when empty
	Accept      string // of the answer; FHIR JSON when empty
	Body        []byte
}

// A Response is its answer.
type Response struct {
	Status int
	Header http.Header
	Body   []byte

	base string // FHIR base, which Brief leaves out of links
}

// answerLimit bounds what is read of an answer.
const answerLimit = 256 << 20

// Do sends one request. The error is one of the network or the token; a refusal
// by the gateway is a Response.
func (c *Caller) Do(ctx context.Context, r Request) (*Response, error) {
	token, err := c.login(ctx)
	if err != nil {
		return nil, err
	}
	url := c.client.FHIRBase + "/" + strings.TrimPrefix(r.Path, "/")
	req, err := http.NewRequestWithContext(ctx, r.Method, strings.TrimSuffix(url, "/"), bytes.NewReader(r.Body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept", cmp.Or(r.Accept, "application/fhir+json"))
	req.Header.Set("Accept-Language", c.Language)
	if r.Body != nil {
		if r.ContentType == "" {
			r.ContentType = "application/fhir+json"
		}
		req.Header.Set("Content-Type", r.ContentType)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, answerLimit))
	return &Response{Status: resp.StatusCode, Header: resp.Header, Body: body, base: c.client.FHIRBase + "/"}, err
}

// login returns the token, a new one when there is none or when it is about to
// end.
func (c *Caller) login(ctx context.Context) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Now().Before(c.until) {
		return c.token, nil
	}
	t, err := oauth.Exchange(ctx, c.client, "")
	if err != nil {
		return "", err
	}
	c.token, c.until = t.AccessToken, time.Now().Add(time.Duration(t.ExpiresIn)*time.Second*3/4)
	return c.token, nil
}
