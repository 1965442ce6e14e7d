package store

import (
	"cmp"
	"context"
	"crypto/cipher"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/search"
)

// Config is what a Store is made of. Engine and Registry are required; a Store
// without Validate or Witness serves reads and refuses every write.
type Config struct {
	Engine   kv.Engine
	Registry *search.Registry
	Validate func(*fhirjson.Doc) []fhir.Issue // structural validation of every body written
	Witness  fhir.Witness                     // makes the audit record of a change durable first
	Clock    func() time.Time                 // time.Now when nil
	NewID    func() string                    // ids of created resources; when nil, a UUIDv7 of 26 letters and digits
	Limits   Limits
	Kept     int64        // bytes of patients' index rows that stay in memory, a quarter of that of counts, and a 16th of what is open; 256 MiB when 0, none when negative
	Log      *slog.Logger // of what is done beside requests; none when nil

	// Prefer has searches take this source wherever they can, AccessView or
	// AccessFeed, whatever it costs. It is for tests which prove that the choice of
	// a source does not show.
	Prefer fhir.Access
}

// What counts and what is open may take beside the rows that are kept.
const (
	countsShare    = 4
	stretchesShare = 16
)

// Limits bound what one request may cost. Zero fields take the default.
type Limits struct {
	Page      int           // largest page; 1,000
	PageUsed  int           // page size when the query names none; 50
	Chain     int           // resources that one link of a chain may lead to; 10,000
	Sorted    int           // resources that are sorted in memory; 100,000
	Bodies    int           // bodies that one search reads through, for _content and phrases; 10,000
	Included  int           // resources included in one page; 1,000
	Breadth   int           // places in the index where the _revinclude of a page look for references; 100,000
	Patients  int           // patients whose records one search reads one after the other, beyond which it reads postings; 64
	Levels    int           // levels that above and below go up or down a hierarchy of references; 50
	CursorAge time.Duration // life of a cursor; one hour
	Customs   int           // search parameters beside those of R4; 100
}

// Store implements fhir.Repository and fhir.Snapshot.
type Store struct {
	engine    kv.Engine
	registry  *search.Registry
	epochs    epochCache
	kept      *compartments
	counts    *counts
	stretches *stretches
	names     *naming
	coverages map[string]coverage // by type
	validate  func(*fhirjson.Doc) []fhir.Issue
	clock     func() time.Time
	newID     func() string
	limits    Limits
	prefer    fhir.Access
	seal      cipher.AEAD
	seq       *sequencer
	customs   *customs
	stop      context.CancelFunc // of the work of customs
	working   sync.WaitGroup
	holders   sync.Map  // types of which a resource has ever contained another
	chunks    sync.Pool // of *[]candidate, for sift
}

var (
	_ fhir.Repository = (*Store)(nil)
	_ fhir.Snapshot   = (*Store)(nil)
)

// Open makes a Store of what the engine holds. An engine written by another
// format of the store is refused and not touched; ErrOutdated refuses an index
// that Reindex must make anew.
func Open(cfg Config) (*Store, error) {
	if cfg.Engine == nil || cfg.Registry == nil {
		return nil, errors.New("store: Engine and Registry are required")
	}
	s := &Store{engine: cfg.Engine, registry: cfg.Registry, validate: cfg.Validate, clock: cfg.Clock, newID: cfg.NewID, limits: cfg.Limits.withDefaults(), prefer: cfg.Prefer}
	if s.clock == nil {
		s.clock = time.Now
	}
	if s.newID == nil {
		s.newID = newID
	}
	s.chunks.New = func() any {
		chunk := make([]candidate, 0, 2*chunkLeast)
		return &chunk
	}
	most := int(max(cmp.Or(cfg.Kept, 256<<20), 0))
	s.kept, s.counts, s.stretches = newCompartments(most), newCounts(most/countsShare), &stretches{most: most / stretchesShare}
	s.coverages = coverages(cfg.Registry.Plain())
	own, err := openMeta(context.Background(), cfg.Engine, indexName(cfg.Registry))
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	if s.seal, err = newSeal(own.cursorKey); err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	if err := cfg.Engine.View(context.Background(), func(r kv.Reader) (err error) {
		s.names, err = loadNames(context.Background(), r)
		return err
	}); err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	s.customs = &customs{store: s, log: cfg.Log, wake: make(chan struct{}, 1), list: map[string]*custom{}}
	if cfg.Log == nil {
		s.customs.log = slog.New(slog.DiscardHandler)
	}
	if err := s.customs.reload(context.Background()); err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	if err := s.learnHolders(context.Background()); err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	s.seq = startSequencer(s, cfg.Witness, own.seq)
	working, stop := context.WithCancel(context.Background())
	s.stop = stop
	if cfg.Witness != nil {
		s.working.Go(func() { s.customs.run(working) })
	}
	return s, nil
}

// Close waits for the changes under way and stops. It does not close the
// engine, which the caller opened.
func (s *Store) Close() error {
	s.stop()
	s.seq.stop()
	s.working.Wait()
	return nil
}

func (l Limits) withDefaults() Limits {
	set := func(field *int, value int) {
		if *field <= 0 {
			*field = value
		}
	}
	set(&l.Page, 1000)
	set(&l.PageUsed, 50)
	set(&l.Chain, 10_000)
	set(&l.Sorted, 100_000)
	set(&l.Bodies, 10_000)
	set(&l.Included, 1000)
	set(&l.Breadth, 100_000)
	set(&l.Levels, 50)
	set(&l.Patients, 64)
	set(&l.Customs, 100)
	if l.CursorAge <= 0 {
		l.CursorAge = time.Hour
	}
	return l
}

// count is the page size used for one that was asked for.
func (l Limits) count(asked int) int {
	switch {
	case asked <= 0:
		return l.PageUsed
	case asked > l.Page:
		return l.Page
	}
	return asked
}
