package oauth_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/auth/oauth"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
)

func TestTokenGranted(t *testing.T) {
	h := newHarness(t)
	for _, tt := range []struct{ name, scope, granted string }{
		{"asked for", "system/Patient.rs", "system/Patient.rs"},
		{"all that is registered", "system/*.rs system/Patient.cruds", "system/*.rs system/Patient.cruds"},
		{"covered by a wildcard", "system/CarePlan.r system/Observation.s", "system/CarePlan.r system/Observation.s"},
		{"version 1 is answered in version 1", "system/Patient.read system/Patient.write", "system/Patient.read system/Patient.write"},
	} {
		for alg, kid := range map[string]string{"ES384": "k1", "RS384": "k2"} {
			a := h.post(h.form(h.assertion(claims{"alg": alg, "kid": kid}, nil), tt.scope))
			if a.Status != http.StatusOK || a.Scope != tt.granted {
				t.Errorf("%s, %s: %d %s", tt.name, alg, a.Status, a.body)
			}
			if a.Type != "Bearer" || a.Expires <= 0 || a.Expires > 300 || a.Refresh != "" {
				t.Errorf("%s: %s", tt.name, a.body)
			}
			if a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("Pragma") != "no-cache" {
				t.Errorf("%s: the answer may be kept: %v", tt.name, a.Header)
			}
			p, err := h.Introspect(context.Background(), a.Token)
			if err != nil || p.Client != appID || p.Organization != "Organization/msp" || p.Purpose != "TREAT" || p.Scopes.String() != tt.granted || p.TokenID == "" {
				t.Errorf("%s: the token stands for %+v (%v)", tt.name, p, err)
			}
		}
	}
}

// O24: what the header of an assertion must not say, and keys that do not fit.
func TestO24AssertionHeader(t *testing.T) {
	h := newHarness(t)
	var fetched bool
	h.router.Get("/foreign.jwks", func(http.ResponseWriter, *http.Request) { fetched = true })
	url := h.http.URL + "/foreign.jwks"
	good := h.assertion(nil, nil)
	parts := strings.Split(good, ".")
	for name, assertion := range map[string]string{
		"alg none":                  segment(t, claims{"alg": "none", "kid": "k1", "typ": "JWT"}) + "." + parts[1] + ".",
		"alg HS256":                 h.assertion(claims{"alg": "HS256"}, nil),
		"alg RS256":                 h.assertion(claims{"alg": "RS256", "kid": "k2"}, nil),
		"alg ES256":                 h.assertion(claims{"alg": "ES256"}, nil),
		"alg es384":                 h.assertion(claims{"alg": "es384"}, nil),
		"alg missing":               h.assertion(claims{"alg": nil}, nil),
		"alg of the other key":      h.assertion(claims{"alg": "RS384", "kid": "k1"}, nil),
		"kid of the other key":      h.assertion(claims{"kid": "k2"}, nil),
		"kid unknown":               h.assertion(claims{"kid": "k9"}, nil),
		"kid missing":               h.assertion(claims{"kid": nil}, nil),
		"kid empty":                 h.assertion(claims{"kid": ""}, nil),
		"kid a number":              h.assertion(claims{"kid": 1}, nil),
		"kid in another case":       h.assertion(claims{"kid": "K1"}, nil),
		"typ missing":               h.assertion(claims{"typ": nil}, nil),
		"typ at+jwt":                h.assertion(claims{"typ": "at+jwt"}, nil),
		"crit":                      h.assertion(claims{"crit": []string{"exp"}}, nil),
		"b64 false":                 h.assertion(claims{"b64": false}, nil),
		"b64 false and crit":        h.assertion(claims{"b64": false, "crit": []string{"b64"}}, nil),
		"embedded jwk":              h.assertion(claims{"jwk": claims{"kty": "EC"}}, nil),
		"foreign jku":               h.assertion(claims{"jku": url}, nil),
		"foreign x5u":               h.assertion(claims{"x5u": url}, nil),
		"x5c":                       h.assertion(claims{"x5c": []string{"MII"}}, nil),
		"signature of another text": parts[0] + "." + segment(t, h.claims(nil)) + "." + parts[2],
		"signature cut":             good[:len(good)-4],
		"signature empty":           parts[0] + "." + parts[1] + ".",
		"signature of zeros":        parts[0] + "." + parts[1] + "." + strings.Repeat("A", 128),
		"four parts":                good + ".x",
		"JSON serialisation":        `{"payload":"` + parts[1] + `","protected":"` + parts[0] + `","signature":"` + parts[2] + `"}`,
		"two algs":                  raw(`{"alg":"none","alg":"ES384","kid":"k1","typ":"JWT"}`) + "." + parts[1] + "." + parts[2],
		"padding":                   parts[0] + "=." + parts[1] + "." + parts[2],
		"claims that are not JSON":  parts[0] + "." + raw("x") + "." + parts[2],
		"claims that are null":      parts[0] + "." + raw("null") + "." + parts[2],
		"nothing":                   "..",
		"an access token":           h.token(""),
		"far too long":              strings.Repeat("A", 17<<10) + ".A.A",
		"line break inside":         parts[0] + ".\n" + parts[1] + "." + parts[2],
	} {
		h.post(h.form(assertion, "")).refused(t, name, http.StatusUnauthorized, "invalid_client")
		h.restart() // forgets the failures
	}
	if a := h.post(h.form(good, "")); a.Status != http.StatusOK {
		t.Errorf("the assertion that the others were made of: %s", a.body)
	}
	if fetched {
		t.Error("a key was fetched from where the assertion pointed to")
	}
}

