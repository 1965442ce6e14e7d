package oauth_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/auth/oauth"
	"github.com/google/go-cmp/cmp"
)

func TestExchange(t *testing.T) {
	ctx := context.Background()
	h := newHarness(t)
	h.clock.system()
	private, public, err := oauth.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	h.add(oauth.Client{ID: "cli", JWKS: public, Scopes: scopes(t, "system/*.rs")})
	written := oauth.ClientFile{ClientID: "cli", Name: "Poste de test", PrivateJWK: private, TokenEndpoint: h.http.URL + "/oauth/token",
		FHIRBase: h.http.URL + fhirPath, Scopes: "system/CarePlan.rs"}
	name := filepath.Join(t.TempDir(), "client.json")
	if err := oauth.WriteClientFile(name, written); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(name); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if err := oauth.WriteClientFile(name, written); !errors.Is(err, os.ErrExist) {
		t.Errorf("a client file is overwritten: %v", err)
	}
	file, err := oauth.ReadClientFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for scope, want := range map[string]string{"": "system/CarePlan.rs", "system/Patient.r": "system/Patient.r"} {
		token, err := oauth.Exchange(ctx, file, scope)
		if err != nil || token.Scope != want || token.ExpiresIn != 300 {
			t.Errorf("%q: %+v %v", scope, token, err)
		}
		if _, err := h.Introspect(ctx, token.AccessToken); err != nil {
			t.Error(err)
		}
		if err := oauth.Revoke(ctx, file, token.AccessToken); err != nil || h.opens(token.AccessToken) {
			t.Errorf("revoked: %v", err)
		}
	}
	var refused *oauth.ExchangeError
	if _, err := oauth.Exchange(ctx, file, "system/Patient.c"); !errors.As(err, &refused) || refused.Code != "invalid_scope" {
		t.Errorf("%v", err)
	}
	file.TokenEndpoint = "http://gw.example.fr/oauth/token"
	if _, err := oauth.Exchange(ctx, file, ""); err == nil || !strings.Contains(err.Error(), "https") {
		t.Errorf("an assertion travels in clear: %v", err)
	}
}

func TestClientFileRefused(t *testing.T) {
	dir := t.TempDir()
	for name, file := range map[string]struct {
		text string
		mode os.FileMode
	}{
		"open":    {`{}`, 0o644},
		"group":   {`{}`, 0o640},
		"unknown": {`{"client_idd":"x"}`, 0o600},
		"no JSON": {`x`, 0o600},
		"twice":   {`{"client_id":"x","client_id":"y"}`, 0o600},
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(file.text), file.mode); err != nil {
			t.Fatal(err)
		}
		if got, err := oauth.ReadClientFile(path); err == nil {
			t.Errorf("%s: %s", name, cmp.Diff(oauth.ClientFile{}, got))
		}
	}
}

// An assertion is not carried to where the endpoint redirects.
func TestExchangeFollowsNoRedirect(t *testing.T) {
	h := newHarness(t)
	reached := false
	h.router.Post("/elsewhere", func(http.ResponseWriter, *http.Request) { reached = true })
	h.router.Post("/moved", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	})
	private, _, err := oauth.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	_, err = oauth.Exchange(context.Background(), oauth.ClientFile{ClientID: "x", PrivateJWK: private, TokenEndpoint: h.http.URL + "/moved"}, "system/*.rs")
	if err == nil || reached {
		t.Errorf("followed: %v, %v", reached, err)
	}
}
