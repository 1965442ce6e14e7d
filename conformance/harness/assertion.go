package harness

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// An Assertion is a private_key_jwt before it is signed (RFC 7523, SMART App
// Launch "client-confidential-asymmetric"): change what the attack is about.
type Assertion struct {
	Claims map[string]any
	Header map[jose.HeaderKey]any // beside alg, kid and typ
	Key    jose.SigningKey
	KeyID  string // empty for none
}

// Assert is the assertion of an honest client.
func (c ClientFile) Assert() *Assertion {
	now := time.Now()
	return &Assertion{
		Claims: map[string]any{
			"iss": c.ID, "sub": c.ID, "aud": c.TokenEndpoint, "jti": rand.Text(),
			"iat": now.Unix(), "exp": now.Add(2 * time.Minute).Unix(),
		},
		Header: map[jose.HeaderKey]any{"typ": "JWT"},
		Key:    jose.SigningKey{Algorithm: jose.ES384, Key: c.Key.Key},
		KeyID:  c.Key.KeyID,
	}
}

// SpeakFor declares on whose behalf the client asks (UDAP hl7-b2b): a person of
// the profession in the organisation.
func (a *Assertion) SpeakFor(organization, profession string) {
	a.Claims["extensions"] = map[string]any{"hl7-b2b": map[string]any{
		"version": "1", "organization_id": organization, "subject_id": "89990000001",
		"subject_role":   "https://mos.esante.gouv.fr/NOS/TRE_G15-ProfessionSante/FHIR/TRE-G15-ProfessionSante#" + profession,
		"purpose_of_use": []string{"http://terminology.hl7.org/CodeSystem/v3-ActReason#TREAT"},
	}}
}

// Sign returns the compact form.
func (a *Assertion) Sign() (string, error) {
	key := a.Key
	if a.KeyID != "" {
		a.Header["kid"] = a.KeyID
	}
	signer, err := jose.NewSigner(key, &jose.SignerOptions{ExtraHeaders: a.Header})
	if err != nil {
		return "", err
	}
	claims, err := json.Marshal(a.Claims)
	if err != nil {
		return "", err
	}
	signed, err := signer.Sign(claims)
	if err != nil {
		return "", err
	}
	return signed.CompactSerialize()
}

// Form is a client_credentials request with that assertion.
func Form(assertion, scope string) url.Values {
	return url.Values{
		"grant_type":            {"client_credentials"},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
		"client_assertion":      {assertion},
		"scope":                 {scope},
	}
}

// A TokenAnswer is what a token endpoint says.
type TokenAnswer struct {
	Status      int
	Header      http.Header
	Body        string
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int    `json:"expires_in"`
	Scope       string `json:"scope"`
	Error       string `json:"error"`
	Refresh     string `json:"refresh_token"`
}

// PostForm sends a form to a token endpoint. Each request comes from a loopback
// address of its own: failures of one address do not slow the others down.
func PostForm(endpoint string, form url.Values, header ...[2]string) (TokenAnswer, error) {
	return FromOneAddress()(endpoint, form, header...)
}

// FromOneAddress is PostForm, always from the same address.
func FromOneAddress() func(endpoint string, form url.Values, header ...[2]string) (TokenAnswer, error) {
	client := http.Client{Timeout: time.Minute, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext:       (&net.Dialer{LocalAddr: someLoopback()}).DialContext,
	}}
	return func(endpoint string, form url.Values, header ...[2]string) (TokenAnswer, error) {
		r, err := http.NewRequest(http.MethodPost, endpoint, strings.NewReader(form.Encode()))
		if err != nil {
			return TokenAnswer{}, err
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for _, h := range header {
			r.Header.Set(h[0], h[1])
		}
		return read(client.Do(r))
	}
}

func read(resp *http.Response, err error) (TokenAnswer, error) {
	if err != nil {
		return TokenAnswer{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	a := TokenAnswer{Status: resp.StatusCode, Header: resp.Header, Body: string(body)}
	if err == nil {
		err = json.Unmarshal(body, &a)
	}
	if err != nil {
		err = fmt.Errorf("%d %q: %w", a.Status, body, err)
	}
	return a, err
}

// someLoopback is one of the sixteen million addresses of 127.0.0.0/8.
func someLoopback() net.Addr {
	b := make([]byte, 3)
	rand.Read(b)
	return &net.TCPAddr{IP: net.IPv4(127, b[0], b[1], max(b[2], 2))}
}
