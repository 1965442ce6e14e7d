package audit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/cordee-sante/cordee/auth/audit/ledger"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/search"
)

// Config says where a trail is kept and what AuditEvents say of the gateway.
type Config struct {
	Dir    string // of the log; nothing else lives there
	Keys   string // folder of the key that signs checkpoints
	Origin string // name of the log, such as "gw.example.fr/trail"
	Mirror string // file outside that gets every checkpoint too; empty for none

	Engine   kv.Engine        // of the search index, already prefixed
	Registry *search.Registry // understands the parameters of a search

	Server string // name of the gateway: AuditEvent.source.observer
	Base   string // FHIR base URL: network address of the gateway
	Site   string // AuditEvent.source.site; empty for none

	// Snapshot is what a view may read of the store when it judges AuditEvents.
	// Nil is for views that need none: to any other it answers with an error.
	Snapshot fhir.Snapshot

	// Resolve returns the resources that a chained parameter leads to, such as
	// the Patient of patient.identifier (ITI-81), of the type that the chain
	// names or may lead to. Nil refuses chains.
	Resolve func(ctx context.Context, types []string, p fhir.Param) ([]fhir.Key, error)

	// Accept is the reason for which an operator accepts that the store or the
	// trail has lost something. It is recorded. Empty accepts nothing.
	Accept string

	SegmentSize int64         // see ledger.Config, as the four after it
	MinFree     uint64        //
	SignRecords uint64        //
	SignEvery   time.Duration //
	Clock       func() time.Time

	Log *slog.Logger // nil for the default
}

// A Trail is an open Audit Record Repository. It is safe for concurrent use.
type Trail struct {
	cfg    Config
	log    *ledger.Log
	index  *index
	sealer *sealer
	keys   []string // public keys that may have signed checkpoints

	attest    sync.Mutex // one batch after the other; guards recovered
	recovered bool
	open      []OpenChange // what Open found

	stop    context.CancelFunc
	running sync.WaitGroup
}

// Open opens the trail. It fails with a *ledger.DamageError when the log was
// tampered with, with a *BehindError when the index has seen more of it than
// there is, and with ledger.ErrLocked when another process writes it.
//
// When there are changes whose outcome is not known, Attest refuses until
// Recover has found it out.
func Open(cfg Config) (*Trail, error) {
	if cfg.Engine == nil || cfg.Registry == nil || cfg.Server == "" {
		return nil, errors.New("audit: Engine, Registry and Server are required")
	}
	if cfg.Snapshot == nil {
		cfg.Snapshot = noSnapshot{}
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	log, err := ledger.Open(ledger.Config{
		Dir: cfg.Dir, Keys: cfg.Keys, Origin: cfg.Origin, Mirror: cfg.Mirror,
		SegmentSize: cfg.SegmentSize, MinFree: cfg.MinFree, SignRecords: cfg.SignRecords, SignEvery: cfg.SignEvery,
		Clock: cfg.Clock, Stepped: stepped,
	})
	if err != nil {
		return nil, err
	}
	t := &Trail{cfg: cfg, log: log}
	if err := t.load(); err != nil {
		return nil, errors.Join(err, log.Close())
	}
	return t, nil
}

// load makes what stands on the log ready, and records that recording starts.
func (t *Trail) load() (err error) {
	ctx := context.Background()
	if t.sealer, err = newSealer(t.log.Key()); err != nil {
		return err
	}
	if t.keys, err = ledger.Keys(t.cfg.Dir); err != nil {
		return err
	}
	behind, err := t.openIndex(ctx)
	if err != nil {
		return err
	}
	if t.open, err = t.unsettled(); err != nil {
		return err
	}
	t.recovered = t.log.Next() == 0
	start := Record{Interaction: InteractionStart, Query: Query{Clean: "key " + t.log.Key().Public}}
	if n := t.log.Torn(); n > 0 {
		start.Reason = "trail.torn-write"
		start.Query.Clean += fmt.Sprintf("\ntorn %d bytes", n)
	}
	if err := t.Record(ctx, start); err != nil {
		return err
	}
	if behind != nil {
		if err := t.accept(ctx, "trail.behind-index", nil, behind); err != nil {
			return err
		}
	}
	ctx, t.stop = context.WithCancel(ctx)
	t.running.Go(func() { t.index.follow(ctx) })
	return nil
}

// Close records that recording stops, signs a last checkpoint, and closes the
// log. The engine is its owner's to close, after this.
func (t *Trail) Close() error {
	err := t.Record(context.Background(), Record{Interaction: InteractionStop})
	t.stop()
	t.running.Wait()
	if err := errors.Join(err, t.log.Close()); err != nil && !errors.Is(err, ledger.ErrClosed) {
		return err
	}
	return nil
}

// stepped is the record that says that the clock went back.
func stepped(back time.Duration) []byte {
	body, err := encode(Item{Kind: KindRequest, Record: Record{Interaction: InteractionAlarm, Outcome: MinorFailure, Reason: "trail.clock-back",
		Query: Query{Clean: fmt.Sprintf("the clock went back by %s", back)}}})
	if err != nil {
		return nil // not possible: the interaction is set
	}
	return body
}

// complain logs what nobody can be told about.
func (t *Trail) complain(ctx context.Context, what string, err error) {
	t.cfg.Log.ErrorContext(ctx, "audit trail: "+what, "error", err)
}

// noSnapshot answers a view that asks for policies with an error: an answer of
// none would decide something.
type noSnapshot struct{}

var errNoSnapshot = errors.New("audit: the trail was given no snapshot of the store")

func (noSnapshot) Epochs(context.Context, []string) ([]uint64, error) { return nil, errNoSnapshot }

func (noSnapshot) Policy(context.Context, string) ([]fhir.Resource, error) {
	return nil, errNoSnapshot
}
