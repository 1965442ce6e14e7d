package oauth_test

import (
	"cmp"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/auth/audit"
	"github.com/cordee-sante/cordee/auth/oauth"
	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
	"github.com/go-chi/chi/v5"
	jose "github.com/go-jose/go-jose/v4"
	"github.com/google/uuid"
)

// A harness is a server over HTTP with a clock to turn and a registered client.
type harness struct {
	*oauth.Server
	t      testing.TB
	http   *httptest.Server
	engine kv.Engine
	trail  *trail
	clock  *clock
	key    *ecdsa.PrivateKey // of client "app", kid "k1"
	rsa    *rsa.PrivateKey   // of client "app", kid "k2"
	router chi.Router
}

const (
	fhirPath = "/fhir"
	appID    = "app"
)

func newHarness(t testing.TB) *harness {
	h := &harness{t: t, engine: memory.Open(), trail: &trail{}, clock: &clock{now: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)}}
	h.http = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.router.ServeHTTP(w, r) }))
	t.Cleanup(h.http.Close)
	h.restart()
	h.key, h.rsa = testKeys(t)
	h.add(oauth.Client{ID: appID, Scopes: scopes(t, "system/*.rs system/Patient.cruds")})
	return h
}

// restart makes a new server on what the engine holds.
func (h *harness) restart() {
	server, err := oauth.New(context.Background(), oauth.Config{Engine: kv.Sub(h.engine, "oauth/"), Trail: h.trail,
		Issuer: h.http.URL, FHIRBase: h.http.URL + fhirPath, Clock: h.clock.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		h.t.Fatal(err)
	}
	h.Server, h.router = server, chi.NewRouter()
	server.Routes(h.router)
}

// add registers a client with the keys of the harness and sensible defaults.
func (h *harness) add(c oauth.Client) {
	h.t.Helper()
	if c.Name == "" {
		c.Name = "Logiciel de test"
	}
	if c.Organization == "" {
		c.Organization = "Organization/msp"
	}
	if c.Purposes == nil {
		c.Purposes = []string{auth.PurposeTreatment}
	}
	if c.JWKS == nil {
		c.JWKS = keySet(h.t, jose.JSONWebKey{KeyID: "k1", Key: &h.key.PublicKey}, jose.JSONWebKey{KeyID: "k2", Key: &h.rsa.PublicKey})
	}
	if _, err := h.Clients().Add(context.Background(), c); err != nil {
		h.t.Fatal(err)
	}
}

func keySet(t testing.TB, keys ...jose.JSONWebKey) []byte {
	text, err := json.Marshal(jose.JSONWebKeySet{Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func scopes(t testing.TB, text string) auth.Scopes {
	s, err := auth.ParseScopes(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// testKeys are made once: an RSA key takes a while.
var testKeys = func() func(testing.TB) (*ecdsa.PrivateKey, *rsa.PrivateKey) {
	keys := sync.OnceValues(func() (*ecdsa.PrivateKey, *rsa.PrivateKey) {
		ec, err1 := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
		rs, err2 := rsa.GenerateKey(rand.Reader, 2048)
		if errors.Join(err1, err2) != nil {
			panic(errors.Join(err1, err2))
		}
		return ec, rs
	})
	return func(testing.TB) (*ecdsa.PrivateKey, *rsa.PrivateKey) { return keys() }
}()

type claims = map[string]any

// header and claims are those of a good assertion, with what the test changes;
// nil takes a member away.
func (h *harness) header(change claims) claims {
	return with(claims{"alg": "ES384", "kid": "k1", "typ": "JWT"}, change)
}

func (h *harness) claims(change claims) claims {
	now := h.clock.Now().Unix()
	return with(claims{"iss": appID, "sub": appID, "aud": h.http.URL + "/oauth/token", "jti": uuid.NewString(), "iat": now, "exp": now + 240}, change)
}

func with(m, change claims) claims {
	maps.Copy(m, change)
	maps.DeleteFunc(m, func(_ string, v any) bool { return v == nil })
	return m
}

// sign signs whatever header and claims say, also what no library would.
func (h *harness) sign(header, body claims) string {
	text := segment(h.t, header) + "." + segment(h.t, body)
	digest := sha512.Sum384([]byte(text))
	var signature []byte
	if header["alg"] == "RS384" {
		signature, _ = rsa.SignPKCS1v15(rand.Reader, h.rsa, crypto.SHA384, digest[:])
	} else {
		r, s, err := ecdsa.Sign(rand.Reader, h.key, digest[:])
		if err != nil {
			h.t.Fatal(err)
		}
		signature = make([]byte, 96)
		r.FillBytes(signature[:48])
		s.FillBytes(signature[48:])
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func segment(t testing.TB, v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// assertion is a good one, changed.
func (h *harness) assertion(header, body claims) string {
	return h.sign(h.header(header), h.claims(body))
}

// form is a token request; for a scope that every test client has when none is
// named.
func (h *harness) form(assertion, scope string) url.Values {
	return url.Values{"grant_type": {"client_credentials"}, "client_assertion": {assertion}, "scope": {cmp.Or(scope, "system/AuditEvent.rs")},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}}
}

// An answer is what the token endpoint said.
type answer struct {
	Status      int
	Header      http.Header
	Error       string `json:"error"`
	Description string `json:"error_description"`
	Token       string `json:"access_token"`
	Type        string `json:"token_type"`
	Expires     int    `json:"expires_in"`
	Scope       string `json:"scope"`
	Refresh     string `json:"refresh_token"`
	body        string
}

func (h *harness) post(form url.Values) answer {
	h.t.Helper()
	r, err := http.Post(h.http.URL+"/oauth/token", "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
	return h.answer(r, err)
}

func (h *harness) answer(r *http.Response, err error) answer {
	h.t.Helper()
	if err != nil {
		h.t.Error(err)
		return answer{}
	}
	defer r.Body.Close()
	body, _ := io.ReadAll(r.Body)
	a := answer{Status: r.StatusCode, Header: r.Header, body: string(body)}
	if err := json.Unmarshal(body, &a); err != nil {
		h.t.Errorf("%d: %q is not JSON", r.StatusCode, body)
	}
	return a
}

// token gets a token for the scope.
func (h *harness) token(scope string) string {
	h.t.Helper()
	a := h.post(h.form(h.assertion(nil, nil), scope))
	if a.Status != http.StatusOK {
		h.t.Fatalf("no token: %d %s", a.Status, a.body)
	}
	return a.Token
}

func (a answer) refused(t *testing.T, what string, status int, code string) {
	t.Helper()
	if a.Status != status || a.Error != code || a.Token != "" {
		t.Errorf("%s: %d %s, want %d %s", what, a.Status, a.body, status, code)
	}
}

// A trail keeps the records, or fails.
type trail struct {
	mu      sync.Mutex
	records []audit.Record
	fail    error
}

func (tr *trail) Record(_ context.Context, r audit.Record) error {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	if tr.fail != nil {
		return tr.fail
	}
	tr.records = append(tr.records, r)
	return nil
}

func (tr *trail) last() audit.Record {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	if len(tr.records) == 0 {
		return audit.Record{}
	}
	return tr.records[len(tr.records)-1]
}

func (tr *trail) count() int {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return len(tr.records)
}

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// system sets the clock to that of the machine.
func (c *clock) system() { c.add(time.Since(c.Now())) }

func b64(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
