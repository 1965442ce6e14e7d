package oauth

import (
	"context"
	"crypto/sha256"
	"sync"
	"time"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/go-json-experiment/json"
)

var _ auth.TokenSource = (*Server)(nil)

// cacheLife bounds how long a token is believed without asking the engine, for
// revocations made by another process on a shared engine. Those of this process
// take effect at once.
const cacheLife = 5 * time.Second

// Introspect returns who holds the token (RFC 7662, in process); see
// auth.TokenSource. The token is compared by its digest and by its MAC, never
// as text.
func (s *Server) Introspect(ctx context.Context, token string) (auth.Principal, error) {
	now := s.clock()
	digest := sha256.Sum256([]byte(token))
	revocations := s.clients.revocations.Load()
	if p := s.cache.get(digest, revocations, now); p != nil {
		return *p, nil
	}
	if len(token) > maxToken || s.hmac.Validate(ctx, token) != nil {
		return auth.Principal{}, errToken()
	}
	found, client, err := s.lookup(ctx, s.hmac.Signature(token))
	if err != nil {
		return auth.Principal{}, fault("oauth.Server.Introspect", err)
	}
	switch {
	case found == nil || !client.Revoked.IsZero():
		return auth.Principal{}, errToken()
	case !now.Before(found.Expires):
		return auth.Principal{}, errExpired()
	}
	p := found.principal(&client)
	s.cache.put(digest, cached{principal: &p, revocations: revocations, until: minTime(found.Expires, now.Add(cacheLife))}, now)
	return p, nil
}

// maxToken bounds what is taken for a token; ours have 87 characters.
const maxToken = 256

// lookup returns the session of a token's signature and its client; nil when
// there is none, its client is gone, or the emergency that it is for was ended.
func (s *Server) lookup(ctx context.Context, signature string) (found *session, client Client, err error) {
	err = s.engine.View(ctx, func(r kv.Reader) error {
		values, err := r.Get(ctx, tokenKey(signature))
		if err != nil || values[0] == nil {
			return err
		}
		var kept session
		if err := json.Unmarshal(values[0], &kept); err != nil {
			return err
		}
		client, err = getClient(ctx, r, kept.Client)
		if fhir.KindOf(err) == fhir.NotFound {
			return nil
		}
		if err == nil && kept.Emergency.ID != "" {
			o, err := getOverride(ctx, r, &kept)
			if err != nil || o == nil || o.ID != kept.Emergency.ID || !o.Ended.IsZero() {
				return err
			}
		}
		found = &kept
		return err
	})
	return found, client, err
}

func errToken() error {
	return fhir.Errorf(fhir.Unauthenticated, "oauth.Server.Introspect", "auth.token-unknown", fhir.CodeLogin, "http.Authorization",
		fhir.T("The access token is not valid.", "Le jeton d'accès n'est pas valide."),
		fhir.T("Ask the token endpoint for a new one.", "Demandez-en un nouveau au serveur d'autorisation."))
}

func errExpired() error {
	return fhir.Errorf(fhir.Unauthenticated, "oauth.Server.Introspect", "auth.token-expired", fhir.CodeExpired, "http.Authorization",
		fhir.T("The access token has expired.", "Le jeton d'accès a expiré."),
		fhir.T("Ask the token endpoint for a new one.", "Demandez-en un nouveau au serveur d'autorisation."))
}

func minTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// cache remembers tokens that were looked up, by digest.
type cache struct {
	mu      sync.RWMutex
	entries map[[sha256.Size]byte]cached
}

type cached struct {
	principal   *auth.Principal
	revocations uint64
	until       time.Time
}

// maxCached bounds the cache; beyond it the cache starts anew.
const maxCached = 10_000

func newCache() *cache { return &cache{entries: map[[sha256.Size]byte]cached{}} }

// get returns nil for what is not there, too old, or older than a revocation.
func (c *cache) get(digest [sha256.Size]byte, revocations uint64, now time.Time) *auth.Principal {
	c.mu.RLock()
	entry, found := c.entries[digest]
	c.mu.RUnlock()
	if !found || entry.revocations != revocations || !now.Before(entry.until) {
		return nil
	}
	return entry.principal
}

func (c *cache) put(digest [sha256.Size]byte, entry cached, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.entries) >= maxCached {
		for key, old := range c.entries {
			if !now.Before(old.until) {
				delete(c.entries, key)
			}
		}
		if len(c.entries) >= maxCached {
			clear(c.entries)
		}
	}
	c.entries[digest] = entry
}
