package oauth_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/auth/oauth"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
	jose "github.com/go-jose/go-jose/v4"
)

func TestClientRegistry(t *testing.T) {
	ctx := context.Background()
	h := newHarness(t)
	clients := h.Clients()
	added, err := clients.Get(ctx, appID)
	if err != nil || added.Created.IsZero() || !added.Revoked.IsZero() || added.Scopes.String() != "system/*.rs system/Patient.cruds" {
		t.Errorf("%+v %v", added, err)
	}
	if _, err := clients.Add(ctx, added); fhir.KindOf(err) != fhir.Conflict {
		t.Errorf("the same id again: %v", err)
	}
	if _, err := clients.Get(ctx, "nobody"); fhir.KindOf(err) != fhir.NotFound {
		t.Errorf("nobody: %v", err)
	}
	if err := clients.Revoke(ctx, "nobody"); fhir.KindOf(err) != fhir.NotFound {
		t.Errorf("revoking nobody: %v", err)
	}
	h.add(oauth.Client{ID: "b", Scopes: scopes(t, "system/*.rs")})
	h.add(oauth.Client{ID: "a", Scopes: scopes(t, "system/*.rs")})
	for range 2 {
		if err := clients.Revoke(ctx, "b"); err != nil {
			t.Error(err)
		}
	}
	revoked, err := clients.Get(ctx, "b")
	if err != nil || revoked.Revoked.IsZero() {
		t.Errorf("%+v %v", revoked, err)
	}
	if _, err := clients.Add(ctx, revoked); fhir.KindOf(err) != fhir.Conflict {
		t.Errorf("the id of a revoked client: %v", err)
	}
	list, err := clients.List(ctx)
	if err != nil || len(list) != 3 || list[0].ID != "a" || list[1].ID != appID || list[2].ID != "b" {
		t.Errorf("%v %v", list, err)
	}
}