func raw(text string) string { return strings.TrimRight(b64(text), "=") }

// O25: claims.
func TestO25AssertionClaims(t *testing.T) {
	h := newHarness(t)
	at := func(d time.Duration) int64 { return h.clock.Now().Add(d).Unix() }
	token := h.http.URL + "/oauth/token"
	for _, tt := range []struct {
		name   string
		change func() claims
		ok     bool
	}{
		{"exp 300 s ahead", func() claims { return claims{"exp": at(300 * time.Second)} }, true},
		{"exp 301 s ahead of iat", func() claims { return claims{"exp": at(301 * time.Second)} }, false},
		{"exp 311 s ahead, no iat", func() claims { return claims{"exp": at(311 * time.Second), "iat": nil} }, false},
		{"exp a year ahead", func() claims { return claims{"exp": at(365 * 24 * time.Hour), "iat": nil} }, false},
		{"exp 9 s ago", func() claims { return claims{"exp": at(-9 * time.Second)} }, true},
		{"exp 10 s ago", func() claims { return claims{"exp": at(-10 * time.Second)} }, false},
		{"exp an hour ago", func() claims { return claims{"exp": at(-time.Hour), "iat": at(-2 * time.Hour)} }, false},
		{"exp a string", func() claims { return claims{"exp": fmt.Sprint(at(time.Minute))} }, false},
		{"exp missing", func() claims { return claims{"exp": nil} }, false},
		{"exp negative", func() claims { return claims{"exp": -1} }, false},
		{"exp beyond all time", func() claims { return claims{"exp": 1e300, "iat": nil} }, false},
		{"exp a fraction", func() claims { return claims{"exp": float64(at(time.Minute)) + 0.5} }, true},
		{"iat 61 s ahead", func() claims { return claims{"iat": at(61 * time.Second)} }, false},
		{"iat 5 s ahead", func() claims { return claims{"iat": at(5 * time.Second)} }, true},
		{"nbf 61 s ahead", func() claims { return claims{"nbf": at(61 * time.Second)} }, false},
		{"nbf past", func() claims { return claims{"nbf": at(-time.Minute)} }, true},
		{"aud the issuer", func() claims { return claims{"aud": h.http.URL} }, true},
		{"aud a list of two", func() claims { return claims{"aud": []string{token, "https://other.example"}} }, false},
		{"aud a list of one", func() claims { return claims{"aud": []string{token}} }, false},
		{"aud another server", func() claims { return claims{"aud": "https://other.example/oauth/token"} }, false},
		{"aud with a slash more", func() claims { return claims{"aud": token + "/"} }, false},
		{"aud the FHIR base", func() claims { return claims{"aud": h.http.URL + fhirPath} }, false},
		{"aud missing", func() claims { return claims{"aud": nil} }, false},
		{"sub is not iss", func() claims { return claims{"sub": "other"} }, false},
		{"iss is not sub", func() claims { return claims{"iss": "other"} }, false},
		{"iss and sub unknown", func() claims { return claims{"iss": "other", "sub": "other"} }, false},
		{"iss and sub empty", func() claims { return claims{"iss": "", "sub": ""} }, false},
		{"iss missing", func() claims { return claims{"iss": nil, "sub": nil} }, false},
		{"jti empty", func() claims { return claims{"jti": ""} }, false},
		{"jti missing", func() claims { return claims{"jti": nil} }, false},
		{"jti of 256 characters", func() claims { return claims{"jti": strings.Repeat("j", 256)} }, true},
		{"jti of 257 characters", func() claims { return claims{"jti": strings.Repeat("j", 257)} }, false},
		{"jti a number", func() claims { return claims{"jti": 7} }, false},
		{"EXP in capitals", func() claims { return claims{"exp": nil, "EXP": at(time.Minute)} }, false},
	} {
		a := h.post(h.form(h.assertion(nil, tt.change()), ""))
		if tt.ok && a.Status != http.StatusOK {
			t.Errorf("%s: %d %s", tt.name, a.Status, a.body)
		}
		if !tt.ok {
			a.refused(t, tt.name, http.StatusUnauthorized, "invalid_client")
		}
		h.restart() // forgets the failures
	}
}

