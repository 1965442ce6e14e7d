package gateway

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"slices"

	"github.com/cordee-sante/cordee/auth/audit"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/search"
)

// TrailDir is the folder of the trail in a data folder.
func TrailDir(data string) string { return filepath.Join(data, "trail") }

// openTrail opens the trail of a data folder.
func (g *Gateway) openTrail(e kv.Engine, registry *search.Registry) (*audit.Trail, error) {
	origin, err := url.Parse(g.origin)
	if err != nil {
		return nil, err
	}
	return audit.Open(audit.Config{
		Dir: TrailDir(g.cfg.Data), Keys: filepath.Join(g.cfg.Data, "keys"), Mirror: g.cfg.Mirror,
		// The origin of a log names it for ever: not the port, which may change.
		Origin: origin.Hostname() + "/trail",
		Engine: e, Registry: registry,
		Server: origin.Hostname(), Base: g.base,
		Resolve: g.resolve, Accept: g.cfg.AcceptLoss,
		Log: g.log,
	})
}

// resolve finds the resources that a chained parameter of a search of the trail
// leads to: the Patient of patient.identifier, the practitioner of
// agent.identifier (ITI-81). Only officers search the trail, and they ask by
// identity alone: any other parameter would tell them of the record (A24).
func (g *Gateway) resolve(ctx context.Context, types []string, p fhir.Param) (keys []fhir.Key, err error) {
	if p.Code != "identifier" || len(p.Chain) > 0 {
		return nil, fhir.Errorf(fhir.Forbidden, "gateway.resolve", "trail.chain", fhir.CodeForbidden, "http."+p.Code,
			fhir.T("The trail is searched by identity, not by what a record says.", "La trace s'interroge par identité, non par le contenu d'un dossier."),
			fhir.T("Use patient.identifier=system|value.", "Utilisez patient.identifier=système|valeur."))
	}
	for _, typ := range types {
		page, err := g.store.Search(ctx, fhir.Query{Type: typ, Params: []fhir.Param{p}, Count: resolved, Within: ids{}})
		if err != nil {
			return nil, err
		}
		for _, m := range page.Matches {
			keys = append(keys, m.Current())
		}
	}
	return keys, nil
}

// resolved bounds how many resources one chained parameter may lead to.
const resolved = 100

// ids is the view in which resolve looks for ids.
type ids struct{}

func (ids) Sees(_ context.Context, _ fhir.Snapshot, facts []fhir.Facts) ([]bool, error) {
	return slices.Repeat([]bool{true}, len(facts)), nil
}

func (ids) Fingerprint() []byte { return []byte("ids of the trail") }

// recover closes what a stop left open in the trail, and refuses to go on when
// the store lacks changes that were acknowledged.
func (g *Gateway) recover(ctx context.Context) error {
	applied, err := g.store.Ticket(ctx)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	if open := g.trail.Unsettled(); len(open) > 0 {
		g.log.Info("the trail holds changes whose outcome is not known; finding it out", slog.Int("changes", len(open)))
	}
	exists := func(ctx context.Context, key fhir.Key, sum [32]byte) (bool, error) {
		return g.store.Holds(ctx, key, sum)
	}
	return g.trail.Recover(ctx, applied, exists)
}