func TestClientRefused(t *testing.T) {
	h := newHarness(t)
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Skip("this Go makes no RSA keys of 1024 bits: ", err)
	}
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ec := func(kid string) jose.JSONWebKey { return jose.JSONWebKey{KeyID: kid, Key: &h.key.PublicKey} }
	set := func(keys ...jose.JSONWebKey) func(*oauth.Client) {
		return func(c *oauth.Client) { c.JWKS = keySet(t, keys...) }
	}
	for name, change := range map[string]func(*oauth.Client){
		"no id":                func(c *oauth.Client) { c.ID = "" },
		"id with a slash":      func(c *oauth.Client) { c.ID = "a/b" },
		"no name":              func(c *oauth.Client) { c.Name = " " },
		"name that is turned":  func(c *oauth.Client) { c.Name = "Bon \u202elogiciel" },
		"name far too long":    func(c *oauth.Client) { c.Name = strings.Repeat("x", 200_000) },
		"no organisation":      func(c *oauth.Client) { c.Organization = "" },
		"a person":             func(c *oauth.Client) { c.Organization = "Practitioner/p1" },
		"unknown role":         func(c *oauth.Client) { c.Roles = []string{"admin"} },
		"no purpose":           func(c *oauth.Client) { c.Purposes = nil },
		"unknown purpose":      func(c *oauth.Client) { c.Purposes = []string{"TREAT", "CURIOSITY"} },
		"no scope":             func(c *oauth.Client) { c.Scopes = nil },
		"scope of a user":      func(c *oauth.Client) { c.Scopes = scopes(t, "user/*.rs") },
		"empty subject":        func(c *oauth.Client) { c.Subjects = []string{""} },
		"no keys":              func(c *oauth.Client) { c.JWKS = []byte(`{}`) },
		"empty keys":           func(c *oauth.Client) { c.JWKS = []byte(`{"keys":[]}`) },
		"keys that are null":   func(c *oauth.Client) { c.JWKS = nil },
		"not JSON":             func(c *oauth.Client) { c.JWKS = []byte(`x`) },
		"key without kid":      set(ec("")),
		"two keys of one kid":  set(ec("k"), ec("k")),
		"private key":          set(jose.JSONWebKey{KeyID: "k", Key: h.key}),
		"secret key":           set(jose.JSONWebKey{KeyID: "k", Key: []byte(strings.Repeat("k", 48))}),
		"P-256":                set(jose.JSONWebKey{KeyID: "k", Key: &p256.PublicKey}),
		"RSA of 1024 bits":     set(jose.JSONWebKey{KeyID: "k", Key: &short.PublicKey}),
		"key for encryption":   set(jose.JSONWebKey{KeyID: "k", Key: &h.key.PublicKey, Use: "enc"}),
		"alg of another curve": set(jose.JSONWebKey{KeyID: "k", Key: &h.key.PublicKey, Algorithm: "ES256"}),
		"too many keys":        func(c *oauth.Client) { c.JWKS = manyKeys(t, h) },
	} {
		c := oauth.Client{ID: "new", Name: "n", Organization: "Organization/o", Purposes: []string{"TREAT"}, Scopes: scopes(t, "system/*.rs"), JWKS: keySet(t, ec("k"))}
		change(&c)
		if _, err := h.Clients().Add(context.Background(), c); fhir.KindOf(err) != fhir.Unprocessable {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func manyKeys(t *testing.T, h *harness) []byte {
	var keys []jose.JSONWebKey
	for i := range 17 {
		keys = append(keys, jose.JSONWebKey{KeyID: strings.Repeat("k", i+1), Key: &h.key.PublicKey})
	}
	return keySet(t, keys...)
}

// Every fault of a registration is told at once.
func TestClientFaultsTogether(t *testing.T) {
	_, err := oauth.NewClients(memory.Open(), nil).Add(context.Background(), oauth.Client{})
	var e *fhir.Error
	if !errors.As(err, &e) || len(e.Issues) < 6 {
		t.Errorf("%v", err)
	}
}

func TestServerRefusesUnsafeConfig(t *testing.T) {
	good := oauth.Config{Engine: memory.Open(), Trail: &trail{}, Issuer: "https://gw.example.fr", FHIRBase: "https://gw.example.fr/fhir"}
	if _, err := oauth.New(context.Background(), good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*oauth.Config){
		"no engine": func(c *oauth.Config) { c.Engine = nil },
		"no trail":  func(c *oauth.Config) { c.Trail = nil },
		"http":      func(c *oauth.Config) { c.Issuer, c.FHIRBase = "http://gw.example.fr", "http://gw.example.fr/fhir" },
		"issuer with a path": func(c *oauth.Config) {
			c.Issuer, c.FHIRBase = "https://gw.example.fr/x", "https://gw.example.fr/x/fhir"
		},
		"issuer with a slash":     func(c *oauth.Config) { c.Issuer = "https://gw.example.fr/" },
		"base elsewhere":          func(c *oauth.Config) { c.FHIRBase = "https://other.example.fr/fhir" },
		"base with a slash":       func(c *oauth.Config) { c.FHIRBase += "/" },
		"user in the issuer":      func(c *oauth.Config) { c.Issuer = "https://me@gw.example.fr" },
		"host that looks like it": func(c *oauth.Config) { c.FHIRBase = "https://gw.example.fr.evil.example/fhir" },
		"short secret":            func(c *oauth.Config) { c.Secret = make([]byte, 31) },
		"tokens of an hour":       func(c *oauth.Config) { c.Life = 60 * 60 * 1e9 },
	} {
		c := good
		change(&c)
		if _, err := oauth.New(context.Background(), c); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

func TestDiscoveryAgrees(t *testing.T) {
	h := newHarness(t)
	get := func(path string) map[string]any {
		t.Helper()
		r, err := http.Get(h.http.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		var v map[string]any
		if err := json.NewDecoder(r.Body).Decode(&v); err != nil || r.StatusCode != 200 || r.Header.Get("Content-Type") != "application/json" || r.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: %d %v %v", path, r.StatusCode, r.Header, err)
		}
		return v
	}
	root, base, metadata := get("/.well-known/smart-configuration"), get("/fhir/.well-known/smart-configuration"), get("/.well-known/oauth-authorization-server")
	for _, name := range []string{"token_endpoint", "grant_types_supported", "token_endpoint_auth_methods_supported",
		"token_endpoint_auth_signing_alg_values_supported", "revocation_endpoint", "revocation_endpoint_auth_methods_supported",
		"revocation_endpoint_auth_signing_alg_values_supported", "scopes_supported", "code_challenge_methods_supported", "response_types_supported"} {
		a, b, c := text(root[name]), text(base[name]), text(metadata[name])
		if a == "null" || a != b || a != c {
			t.Errorf("%s: %s, %s and %s", name, a, b, c)
		}
	}
	if text(root["code_challenge_methods_supported"]) != `["S256"]` || root["token_endpoint"] != h.http.URL+"/oauth/token" || metadata["issuer"] != h.http.URL {
		t.Errorf("%v", metadata)
	}
	// What is not there is not promised.
	for _, name := range []string{"authorization_endpoint", "registration_endpoint", "introspection_endpoint"} {
		if root[name] != nil || metadata[name] != nil {
			t.Errorf("%s is promised", name)
		}
	}
	if root["issuer"] != nil || root["jwks_uri"] != nil {
		t.Error("issuer and jwks_uri belong to sso-openid-connect")
	}
	for _, word := range root["capabilities"].([]any) {
		if strings.HasPrefix(word.(string), "launch") || word == "sso-openid-connect" || word == "permission-offline" {
			t.Errorf("capability %v is promised", word)
		}
	}
	keys := get(strings.TrimPrefix(metadata["jwks_uri"].(string), h.http.URL))
	if text(keys) != `{"keys":[]}` {
		t.Errorf("keys %s", text(keys))
	}
	for _, scope := range root["scopes_supported"].([]any) {
		if _, err := auth.ParseScope(scope.(string)); err != nil {
			t.Errorf("%v is promised and not understood", scope)
		}
	}
	for _, path := range []string{"/.well-known/openid-configuration", "/fhir/.well-known/openid-configuration", "/oauth/authorize"} {
		if r, err := http.Get(h.http.URL + path); err != nil || r.StatusCode != http.StatusNotFound {
			t.Errorf("%s answers %v", path, r.Status)
		}
	}
}

func text(v any) string { b, _ := json.Marshal(v); return string(b) }

func TestPublic(t *testing.T) {
	h := newHarness(t)
	for path, want := range map[string]bool{
		"/.well-known/smart-configuration": true, "/fhir/.well-known/smart-configuration": true, "/oauth/token": true, "/oauth/revoke": true, "/oauth/jwks": true,
		"/.well-known/oauth-authorization-server": true, "/fhir/oauth/token": false, "/fhir/Patient": false, "/oauth/token/": false, "/": false,
		"/fhir/fhir/.well-known/smart-configuration": false,
	} {
		r, _ := http.NewRequest(http.MethodGet, h.http.URL+path, nil)
		if got := h.Public(r); got != want {
			t.Errorf("%s is public: %v", path, got)
		}
	}
}