// O26: an assertion is used once, in parallel and after a restart too.
func TestO26AssertionReplay(t *testing.T) {
	h := newHarness(t)
	form := h.form(h.assertion(nil, nil), "")
	if a := h.post(form); a.Status != http.StatusOK {
		t.Fatal(a.body)
	}
	h.post(form).refused(t, "the same again", http.StatusUnauthorized, "invalid_client")
	h.restart()
	h.post(form).refused(t, "the same after a restart", http.StatusUnauthorized, "invalid_client")
	if n, err := h.Sweep(context.Background()); n != 0 || err != nil {
		t.Errorf("swept %d, %v while everything is in force", n, err)
	}
	h.clock.add(4*time.Minute + 5*time.Second) // within the skew after exp
	if _, err := h.Sweep(context.Background()); err != nil {
		t.Error(err)
	}
	h.post(form).refused(t, "the same in the last seconds", http.StatusUnauthorized, "invalid_client")

	h.add(oauth.Client{ID: "other", Scopes: scopes(t, "system/*.rs")})
	if a := h.post(h.form(h.assertion(nil, claims{"jti": "same"}), "")); a.Status != http.StatusOK {
		t.Error(a.body)
	}
	if a := h.post(h.form(h.assertion(nil, claims{"jti": "same", "iss": "other", "sub": "other"}), "")); a.Status != http.StatusOK {
		t.Errorf("a jti of another client is taken for this one's: %s", a.body)
	}
}

func TestO26AssertionReplayParallel(t *testing.T) {
	h := newHarness(t)
	form := h.form(h.assertion(nil, nil), "")
	var mu sync.Mutex
	statuses := map[int]int{}
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			a := h.post(form)
			mu.Lock()
			defer mu.Unlock()
			statuses[a.Status]++
		})
	}
	wg.Wait()
	if statuses[http.StatusOK] != 1 || statuses[http.StatusOK]+statuses[http.StatusUnauthorized]+statuses[http.StatusTooManyRequests] != 50 {
		t.Errorf("50 parallel uses of one assertion: %v", statuses)
	}
}

