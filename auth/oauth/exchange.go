package oauth

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json"
	"github.com/google/uuid"
)

// A Token is what the token endpoint granted.
type Token struct {
	AccessToken string `json:"access_token"`
	Type        string `json:"token_type"`
	ExpiresIn   int    `json:"expires_in"` // seconds
	Scope       string `json:"scope"`
}

// An ExchangeError is an error response of a token endpoint (RFC 6749 §5.2).
type ExchangeError struct {
	Status      int
	Code        string `json:"error"`
	Description string `json:"error_description"`
}

// Error returns one line for the terminal.
func (e *ExchangeError) Error() string {
	return fmt.Sprintf("the token endpoint refused (%d %s): %s", e.Status, e.Code, e.Description)
}

// exchangeTimeout bounds one exchange.
const exchangeTimeout = 30 * time.Second

// Exchange asks the token endpoint of the file for a token, as SMART Backend
// Services does: client_credentials with private_key_jwt. An empty scope asks
// for the scopes of the file. It fails with *ExchangeError when the endpoint
// refuses.
func Exchange(ctx context.Context, c ClientFile, scope string) (Token, error) {
	return ExchangeAs(ctx, c, scope, Declaration{})
}

// A Declaration is for whom and what for a client asks: what it states in its
// assertion, and so signs. The zero Declaration states nothing.
type Declaration struct {
	Organization string // "Organization/id", which the client is registered for
	Purpose      string // code of v3-ActReason; without one nothing but an emergency is stated
	Subject      string // the person: Practitioner/id, PractitionerRole/id, an RPPS number
	Profession   string // of the person, code of TRE_G15-ProfessionSante

	// To break the glass, with the purpose BTG: whose record, and why.
	Patient string // "Patient/id"
	Reason  string
}

// extensions are those of the assertion (HL7 UDAP hl7-b2b, and our own).
func (d Declaration) extensions() map[string]any {
	all := map[string]any{}
	if d.Purpose != "" {
		stated := map[string]any{"version": "1", "organization_id": d.Organization, "purpose_of_use": []string{reasonSystems[0] + d.Purpose}}
		if d.Subject != "" {
			stated["subject_id"] = d.Subject
		}
		if d.Profession != "" {
			stated["subject_role"] = professionSystems[0] + d.Profession
		}
		all["hl7-b2b"] = stated
	}
	if d.Patient != "" || d.Reason != "" {
		all["cordee-emergency"] = emergency{Version: "1", Patient: d.Patient, Reason: d.Reason}
	}
	return all
}

// ExchangeAs is Exchange with a Declaration.
func ExchangeAs(ctx context.Context, c ClientFile, scope string, who Declaration) (Token, error) {
	if err := checkURL(c.TokenEndpoint); err != nil {
		return Token{}, fmt.Errorf("token endpoint: %w", err)
	}
	body, err := post(ctx, c, who, c.TokenEndpoint, url.Values{"grant_type": {clientCredentials}, "scope": {cmp.Or(scope, c.Scopes)}})
	if err != nil {
		return Token{}, err
	}
	var token Token
	if err := json.Unmarshal(body, &token); err != nil || token.AccessToken == "" || !strings.EqualFold(token.Type, "Bearer") {
		return Token{}, errors.New("the answer of the token endpoint holds no bearer token")
	}
	return token, nil
}

// Revoke takes a token back at the revocation endpoint beside the token endpoint of
// the file (RFC 7009); of one that breaks the glass the session ends. It fails with
// *ExchangeError when the endpoint refuses.
func Revoke(ctx context.Context, c ClientFile, token string) error {
	origin, ok := strings.CutSuffix(c.TokenEndpoint, TokenPath)
	if err := checkURL(c.TokenEndpoint); err != nil || !ok {
		return errors.New("token endpoint: is not one of a gateway, or not https")
	}
	_, err := post(ctx, c, Declaration{}, origin+RevokePath, url.Values{"token": {token}})
	return err
}

// post sends a form with a client assertion, and returns the answer.
func post(ctx context.Context, c ClientFile, who Declaration, endpoint string, form url.Values) ([]byte, error) {
	assertion, err := sign(c, who, time.Now())
	if err != nil {
		return nil, err
	}
	form.Set("client_assertion_type", assertionType)
	form.Set("client_assertion", assertion)
	ctx, cancel := context.WithTimeout(ctx, exchangeTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Accept", "application/json")
	// An assertion is for the endpoint of the file; it is not carried elsewhere.
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxForm))
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		refused := &ExchangeError{Status: response.StatusCode}
		if json.Unmarshal(body, refused) != nil || refused.Code == "" {
			refused.Code, refused.Description = "unknown", "the answer is not that of a token endpoint"
		}
		return nil, refused
	}
	return body, nil
}

// sign makes a client assertion for the token endpoint of the file (SMART App
// Launch 2.2, client-confidential-asymmetric).
func sign(c ClientFile, who Declaration, now time.Time) (string, error) {
	var key jose.JSONWebKey
	if err := key.UnmarshalJSON(c.PrivateJWK); err != nil {
		return "", fmt.Errorf("the private key of the client file: %w", err)
	}
	algorithm := jose.ES384
	switch key.Key.(type) {
	case *ecdsa.PrivateKey:
	case *rsa.PrivateKey:
		algorithm = jose.RS384
	default:
		return "", errors.New("the private key of the client file is neither EC nor RSA")
	}
	options := (&jose.SignerOptions{}).WithType("JWT")
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key}, options)
	if err != nil {
		return "", err
	}
	stated := map[string]any{"iss": c.ClientID, "sub": c.ClientID, "aud": c.TokenEndpoint,
		"jti": uuid.NewString(), "iat": now.Unix(), "exp": now.Add(4 * time.Minute).Unix()}
	if extensions := who.extensions(); len(extensions) > 0 {
		stated["extensions"] = extensions
	}
	claims, err := json.Marshal(stated)
	if err != nil {
		return "", err
	}
	signed, err := signer.Sign(claims)
	if err != nil {
		return "", err
	}
	return signed.CompactSerialize()
}
