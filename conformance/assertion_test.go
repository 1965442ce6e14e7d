package conformance

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/cordee-sante/cordee/conformance/harness"
)

// forgery is one assertion that must not be believed.
type forgery struct {
	name string
	make func(t *testing.T, c harness.ClientFile, a *harness.Assertion) string // nil: sign it as it is
}

func change(name string, do func(a *harness.Assertion)) forgery {
	return forgery{name, func(t *testing.T, _ harness.ClientFile, a *harness.Assertion) string {
		do(a)
		return sign(t, a)
	}}
}

func sign(t *testing.T, a *harness.Assertion) string {
	t.Helper()
	s, err := a.Sign()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func claim(name string, value any) func(*harness.Assertion) {
	return func(a *harness.Assertion) {
		if value == nil {
			delete(a.Claims, name)
			return
		}
		a.Claims[name] = value
	}
}

// bare glues a compact JWT together without a library that would refuse to.
func bare(header, claims, signature string) string {
	e := base64.RawURLEncoding
	return e.EncodeToString([]byte(header)) + "." + e.EncodeToString([]byte(claims)) + "." + e.EncodeToString([]byte(signature))
}

func forgeries(endpoint string) []forgery {
	in := func(d time.Duration) int64 { return time.Now().Add(d).Unix() }
	return []forgery{
		// O25: claims
		change("O25 exp 301 s ahead", claim("exp", in(305*time.Second))),
		change("O25 exp a year ahead", claim("exp", in(365*24*time.Hour))),
		change("O25 exp past", claim("exp", in(-time.Minute))),
		change("O25 exp a string", claim("exp", "4102444800")),
		change("O25 exp huge", claim("exp", 1e30)),
		change("O25 no exp", claim("exp", nil)),
		change("O25 iat 61 s ahead", claim("iat", in(75*time.Second))),
		change("O25 nbf 61 s ahead", claim("nbf", in(75*time.Second))),
		change("O25 aud of two", claim("aud", []string{endpoint, "https://other.example/token"})),
		change("O25 aud of another", claim("aud", "https://other.example/token")),
		change("O25 aud with a slash", claim("aud", endpoint+"/")),
		change("O25 no aud", claim("aud", nil)),
		change("O25 iss is not sub", claim("sub", "practice")),
		change("O25 iss and sub of another", func(a *harness.Assertion) { a.Claims["iss"], a.Claims["sub"] = "practice", "practice" }),
		change("O25 iss a list", claim("iss", []string{"outsider"})),
		change("O25 unknown client", func(a *harness.Assertion) { a.Claims["iss"], a.Claims["sub"] = "nobody", "nobody" }),
		change("O25 jti empty", claim("jti", "")),
		change("O25 no jti", claim("jti", nil)),
		change("O25 jti of 257", claim("jti", strings.Repeat("j", 257))),
		change("O25 jti a number", claim("jti", 7)),
		// O24: header and key
		change("O24 kid of another", func(a *harness.Assertion) { a.KeyID = "no-such-key" }),
		change("O24 no kid", func(a *harness.Assertion) { a.KeyID = "" }),
		change("O24 crit", func(a *harness.Assertion) { a.Header["crit"] = []string{"exp"}; a.Header["exp"] = 1 }),
		change("O24 embedded jwk", func(a *harness.Assertion) {
			k, _ := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
			a.Key.Key = k
			a.Header["jwk"] = jose.JSONWebKey{Key: &k.PublicKey, KeyID: a.KeyID, Algorithm: "ES384", Use: "sig"}
		}),
		change("O24 foreign jku", func(a *harness.Assertion) { a.Header["jku"] = "http://169.254.169.254/jwks" }),
		change("O24 x5u", func(a *harness.Assertion) { a.Header["x5u"] = "http://127.0.0.1:1/cert" }),
		change("O24 another key", func(a *harness.Assertion) {
			k, _ := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
			a.Key.Key = k
		}),
		change("O24 RS256", func(a *harness.Assertion) {
			k, _ := rsa.GenerateKey(rand.Reader, 2048)
			a.Key = jose.SigningKey{Algorithm: jose.RS256, Key: k}
		}),
		change("O24 RS384 under the kid of an EC key", func(a *harness.Assertion) {
			k, _ := rsa.GenerateKey(rand.Reader, 2048)
			a.Key = jose.SigningKey{Algorithm: jose.RS384, Key: k}
		}),
		{"O24 HS384 with the public key", func(t *testing.T, c harness.ClientFile, a *harness.Assertion) string {
			der, err := x509.MarshalPKIXPublicKey(c.Key.Public().Key)
			if err != nil {
				t.Fatal(err)
			}
			a.Key = jose.SigningKey{Algorithm: jose.HS384, Key: der}
			return sign(t, a)
		}},
		{"O24 alg none", func(t *testing.T, c harness.ClientFile, a *harness.Assertion) string {
			parts := strings.Split(sign(t, a), ".")
			return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT","kid":"`+c.Key.KeyID+`"}`)) + "." + parts[1] + "."
		}},
		{"O24 b64 false", func(t *testing.T, c harness.ClientFile, a *harness.Assertion) string {
			parts := strings.Split(sign(t, a), ".")
			return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"ES384","b64":false,"crit":["b64"],"kid":"`+c.Key.KeyID+`"}`)) + "." + parts[1] + "." + parts[2]
		}},
		{"O24 claims changed after signing", func(t *testing.T, _ harness.ClientFile, a *harness.Assertion) string {
			parts := strings.Split(sign(t, a), ".")
			a.Claims["jti"] = "another"
			return parts[0] + "." + strings.Split(sign(t, a), ".")[1] + "." + parts[2]
		}},
		{"O24 zero signature", func(t *testing.T, c harness.ClientFile, a *harness.Assertion) string {
			parts := strings.Split(sign(t, a), ".")
			return parts[0] + "." + parts[1] + "." + base64.RawURLEncoding.EncodeToString(make([]byte, 96))
		}},
		{"O24 no JWT", func(*testing.T, harness.ClientFile, *harness.Assertion) string { return "x" }},
		{"O24 five parts", func(*testing.T, harness.ClientFile, *harness.Assertion) string { return "a.b.c.d.e" }},
		{"O24 duplicate claims", func(_ *testing.T, c harness.ClientFile, _ *harness.Assertion) string {
			return bare(`{"alg":"ES384","kid":"`+c.Key.KeyID+`"}`, `{"iss":"outsider","iss":"practice"}`, "x")
		}},
	}
}

// TestO24O25ForgedAssertions proves that every forged assertion is refused alike.
func TestO24O25ForgedAssertions(t *testing.T) {
	c := client(t, "outsider")
	for _, f := range forgeries(c.TokenEndpoint) {
		t.Run(f.name, func(t *testing.T) {
			a := c.Assert()
			refused(t, harness.Form(f.make(t, c, a), "system/Patient.rs"), 401, "invalid_client")
		})
	}
	t.Run("an honest one is believed", func(t *testing.T) {
		got, err := harness.PostForm(c.TokenEndpoint, harness.Form(sign(t, c.Assert()), "system/Patient.rs"))
		if err != nil || got.Status != 200 || got.ExpiresIn <= 0 || got.ExpiresIn > 300 || got.Refresh != "" || !strings.EqualFold(got.TokenType, "bearer") {
			t.Fatalf("%d %s %v", got.Status, got.Body, err)
		}
		if got.Header.Get("Cache-Control") != "no-store" || got.Header.Get("Pragma") != "no-cache" {
			t.Errorf("headers %v", got.Header)
		}
	})
}

func client(t *testing.T, name string) harness.ClientFile {
	t.Helper()
	c, err := territory.Gateway.Client(name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// refused asserts an OAuth error and that no token came with it.
func refused(t *testing.T, form url.Values, status int, code string, header ...[2]string) harness.TokenAnswer {
	t.Helper()
	got, err := harness.PostForm(territory.Gateway.Issuer+"/oauth/token", form, header...)
	if err != nil {
		t.Fatal(err)
	}
	if got.Status != status || got.Error != code || got.AccessToken != "" {
		t.Errorf("%d %s, want %d %s", got.Status, got.Body, status, code)
	}
	return got
}

// TestO23ClientAuthenticationTwice: one way of authentication, in the body.
func TestO23ClientAuthenticationTwice(t *testing.T) {
	c := client(t, "outsider")
	basic := [2]string{"Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte("outsider:x"))}
	refused(t, url.Values{"grant_type": {"client_credentials"}, "scope": {"system/Patient.rs"}}, 401, "invalid_client", basic)
	refused(t, url.Values{"grant_type": {"client_credentials"}, "client_id": {"outsider"}, "client_secret": {"x"}}, 401, "invalid_client")
	refused(t, url.Values{"grant_type": {"client_credentials"}, "client_id": {"outsider"}}, 401, "invalid_client")
	both, err := harness.PostForm(c.TokenEndpoint, harness.Form(sign(t, c.Assert()), "system/Patient.rs"), basic)
	if err != nil || both.AccessToken != "" || both.Status != 400 && both.Status != 401 {
		t.Errorf("Basic and assertion: %d %s %v", both.Status, both.Body, err)
	}
	foreign := harness.Form(sign(t, c.Assert()), "system/Patient.rs")
	foreign.Set("client_id", "practice")
	refused(t, foreign, 401, "invalid_client")
	query, err := harness.PostForm(c.TokenEndpoint+"?"+harness.Form(sign(t, c.Assert()), "system/Patient.rs").Encode(), nil)
	if err != nil || query.AccessToken != "" || query.Status < 400 {
		t.Errorf("credentials in the query: %d %s %v", query.Status, query.Body, err)
	}
	twice := harness.Form(sign(t, c.Assert()), "system/Patient.rs")
	twice.Add("scope", "system/Observation.rs")
	refused(t, twice, 400, "invalid_request")
}

// TestO26AssertionReplay: of one assertion sent many times at once exactly one is believed.
func TestO26AssertionReplay(t *testing.T) {
	c := client(t, "outsider")
	form := harness.Form(sign(t, c.Assert()), "system/Patient.rs")
	var mu sync.Mutex
	var wg sync.WaitGroup
	count := map[string]int{}
	for range 50 {
		wg.Go(func() {
			got, err := harness.PostForm(c.TokenEndpoint, form)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			count[got.Error]++
		})
	}
	wg.Wait()
	if count[""] != 1 || count["invalid_client"] != 49 {
		t.Errorf("answers by error: %v", count)
	}
	refused(t, form, 401, "invalid_client")
}

// TestO28ForeignScopes, O13: what is not registered, and what is no scope.
func TestO13O28Scopes(t *testing.T) {
	c := client(t, "physio")
	for _, scope := range []string{
		"", " ", "user/Patient.rs", "patient/Patient.rs", "system/*.cruds", "system/AdverseEvent.cruds", "system/Patient.c", "openid", "offline_access", "launch",
		"system/Patient.dus", "system/Patient.", "system/.rs", "system/Foo.rs", "system/Patient.rs " + strings.Repeat("system/Patient.rs ", 700),
		"system/Patient.rs?name=x", "system/Observation.rs?subject:Patient.name=x", "system/patient.rs", "system/Patient.RS", "SYSTEM/Patient.rs",
		"system/Patient.rs\x00", "system/Patient.rs\nsystem/*.cruds", "system/AuditEvent.rs",
	} {
		got, err := harness.PostForm(c.TokenEndpoint, harness.Form(sign(t, c.Assert()), scope))
		if err != nil {
			t.Fatal(err)
		}
		if got.Status != 400 || got.Error != "invalid_scope" && got.Error != "invalid_request" || got.AccessToken != "" {
			t.Errorf("scope %.60q: %d %.200s", scope, got.Status, got.Body)
		}
	}
	for _, grant := range []string{"", "password", "authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:token-exchange"} {
		form := harness.Form(sign(t, c.Assert()), "system/Patient.rs")
		form.Set("grant_type", grant)
		if got, err := harness.PostForm(c.TokenEndpoint, form); err != nil || got.Status != 400 || got.AccessToken != "" {
			t.Errorf("grant %q: %d %s %v", grant, got.Status, got.Body, err)
		}
	}
}

// TestO36BruteForce: an address that fails again and again is turned away, the
// same client elsewhere is not, and a header cannot change the address.
func TestO36BruteForce(t *testing.T) {
	if testing.Short() {
		t.Skip("many requests")
	}
	c := client(t, "loader")
	bad := harness.Form("x.y.z", "system/Patient.rs")
	bad.Set("client_id", "loader")
	from := harness.FromOneAddress()
	limited := 0
	for i := range 90 {
		got, err := from(c.TokenEndpoint, bad, [2]string{"X-Forwarded-For", "192.0.2." + string(rune('0'+i%10))})
		if err != nil {
			t.Fatal(err)
		}
		if got.Status == 429 {
			limited++
			if got.Header.Get("Retry-After") == "" {
				t.Fatal("429 without Retry-After")
			}
		}
	}
	if limited == 0 {
		t.Error("ninety failures from one address and no 429")
	}
	got, err := harness.PostForm(c.TokenEndpoint, harness.Form(sign(t, c.Assert()), "system/Patient.rs"))
	if err != nil || got.Status != 200 {
		t.Errorf("the client elsewhere: %d %s %v", got.Status, got.Body, err)
	}
}
