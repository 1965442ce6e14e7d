package oauth

import (
	"testing"
	"time"
)

func FuzzParseAssertion(f *testing.F) {
	for _, seed := range []string{"", "..", "e30.e30.", "eyJhbGciOiJFUzM4NCIsImtpZCI6ImsxIiwidHlwIjoiSldUIn0.eyJpc3MiOiJhIn0.AA", "\x00.\xff.x"} {
		f.Add(seed)
	}
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		a, err := parseAssertion(text, []string{"https://gw.example.fr"}, now)
		if err == nil && (a.claims.Issuer == "" || a.claims.Audience != "https://gw.example.fr" || a.header.Typ != "JWT") {
			t.Fatalf("accepted: %+v", a)
		}
		if err != nil && refusalOf(err).code != "invalid_client" {
			t.Fatalf("refused as %v", err)
		}
	})
}

func FuzzParseKeySet(f *testing.F) {
	_, public, err := NewKey()
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{string(public), `{"keys":[]}`, `{"keys":[{"kty":"EC","crv":"P-384","kid":"k","x":"","y":""}]}`, `{"keys":[{"kty":"RSA","n":"","e":"","kid":"k"}]}`, `{"keys":[null,1,{}]}`, ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		keys, err := parseKeySet([]byte(text))
		if err != nil {
			return
		}
		for _, key := range keys {
			if !key.IsPublic() || key.KeyID == "" || algorithmOf(key) == "" {
				t.Fatalf("accepted %+v", key)
			}
		}
	})
}
