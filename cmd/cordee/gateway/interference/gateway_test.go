package interference

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/auth/audit"
	"github.com/cordee-sante/cordee/auth/consent"
	"github.com/cordee-sante/cordee/auth/oauth"
	"github.com/cordee-sante/cordee/cmd/cordee/gateway"
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
	"github.com/cordee-sante/cordee/fhir/profile"
	"github.com/cordee-sante/cordee/fhir/search"
	"github.com/cordee-sante/cordee/fhir/store"
)

const (
	origin = "https://gateway.test"
	base   = origin + "/fhir"
)

// A side is one of the two gateways: everything but a disk, with a store that
// is exchanged from case to case.
type side struct {
	handler http.Handler
	trail   *audit.Trail
	current
}

// current is the store of a case, and who decides over it. Guard and operations
// hold on to it.
type current struct {
	*held
}

type held struct {
	*store.Store
	auth.Decider
	clock   *clock
	prefer  fhir.Access
	loading bool // what was there before the case: no trail of that
	trail   fhir.Witness
	ids     int
	point   *consent.Point
	answers *held // who explains decisions in place of this one
}

// A clock is what both sides of a pair read.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

// A pair is the two gateways. It serves one case after the other.
type pair struct {
	full, bare *side
	registry   *search.Registry
	template   []kv.Entry
	rules      *consent.Defaults
	caller     *auth.Principal
	clock      *clock
	sessions   int // of emergencies
}

func openPair(t testing.TB, registry *search.Registry) *pair {
	p := &pair{registry: registry, rules: consent.Shipped(), caller: &auth.Principal{}, clock: &clock{now: noon}}
	var err error
	if p.template, err = template(registry); err != nil {
		t.Fatal(err)
	}
	p.full, p.bare = p.openSide(t), p.openSide(t)
	p.bare.answers = p.full.held
	return p
}

func (p *pair) openSide(t testing.TB) *side {
	t.Helper()
	fail := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	dir, err := os.MkdirTemp(quick(), "interference-")
	fail(err)
	log := slog.New(slog.DiscardHandler)
	s := &side{}
	s.held = &held{clock: p.clock}
	engine := memory.Open()
	s.trail, err = audit.Open(audit.Config{Dir: dir + "/trail", Keys: dir + "/keys", Origin: "gateway.test/trail", Server: "gateway.test",
		Engine: kv.Sub(engine, "~trail/"), Registry: p.registry, Base: base, Log: log})
	fail(err)
	t.Cleanup(func() { s.trail.Close(); os.RemoveAll(dir) })
	s.held.trail = s.trail
	server, err := oauth.New(t.Context(), oauth.Config{Engine: kv.Sub(engine, "~oauth/"), Trail: s.trail, Issuer: origin, FHIRBase: base, Log: log})
	fail(err)
	cfg, err := gateway.ReadConfig("")
	fail(err)
	cfg.Mode = "integration" // documents are of test identities
	g, err := gateway.Assemble(cfg, origin, "test", gateway.Parts{Store: s.held, Decide: s.held, Trail: s.trail, Tokens: p, OAuth: server, Registry: p.registry, Clock: p.clock.Now}, log)
	fail(err)
	s.handler = g.Handler
	return s
}

// quick is a folder in memory, where there is one: a trail that nobody reads
// need not reach a disk.
func quick() string {
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		return "/dev/shm"
	}
	return ""
}

// Introspect knows one token, that of the caller.
func (p *pair) Introspect(_ context.Context, token string) (auth.Principal, error) {
	return *p.caller, nil
}

// Attest is that of the trail once the case has begun.
func (h *held) Attest(batch []fhir.Attestation) (uint64, error) {
	if h.loading {
		return 1, nil
	}
	return h.trail.Attest(batch)
}

// Settle implements fhir.Witness.
func (h *held) Settle(ticket uint64, err error) {
	if !h.loading {
		h.trail.Settle(ticket, err)
	}
}

// template is what an empty store holds: with one key for the cursors of all,
// so that a cursor outlives the exchange of the store.
func template(registry *search.Registry) (entries []kv.Entry, err error) {
	engine := memory.Open()
	s, err := store.Open(store.Config{Engine: engine, Registry: registry})
	if err != nil {
		return nil, err
	}
	s.Close()
	err = engine.View(context.Background(), func(r kv.Reader) error {
		for e, err := range r.Scan(context.Background(), kv.Range{}) {
			if err != nil {
				return err
			}
			entries = append(entries, kv.Entry{Key: bytes.Clone(e.Key), Value: bytes.Clone(e.Value)})
		}
		return nil
	})
	return entries, err
}

// open gives the side an empty store.
func (s *side) open(p *pair) error {
	if s.Store != nil {
		s.Store.Close()
	}
	engine := memory.Open()
	err := engine.Update(context.Background(), func(w kv.Writer) error {
		for _, e := range p.template {
			if err := w.Put(e.Key, e.Value); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.ids = 0
	s.Store, err = store.Open(store.Config{Engine: engine, Registry: p.registry, Validate: profile.Validate, Witness: s.held, Clock: s.clock.Now, NewID: s.newID,
		Prefer: s.prefer, Limits: store.Limits{Page: 8, PageUsed: 4, Included: 5, Chain: 4, Sorted: 6}}) // low, to be met
	s.point = consent.New(consent.Config{Clock: s.clock.Now, Base: base, Defaults: p.rules})
	s.Decider = s.point
	return err
}

// Decide explains a decision, by the policies of the full store on both sides.
func (h *held) Decide(ctx context.Context, _ fhir.Snapshot, who auth.Principal, patient string) (consent.Decision, error) {
	if h.answers != nil {
		h = h.answers
	}
	return h.point.Decide(ctx, h.Store, who, patient)
}

// newID makes the same ids on both sides for the same creations.
func (h *held) newID() string {
	h.ids++
	return fmt.Sprintf("new-%d-%d", h.clock.now.Unix()-noon.Unix(), h.ids)
}

// load writes one version at a moment, as the past: by whom, but not judged.
func (s *side) load(w write, at time.Time) error {
	s.clock.now, s.loading = at, true
	defer func() { s.loading = false }()
	typ, id, _ := strings.Cut(w.key, "/")
	change := fhir.Change{Method: fhir.Update, Key: fhir.Key{Type: typ, ID: id}, Body: []byte(w.body), Contributor: w.by, Within: all{}}
	if w.body == "" {
		change.Method, change.Body = fhir.Delete, nil
	}
	_, err := s.Store.Commit(context.Background(), []fhir.Change{change})
	return err
}

// all is the view of who wrote the territory.
type all struct{}

func (all) Sees(_ context.Context, _ fhir.Snapshot, facts []fhir.Facts) ([]bool, error) {
	return slices.Repeat([]bool{true}, len(facts)), nil
}

func (all) Fingerprint() []byte { return nil }

// send asks the gateway, whose address stands in front of the path.
func (s *side) send(q request, url string) *httptest.ResponseRecorder {
	s.ids = 0
	var r *http.Request
	if q.body == "" {
		r = httptest.NewRequest(q.method, url, nil)
	} else {
		r = httptest.NewRequest(q.method, url, strings.NewReader(q.body))
		r.Header.Set("Content-Type", "application/fhir+json")
	}
	r.Header.Set("Authorization", "Bearer caller")
	r.Header.Set("X-Request-Id", "case")
	for _, h := range q.header {
		r.Header.Set(h[0], h[1])
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}
