package gateway

import (
	"log/slog"
	"time"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/auth/audit"
	"github.com/cordee-sante/cordee/auth/consent/explain"
	"github.com/cordee-sante/cordee/auth/notice"
	"github.com/cordee-sante/cordee/auth/oauth"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/search"
)

// Parts are what guards and handler of a gateway stand on. All but Clock are
// required.
type Parts struct {
	Store interface { // the clinical records
		fhir.Repository
		fhir.Snapshot
	}
	Decide   auth.Decider // who may see and write them
	Trail    *audit.Trail
	Tokens   auth.TokenSource
	OAuth    *oauth.Server // its routes; the source of Tokens as a rule
	Registry *search.Registry
	Clock    func() time.Time // of what is made here: documents, and what documents are made into; nil for time.Now
}

// Assemble puts guards and handler over parts that are open already, and stay
// their owner's to close. Open does so over the parts of a data folder; tests
// that attack the gateway as a whole do so over parts in memory.
func Assemble(cfg Config, origin, version string, parts Parts, log *slog.Logger) (*Gateway, error) {
	g := &Gateway{cfg: cfg, origin: origin, base: origin + "/fhir", log: log, trail: parts.Trail, oauth: parts.OAuth, clock: parts.Clock}
	return g, g.assemble(parts, version)
}

func (g *Gateway) assemble(parts Parts, version string) (err error) {
	board := &notice.Board{Repo: parts.Store}
	g.records = &auth.Guard{Repo: parts.Store, Snapshot: parts.Store, Decide: parts.Decide, Trail: parts.Trail, Notify: board.BreakGlass}
	g.events = &auth.Guard{Repo: parts.Trail, Snapshot: parts.Store, Decide: auth.Officers, Trail: parts.Trail}
	g.translations = &translations{repo: parts.Store}
	if point, ok := parts.Decide.(explain.Decider); ok {
		g.explain = &explain.Config{Base: g.base, Guard: g.records, Records: parts.Store, Snapshot: parts.Store, Point: point}
	}
	g.Handler, err = g.handler(parts.Tokens, parts.Registry, version)
	return err
}