// O23: two ways to authenticate, secrets, parameters in the URL.
func TestO23ClientAuthentication(t *testing.T) {
	h := newHarness(t)
	send := func(change func(*http.Request), form url.Values) answer {
		r, _ := http.NewRequest(http.MethodPost, h.http.URL+"/oauth/token", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if change != nil {
			change(r)
		}
		return h.answer(http.DefaultClient.Do(r))
	}
	form := func() url.Values { return h.form(h.assertion(nil, nil), "") }
	without := func(name string) url.Values { f := form(); f.Del(name); return f }
	also := func(name, value string) url.Values { f := form(); f.Add(name, value); return f }
	for _, tt := range []struct {
		name   string
		got    answer
		status int
		code   string
	}{
		{"Basic and assertion", send(func(r *http.Request) { r.SetBasicAuth(appID, "x") }, form()), 401, "invalid_client"},
		{"Basic alone", send(func(r *http.Request) { r.SetBasicAuth(appID, "x") }, url.Values{"grant_type": {"client_credentials"}}), 401, "invalid_client"},
		{"secret and assertion", send(nil, also("client_secret", "x")), 401, "invalid_client"},
		{"nothing", send(nil, url.Values{"grant_type": {"client_credentials"}, "client_id": {appID}}), 401, "invalid_client"},
		{"assertion without type", send(nil, without("client_assertion_type")), 401, "invalid_client"},
		{"type without assertion", send(nil, without("client_assertion")), 401, "invalid_client"},
		{"client_id of another", send(nil, also("client_id", "other")), 401, "invalid_client"},
		{"secret in the URL", send(func(r *http.Request) { r.URL.RawQuery = "client_secret=x" }, form()), 400, "invalid_request"},
		{"a parameter twice", send(nil, also("grant_type", "client_credentials")), 400, "invalid_request"},
		{"grant type missing", send(nil, without("grant_type")), 400, "invalid_request"},
		{"body of JSON", send(func(r *http.Request) { r.Header.Set("Content-Type", "application/json") }, form()), 400, "invalid_request"},
		{"body far too long", send(nil, also("x", strings.Repeat("x", 70<<10))), 400, "invalid_request"},
	} {
		tt.got.refused(t, tt.name, tt.status, tt.code)
	}
	if a := send(nil, also("client_id", appID)); a.Status != http.StatusOK {
		t.Errorf("the client's own client_id: %s", a.body)
	}
	if a := send(nil, also("state", "stray")); a.Status != http.StatusOK {
		t.Errorf("a parameter that means nothing: %s", a.body)
	}
}

func TestGrantTypes(t *testing.T) {
	h := newHarness(t)
	for _, grant := range []string{"authorization_code", "refresh_token", "password", "urn:ietf:params:oauth:grant-type:jwt-bearer",
		"urn:ietf:params:oauth:grant-type:token-exchange", "implicit", "client_credentials password", "CLIENT_CREDENTIALS"} {
		form := h.form(h.assertion(nil, nil), "")
		form.Set("grant_type", grant)
		h.post(form).refused(t, grant, http.StatusBadRequest, "unsupported_grant_type")
	}
}

// O13 and O28: scopes that are not well formed, of another context, or more
// than the client is registered for.
func TestO28Scopes(t *testing.T) {
	h := newHarness(t)
	for _, scope := range []string{
		"user/Patient.rs", "patient/*.rs", "user/*.rs system/Patient.rs", "system/*.cruds", "system/CarePlan.c", "system/CarePlan.write",
		"system/Patient.rs system/Consent.u", "system/Patient.dus", ".", "system/Foo.rs", "openid", "system/Patient.rs offline_access",
		"system/Observation.rs?category=laboratory", strings.Repeat("system/Patient.rs ", 700),
	} {
		a := h.post(h.form(h.assertion(nil, nil), scope))
		a.refused(t, fmt.Sprintf("%.40q", scope), http.StatusBadRequest, "invalid_scope")
		if a.Refresh != "" {
			t.Error("a refresh token was issued")
		}
	}
}

// O28: scope is a required parameter (SMART Backend Services): a client that
// forgets it is not given everything it is registered for.
func TestO28ScopeMissing(t *testing.T) {
	h := newHarness(t)
	for name, change := range map[string]func(url.Values){
		"absent": func(f url.Values) { f.Del("scope") },
		"empty":  func(f url.Values) { f.Set("scope", "") },
		"blank":  func(f url.Values) { f.Set("scope", "  ") },
	} {
		form := h.form(h.assertion(nil, nil), "")
		change(form)
		h.post(form).refused(t, name, http.StatusBadRequest, "invalid_scope")
	}
}

// O36: failures are counted by client and address; nothing tells a client that
// exists from one that does not.
func TestO36TokenRateLimit(t *testing.T) {
	h := newHarness(t)
	bad := func(id string) answer {
		return h.post(h.form(h.assertion(claims{"kid": "wrong"}, claims{"iss": id, "sub": id}), ""))
	}
	known, unknown := bad(appID), bad("nobody")
	if known.body != unknown.body || known.Status != unknown.Status {
		t.Errorf("a client that exists is answered %q, one that does not %q", known.body, unknown.body)
	}
	var last answer
	for range 15 {
		last = bad(appID)
	}
	last.refused(t, "after many failures", http.StatusTooManyRequests, "temporarily_unavailable")
	if last.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	if a := h.post(h.form(h.assertion(nil, nil), "")); a.Status != http.StatusTooManyRequests {
		t.Errorf("a good assertion in between gets %d", a.Status)
	}
	h.add(oauth.Client{ID: "other", Scopes: scopes(t, "system/*.rs")})
	if a := h.post(h.form(h.assertion(nil, claims{"iss": "other", "sub": "other"}), "")); a.Status != http.StatusOK {
		t.Errorf("another client at the same address is turned away: %s", a.body)
	}
	for i := range 80 {
		last = bad(fmt.Sprintf("c%d", i))
	}
	last.refused(t, "an address that tries one client after the other", http.StatusTooManyRequests, "temporarily_unavailable")
	h.clock.add(2 * time.Minute)
	if a := h.post(h.form(h.assertion(nil, nil), "")); a.Status != http.StatusOK {
		t.Errorf("after a pause: %d %s", a.Status, a.body)
	}
}

// Nothing is granted, and nobody is told to be unknown, while the trail or the
// store fails.
func TestTokenNeedsTrailAndStore(t *testing.T) {
	h := newHarness(t)
	h.trail.fail = errors.New("disk full")
	h.post(h.form(h.assertion(nil, nil), "")).refused(t, "without a trail", http.StatusServiceUnavailable, "temporarily_unavailable")
	h.post(h.form("x", "")).refused(t, "refusal without a trail", http.StatusServiceUnavailable, "temporarily_unavailable")
	h.trail.fail = nil
	if err := h.engine.Close(); err != nil {
		t.Fatal(err)
	}
	a := h.post(h.form(h.assertion(nil, nil), ""))
	a.refused(t, "without a store", http.StatusServiceUnavailable, "temporarily_unavailable")
	if strings.Contains(a.body, "closed") {
		t.Errorf("the cause is told: %s", a.body)
	}
}

func TestA02TokenEnds(t *testing.T) {
	ctx := context.Background()
	h := newHarness(t)
	token := h.token("")
	expect := func(what, token string, code fhir.IssueCode) {
		t.Helper()
		p, err := h.Introspect(ctx, token)
		var e *fhir.Error
		if !errors.As(err, &e) || e.Kind != fhir.Unauthenticated || e.Issues[0].Code != code || p.Client != "" {
			t.Errorf("%s: %+v, %v", what, p, err)
		}
	}
	// O35: nothing else is an access token.
	for _, other := range []string{"", ".", "a.b", token + "A", "A" + token, token[:len(token)-1], strings.ToUpper(token), h.assertion(nil, nil), strings.Repeat("A", 100_000)} {
		expect(fmt.Sprintf("%.20q", other), other, fhir.CodeLogin)
	}
	if _, err := h.Introspect(ctx, token); err != nil {
		t.Fatal(err)
	}
	h.restart()
	if _, err := h.Introspect(ctx, token); err != nil {
		t.Errorf("after a restart: %v", err)
	}
	second := h.token("")
	if _, err := h.Introspect(ctx, second); err != nil {
		t.Fatal(err)
	}
	h.clock.add(299 * time.Second)
	if _, err := h.Introspect(ctx, token); err != nil {
		t.Errorf("one second before its end: %v", err)
	}
	h.clock.add(time.Second)
	expect("at its end", token, fhir.CodeExpired)
	if n, err := h.Sweep(ctx); err != nil || n == 0 {
		t.Errorf("swept %d, %v", n, err)
	}
	h.clock.add(time.Hour)
	if _, err := h.Sweep(ctx); err != nil {
		t.Error(err)
	}
	expect("swept away", token, fhir.CodeLogin)

	third := h.token("")
	if _, err := h.Introspect(ctx, third); err != nil {
		t.Fatal(err)
	}
	if err := h.Clients().Revoke(ctx, appID); err != nil {
		t.Fatal(err)
	}
	expect("of a client revoked a moment ago", third, fhir.CodeLogin)
	h.post(h.form(h.assertion(nil, nil), "")).refused(t, "a revoked client", http.StatusUnauthorized, "invalid_client")
}

// A revocation by another process is noticed after a few seconds.
func TestA02RevokedElsewhere(t *testing.T) {
	ctx := context.Background()
	h := newHarness(t)
	token := h.token("")
	if _, err := h.Introspect(ctx, token); err != nil {
		t.Fatal(err)
	}
	elsewhere := oauth.NewClients(kv.Sub(h.engine, "oauth/"), nil)
	if err := elsewhere.Revoke(ctx, appID); err != nil {
		t.Fatal(err)
	}
	h.clock.add(6 * time.Second)
	if _, err := h.Introspect(ctx, token); fhir.KindOf(err) != fhir.Unauthenticated {
		t.Errorf("a token of a client revoked elsewhere: %v", err)
	}
}

func TestTokensAreNotKept(t *testing.T) {
	h := newHarness(t)
	token := h.token("")
	secret, _, _ := strings.Cut(token, ".")
	err := h.engine.View(context.Background(), func(r kv.Reader) error {
		for e, err := range r.Scan(context.Background(), kv.Prefix([]byte("oauth/"))) {
			if err != nil {
				return err
			}
			if strings.Contains(string(e.Key)+string(e.Value), secret) {
				t.Errorf("the token stands in the store, under %c", e.Key[6])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

var _ auth.TokenSource = (*oauth.Server)(nil)
