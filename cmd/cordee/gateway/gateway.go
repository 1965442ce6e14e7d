// Package gateway puts the parts together: engine, trail, store, authorization
// server, decision point, guards, adapters and the FHIR API over them. It reads
// as the architecture does, and holds no logic of its own beyond the order of
// opening and closing.
package gateway

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/auth/audit"
	"github.com/cordee-sante/cordee/auth/consent"
	"github.com/cordee-sante/cordee/auth/consent/explain"
	"github.com/cordee-sante/cordee/auth/oauth"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/kv/badger"
	"github.com/cordee-sante/cordee/fhir/profile"
	"github.com/cordee-sante/cordee/fhir/search"
	"github.com/cordee-sante/cordee/fhir/store"
)

// A Gateway is everything that serves one data folder.
type Gateway struct {
	cfg    Config
	base   string // FHIR base
	origin string
	log    *slog.Logger
	clock  func() time.Time // nil for time.Now

	engine  *badger.Engine
	trail   *audit.Trail
	store   *store.Store
	oauth   *oauth.Server
	records *auth.Guard // the clinical records
	events  *auth.Guard // the trail

	integrity    integrity
	translations *translations   // of codes in documents
	explain      *explain.Config // of $consent-decision; nil when the decision point explains nothing

	stop    context.CancelFunc // of what runs beside the requests
	running sync.WaitGroup

	Handler http.Handler
}

// OpenEngine opens the engine of a data folder, for a command beside the gateway.
// One process may have it open.
func OpenEngine(data string) (*badger.Engine, error) { return openEngine(data, badger.Standard()) }

func openEngine(data string, profile badger.Profile) (*badger.Engine, error) {
	return badger.Open(badger.Config{Dir: filepath.Join(data, "store"), Profile: profile})
}

// OAuthEngine is the part of the engine that the authorization server keeps
// its clients, tokens and secret in. Letters above those of package store.
func OAuthEngine(e kv.Engine) kv.Engine { return kv.Sub(e, "~oauth/") }

func trailEngine(e kv.Engine) kv.Engine { return kv.Sub(e, "~trail/") }

// Open opens the data folder of cfg for the API at origin, the address by which
// clients know it. It verifies that the store holds every change that the trail
// says was acknowledged, and fails with the list of those that are missing.
func Open(ctx context.Context, cfg Config, origin, version string, log *slog.Logger) (opened *Gateway, err error) {
	zone, err := time.LoadLocation(cfg.Zone)
	if err != nil {
		return nil, err
	}
	rules, err := cfg.Consent.rules()
	if err != nil {
		return nil, fmt.Errorf("consent.matrix: %w", err)
	}
	g := &Gateway{cfg: cfg, origin: origin, base: origin + "/fhir", log: log}
	defer func() {
		if err != nil {
			g.Close()
		}
	}()
	kept := cmp.Or(cfg.Memory, DefaultMemory).kept()
	if g.engine, err = openEngine(cfg.Data, badger.Standard().WithCache(kept)); err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	registry, err := search.New(search.Config{Base: g.base, Zone: zone, Limits: cfg.Limits.search()})
	if err != nil {
		return nil, fmt.Errorf("search parameters: %w", err)
	}
	if g.trail, err = g.openTrail(trailEngine(g.engine), registry); err != nil {
		return nil, fmt.Errorf("trail: %w", err)
	}
	if err = g.reindex(ctx, registry); err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	if g.store, err = store.Open(store.Config{Engine: g.engine, Registry: registry, Validate: profile.Validate, Witness: g.trail, Limits: cfg.Limits.store(), Kept: kept, Log: log}); err != nil {
		return nil, err
	}
	if err = g.recover(ctx); err != nil {
		return nil, err
	}
	if g.oauth, err = oauth.New(ctx, oauth.Config{Engine: OAuthEngine(g.engine), Trail: g.trail, Issuer: origin, FHIRBase: g.base, Log: log}); err != nil {
		return nil, err
	}
	err = g.assemble(Parts{Store: g.store, Decide: consent.New(consent.Config{Zone: zone, Base: g.base, Defaults: rules}), Trail: g.trail, Tokens: g.oauth, OAuth: g.oauth, Registry: registry}, version)
	if err != nil {
		return nil, err
	}
	if err = g.publish(ctx); err != nil {
		return nil, fmt.Errorf("definitions: %w", err)
	}
	sweeping, stop := context.WithCancel(context.Background())
	g.stop = stop
	g.running.Go(func() { g.oauth.Run(sweeping) })
	g.running.Go(func() { g.integrity.run(sweeping, g.engine.Verify, cfg.Verify, log) })
	return g, nil
}

// Clients is the registry of clients.
func (g *Gateway) Clients() *oauth.Clients { return g.oauth.Clients() }

// Base is the FHIR base.
func (g *Gateway) Base() string { return g.base }

// Records is the guarded repository of the clinical records.
func (g *Gateway) Records() fhir.Repository { return g.records }

// Close ends what is under way, signs a last checkpoint and closes everything,
// in the order in which one needs the other.
func (g *Gateway) Close() error {
	var errs []error
	if g.stop != nil {
		g.stop()
		g.running.Wait()
	}
	if g.store != nil {
		errs = append(errs, g.store.Close())
	}
	if g.trail != nil {
		errs = append(errs, g.trail.Close())
	}
	if g.engine != nil {
		errs = append(errs, g.engine.Close())
	}
	return errors.Join(errs...)
}
