package oauth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/cordee-sante/cordee/auth/audit"
	"github.com/cordee-sante/cordee/fhir/kv"
	jose "github.com/go-jose/go-jose/v4"
	"github.com/ory/fosite"
	fositeoauth2 "github.com/ory/fosite/handler/oauth2"
	"github.com/ory/fosite/token/hmac"
)

// maxTokenLife is how long an access token may live (SMART Backend Services:
// expires_in at most 300).
const maxTokenLife = 5 * time.Minute

// A Config is what a Server needs. Engine, Trail, Issuer and FHIRBase are
// mandatory.
type Config struct {
	Engine   kv.Engine // of its own (kv.Sub)
	Trail    audit.Recorder
	Issuer   string           // origin of the server, "https://gateway.example.fr"; https unless on loopback
	FHIRBase string           // under Issuer, "https://gateway.example.fr/fhir"
	Secret   []byte           // signs tokens, at least 32 bytes; nil to make one and keep it in Engine
	Life     time.Duration    // of access tokens; 0 for the longest, five minutes
	Clock    func() time.Time // nil for time.Now
	Log      *slog.Logger     // nil for slog.Default

	// RemoteAddr is the address of a client; nil for that of the peer. Behind a
	// proxy the operator says which header to believe.
	RemoteAddr func(*http.Request) string
}

// A Server is the authorization server. It is safe for concurrent use and
// implements auth.TokenSource.
type Server struct {
	engine    kv.Engine
	trail     audit.Recorder
	clients   *Clients
	provider  *fosite.Fosite
	hmac      *hmac.HMACStrategy
	issuer    string
	tokenURL  string
	fhirBase  string
	tokenLife time.Duration
	clock     func() time.Time
	log       *slog.Logger

	remoteAddr func(*http.Request) string

	decoys map[jose.SignatureAlgorithm]any
	limits *limits
	cache  *cache
}

// New returns a server on what the engine holds. It fails when the
// configuration would be unsafe.
func New(ctx context.Context, c Config) (*Server, error) {
	if c.Engine == nil || c.Trail == nil {
		return nil, errors.New("oauth: a server needs an engine and a trail")
	}
	if err := checkOrigin(c.Issuer, c.FHIRBase); err != nil {
		return nil, err
	}
	if c.Life < 0 || c.Life > maxTokenLife {
		return nil, fmt.Errorf("oauth: access tokens may live %v at most", maxTokenLife)
	}
	if c.Secret == nil {
		secret, err := loadSecret(ctx, c.Engine)
		if err != nil {
			return nil, fmt.Errorf("oauth: the secret of the tokens: %w", err)
		}
		c.Secret = secret
	}
	if len(c.Secret) < secretBytes {
		return nil, fmt.Errorf("oauth: the secret of the tokens needs %d bytes", secretBytes)
	}
	decoys, err := newDecoys()
	if err != nil {
		return nil, err
	}
	s := &Server{
		engine: c.Engine, trail: c.Trail, issuer: c.Issuer, tokenURL: c.Issuer + TokenPath, fhirBase: c.FHIRBase,
		tokenLife: c.Life, clock: c.Clock, log: c.Log, remoteAddr: c.RemoteAddr, decoys: decoys, limits: newLimits(), cache: newCache(),
	}
	if s.tokenLife == 0 {
		s.tokenLife = maxTokenLife
	}
	if s.clock == nil {
		s.clock = time.Now
	}
	if s.log == nil {
		s.log = slog.Default()
	}
	if s.remoteAddr == nil {
		s.remoteAddr = peer
	}
	s.clients = NewClients(c.Engine, s.clock)
	s.provide(c.Secret)
	return s, nil
}

// Clients returns the registry of the server. Revoking through it takes effect
// at once; through another registry on the same engine, within cacheLife.
func (s *Server) Clients() *Clients { return s.clients }

// provide wires fosite: one Config for this provider alone, because handlers
// are kept in it. What is not set is left at fosite's default and not reached.
func (s *Server) provide(secret []byte) {
	config := &fosite.Config{
		GlobalSecret:                 secret,
		AccessTokenLifespan:          s.tokenLife,
		TokenURL:                     s.tokenURL,
		ScopeStrategy:                coversScope,
		AudienceMatchingStrategy:     fosite.ExactAudienceMatchingStrategy,
		ClientAuthenticationStrategy: s.authenticate,
		EnforcePKCE:                  true,
		MinParameterEntropy:          22,
		SendDebugMessagesToClients:   false,
	}
	s.hmac = &hmac.HMACStrategy{Config: config}
	strategy := fositeoauth2.NewHMACSHAStrategyUnPrefixed(s.hmac, config)
	config.TokenEndpointHandlers = fosite.TokenEndpointHandlers{&clientCredentialsGrant{
		server: s,
		ClientCredentialsGrantHandler: &fositeoauth2.ClientCredentialsGrantHandler{
			HandleHelper: &fositeoauth2.HandleHelper{AccessTokenStrategy: strategy, AccessTokenStorage: storage{s}, Config: config},
			Config:       config,
		},
	}}
	s.provider = fosite.NewOAuth2Provider(storage{s}, config)
}

// checkOrigin refuses addresses under which tokens would travel in clear, and
// an issuer that is more than an origin.
func checkOrigin(issuer, fhirBase string) error {
	if err := checkURL(issuer); err != nil {
		return fmt.Errorf("oauth: issuer: %w", err)
	}
	if u, _ := url.Parse(issuer); u.Path != "" {
		return errors.New("oauth: issuer: must have no path")
	}
	if err := checkURL(fhirBase); err != nil {
		return fmt.Errorf("oauth: FHIR base: %w", err)
	}
	if !strings.HasPrefix(fhirBase, issuer+"/") || strings.HasSuffix(fhirBase, "/") {
		return errors.New("oauth: FHIR base: must lie under the issuer and have no slash at its end")
	}
	return nil
}

// checkURL accepts https, and http on a loopback address.
func checkURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Opaque != "":
		return errors.New("must be an absolute URL without user, query and fragment")
	case u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname()):
		return nil
	}
	return errors.New("must be https, or http on a loopback address")
}

func loopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}
