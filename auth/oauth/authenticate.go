package oauth

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/binary"
	"math/big"
	"net/http"
	"net/url"
	"time"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
	jose "github.com/go-jose/go-jose/v4"
	"github.com/ory/fosite"
)

// assertionType is the only client_assertion_type (RFC 7523 §2.2).
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// authenticate is the client authentication of the provider, in place of
// fosite's: that one accepts an assertion of a year, answers an expired one
// with 500 and a replayed one with a code of its own, looks for kid loosely and
// remembers jti for all clients together, in two steps.
func (s *Server) authenticate(ctx context.Context, r *http.Request, form url.Values) (fosite.Client, error) {
	if form.Get("client_assertion_type") != assertionType || form.Get("client_assertion") == "" {
		return nil, invalidClient("oauth.no-assertion", "Authenticate with client_assertion and client_assertion_type "+assertionType+".")
	}
	if r.Header.Get("Authorization") != "" || form.Has("client_secret") {
		return nil, invalidClient("oauth.two-methods", "Use one way to authenticate: the client assertion.")
	}
	now := s.clock()
	a, err := parseAssertion(form.Get("client_assertion"), []string{s.tokenURL, s.issuer}, now)
	if err != nil {
		return nil, err
	}
	if id := form.Get("client_id"); id != "" && id != a.claims.Issuer {
		return nil, invalidClient("oauth.client-id", "client_id differs from iss of the client assertion.")
	}
	client, err := s.clients.Get(ctx, a.claims.Issuer)
	if err != nil && fhir.KindOf(err) != fhir.NotFound {
		return nil, unavailable(err)
	}
	// An unknown client costs the time of a known one, and is answered alike (O36).
	verified := s.verify(a, client)
	if err != nil || !verified || !client.Revoked.IsZero() {
		return nil, invalidClient("oauth.assertion-unverified", "The client is unknown or revoked, or no registered key with that kid signed the client assertion.")
	}
	if err := s.use(ctx, client.ID, a.claims.ID, numericDate(a.claims.Expires)); err != nil {
		return nil, err
	}
	return &grantee{Client: client, b2b: a.claims.Extensions.B2B, emergency: a.claims.Extensions.Emergency}, nil
}

// verify checks the signature with the one key of the client that has the kid
// and is for the algorithm.
func (s *Server) verify(a *assertion, client Client) bool {
	alg := jose.SignatureAlgorithm(a.header.Alg)
	key, found := s.decoys[alg], false
	if keys, err := parseKeySet(client.JWKS); err == nil {
		for i := range keys {
			if keys[i].KeyID == a.header.Kid && algorithmOf(keys[i]) == alg {
				key, found = keys[i].Key, true // kid is unique in the set
			}
		}
	}
	signed, err := jose.ParseSignedCompact(a.text, algorithms)
	if err != nil {
		return false
	}
	_, err = signed.Verify(key)
	return err == nil && found
}

// use remembers that the client used jti, and fails when it did before: one
// transaction, so that of many parallel requests one succeeds (O26).
func (s *Server) use(ctx context.Context, client, jti string, expires time.Time) error {
	key := usedKey(client, jti)
	forget := expires.Add(2 * skew)
	err := s.engine.Update(ctx, func(w kv.Writer) error {
		values, err := w.Get(ctx, key)
		if err != nil {
			return err
		}
		if values[0] != nil {
			return invalidClient("oauth.assertion-replayed", "The client assertion was refused: its jti was used before.")
		}
		if err := w.Put(key, binary.BigEndian.AppendUint64(nil, uint64(forget.Unix()))); err != nil {
			return err
		}
		return w.Put(expiryKey(forget, key), []byte{1})
	})
	if err == nil {
		return nil
	}
	if r := refusalOf(err); r.code == "invalid_client" {
		return r
	}
	return unavailable(err)
}

// newDecoys makes the keys against which the assertion of an unknown client is
// checked in vain. Nobody holds the private part of the RSA key: its modulus is
// random.
func newDecoys() (map[jose.SignatureAlgorithm]any, error) {
	private, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		return nil, err
	}
	modulus := make([]byte, minRSABits/8)
	if _, err := rand.Read(modulus); err != nil {
		return nil, err
	}
	modulus[0] |= 0x80
	modulus[len(modulus)-1] |= 1
	return map[jose.SignatureAlgorithm]any{
		jose.ES384: &private.PublicKey,
		jose.RS384: &rsa.PublicKey{N: new(big.Int).SetBytes(modulus), E: 65537},
	}, nil
}
