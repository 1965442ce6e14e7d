package oauth

import (
	"encoding/base64"
	"slices"
	"strings"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// The limits of a client assertion. SMART sets the five minutes; RFC 9700 and
// FAPI 2.0 the skew and the sixty seconds; the rest is ours.
const (
	maxAssertion     = 16 << 10
	maxAssertionLife = 5 * time.Minute
	skew             = 10 * time.Second // how much a client's clock may be off
	maxAhead         = time.Minute      // how far iat and nbf may lie ahead
	maxJTI           = 256
)

// algorithms is everything that an assertion may be signed with (SMART App
// Launch 2.2, client-confidential-asymmetric: both are mandatory).
var algorithms = []jose.SignatureAlgorithm{jose.ES384, jose.RS384}

// notCompact reports a character that no compact JWT is written with. Decoders
// of base64 skip line breaks, which would make several texts of one assertion.
func notCompact(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.')
}

// An assertion is a JWT of RFC 7523 §2.2 whose form has been checked. Its
// signature has not.
type assertion struct {
	text   string
	header assertionHeader
	claims assertionClaims
}

type assertionHeader struct {
	Alg string `json:"alg"`
	Kid string `json:"kid"`
	Typ string `json:"typ"`

	// Keys that the header brings along or points to are refused, and so is what
	// would change the meaning of the signature (RFC 7515 §4.1, RFC 7797).
	JWK      jsontext.Value `json:"jwk"`
	JKU      jsontext.Value `json:"jku"`
	X5U      jsontext.Value `json:"x5u"`
	X5C      jsontext.Value `json:"x5c"`
	Critical jsontext.Value `json:"crit"`
	B64      jsontext.Value `json:"b64"`
}

type assertionClaims struct {
	Issuer     string   `json:"iss"`
	Subject    string   `json:"sub"`
	Audience   string   `json:"aud"` // a list is refused: one assertion is for one server
	ID         string   `json:"jti"`
	Expires    float64  `json:"exp"`
	IssuedAt   *float64 `json:"iat"`
	NotBefore  *float64 `json:"nbf"`
	Extensions struct {
		B2B       *b2b       `json:"hl7-b2b"`
		Emergency *emergency `json:"cordee-emergency"`
	} `json:"extensions"`
}

// parseAssertion reads an assertion and checks all that can be checked without
// knowing the client, so that saying what is wrong tells nothing about it.
func parseAssertion(text string, audiences []string, now time.Time) (*assertion, error) {
	a := &assertion{text: text}
	parts := strings.Split(text, ".")
	if len(text) > maxAssertion || len(parts) != 3 || strings.ContainsFunc(text, notCompact) {
		return nil, badAssertion("the client assertion is not a compact JWT of at most 16 KiB")
	}
	if !decodePart(parts[0], &a.header) || !decodePart(parts[1], &a.claims) {
		return nil, badAssertion("header or claims of the client assertion are not JSON of the expected form; aud is one string, exp a number")
	}
	if err := a.header.check(); err != nil {
		return nil, err
	}
	return a, a.claims.check(audiences, now)
}

// decodePart reads one part of a compact JWT. Names that occur twice and
// invalid UTF-8 fail, names are compared exactly.
func decodePart(part string, v any) bool {
	text, err := base64.RawURLEncoding.Strict().DecodeString(part)
	return err == nil && len(text) > 0 && text[0] == '{' && json.Unmarshal(text, v) == nil
}

func (h *assertionHeader) check() error {
	switch {
	case !slices.Contains(algorithms, jose.SignatureAlgorithm(h.Alg)):
		return badAssertion("alg must be ES384 or RS384")
	case h.Typ != "JWT":
		return badAssertion("typ must be JWT")
	case h.Kid == "" || len(h.Kid) > maxKeyID:
		return badAssertion("kid is missing or too long")
	case h.JWK != nil || h.JKU != nil || h.X5U != nil || h.X5C != nil:
		return badAssertion("the header may not bring or point to keys; register them")
	case h.Critical != nil || h.B64 != nil:
		return badAssertion("crit and b64 are not supported")
	}
	return nil
}

func (c *assertionClaims) check(audiences []string, now time.Time) error {
	expires := numericDate(c.Expires)
	switch {
	case c.Issuer == "" || c.Issuer != c.Subject:
		return badAssertion("iss and sub must both be the client_id")
	case !slices.Contains(audiences, c.Audience):
		return badAssertion("aud must be the URL of the token endpoint")
	case c.ID == "" || len(c.ID) > maxJTI:
		return badAssertion("jti must be 1 to 256 characters")
	case !now.Before(expires.Add(skew)):
		return badAssertion("exp has passed")
	case expires.Sub(now) > maxAssertionLife+skew:
		return badAssertion("exp must be at most 5 minutes ahead")
	case c.IssuedAt != nil && expires.Sub(numericDate(*c.IssuedAt)) > maxAssertionLife:
		return badAssertion("exp must be at most 5 minutes after iat")
	case c.IssuedAt != nil && numericDate(*c.IssuedAt).Sub(now) > maxAhead:
		return badAssertion("iat lies in the future")
	case c.NotBefore != nil && numericDate(*c.NotBefore).Sub(now) > skew:
		return badAssertion("nbf lies in the future")
	}
	return nil
}

// numericDate reads seconds since 1970 (RFC 7519 §2). Beyond the year 9999 it
// gives the zero time, which has passed.
func numericDate(seconds float64) time.Time {
	if !(seconds >= 0 && seconds < 253402300800) {
		return time.Time{}
	}
	return time.UnixMilli(int64(seconds * 1000))
}

// badAssertion names a fault in what the client wrote.
func badAssertion(description string) error {
	return invalidClient("oauth.assertion-form", "The client assertion was refused: "+description+".")
}
