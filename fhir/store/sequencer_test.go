package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
	"github.com/cordee-sante/cordee/fhir/search"
	"github.com/cordee-sante/cordee/fhir/store"
	"github.com/cordee-sante/cordee/fhir/storetest"
)

// scripted is a witness that remembers what it was told and fails on demand.
type scripted struct {
	mu       sync.Mutex
	fail     error
	attested int
	settled  []error
	onAttest func()
}

func (w *scripted) Attest(batch []fhir.Attestation) (uint64, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.onAttest != nil {
		w.onAttest()
	}
	w.attested += len(batch)
	return uint64(w.attested), w.fail
}

func (w *scripted) Settle(_ uint64, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.settled = append(w.settled, err)
}

func newStore(t testing.TB, e kv.Engine, w fhir.Witness) *store.Store {
	t.Helper()
	reg, err := search.New(search.Config{Base: storetest.Base})
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(store.Config{Engine: e, Registry: reg, Validate: valid, Witness: w})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func patient(id string) fhir.Change {
	return fhir.Change{Method: fhir.Update, Key: fhir.Key{Type: "Patient", ID: id}, Body: []byte(`{"resourceType":"Patient","id":"` + id + `"}`)}
}

func commit(s *store.Store, changes ...fhir.Change) error {
	_, err := s.Commit(context.Background(), changes)
	return err
}

func wantKind(t *testing.T, err error, kind fhir.Kind) {
	t.Helper()
	if fhir.KindOf(err) != kind {
		t.Errorf("got %v, want kind %v", err, kind)
	}
}

func TestNoWitnessNoWrite(t *testing.T) {
	s := newStore(t, memory.Open(), nil)
	wantKind(t, commit(s, patient("a")), fhir.Unavailable)
}

// TestR04TrailCannotBeWritten: no change is committed without its record.
func TestR04TrailCannotBeWritten(t *testing.T) {
	w := &scripted{fail: errors.New("disk gone")}
	s := newStore(t, memory.Open(), w)
	wantKind(t, commit(s, patient("a")), fhir.Unavailable)
	_, err := s.Read(context.Background(), fhir.Key{Type: "Patient", ID: "a"})
	wantKind(t, err, fhir.NotFound)
	w.fail = nil
	if err := commit(s, patient("a")); err != nil {
		t.Fatal(err)
	}
	if len(w.settled) != 1 || w.settled[0] != nil {
		t.Errorf("settled %v, want once with nil", w.settled)
	}
}

// failing refuses what is put under a family of keys.
type failing struct {
	kv.Engine
	err error
}

func (f *failing) Update(ctx context.Context, do func(kv.Writer) error) error {
	if f.err == nil {
		return f.Engine.Update(ctx, do)
	}
	return f.Engine.Update(ctx, func(w kv.Writer) error {
		if err := do(w); err != nil {
			return err
		}
		return f.err
	})
}

// TestR10FailedBatch: a batch that was attested and then could not be written is
// settled with its error, so that the trail can say so, its callers are told what
// the engine said, and nothing of it is there.
func TestR10FailedBatch(t *testing.T) {
	for cause, kind := range map[error]fhir.Kind{kv.ErrFull: fhir.InsufficientStorage, kv.ErrConflict: fhir.Conflict, kv.ErrTooLarge: fhir.TooLarge} {
		e := &failing{Engine: memory.Open()}
		w := &scripted{}
		s := newStore(t, e, w)
		e.err = cause
		wantKind(t, commit(s, patient("a")), kind)
		if len(w.settled) != 1 || !errors.Is(w.settled[0], cause) {
			t.Errorf("%v: settled %v", cause, w.settled)
		}
		_, err := s.Read(context.Background(), fhir.Key{Type: "Patient", ID: "a"})
		wantKind(t, err, fhir.NotFound)
	}
}

// TestNeighboursAreLeftAlone fills a batch while the sequencer is busy, and
// lets one of its commits fail.
func TestNeighboursAreLeftAlone(t *testing.T) {
	hold, entered := make(chan struct{}), make(chan struct{}, 1)
	w := &scripted{}
	first := true
	w.onAttest = func() {
		if first {
			first = false
			entered <- struct{}{}
			<-hold
		}
	}
	s := newStore(t, memory.Open(), w)
	var wg sync.WaitGroup
	wg.Go(func() { commit(s, patient("first")) })
	<-entered
	errs := make([]error, 20)
	for i := range errs {
		c := patient(fmt.Sprint("n", i))
		if i == 7 {
			c.IfMatch = "3"
		}
		wg.Go(func() { errs[i] = commit(s, c) })
	}
	close(hold)
	wg.Wait()
	for i, err := range errs {
		if (err != nil) != (i == 7) {
			t.Errorf("commit %d: %v", i, err)
		}
	}
}

// TestR09GoneCallerLeavesNeighboursAlone: a caller that hangs up while its
// condition waits for its turn fails alone.
func TestR09GoneCallerLeavesNeighboursAlone(t *testing.T) {
	s := newStore(t, memory.Open(), &scripted{})
	busy, release := make(chan struct{}), make(chan struct{})
	first := patient("first")
	first.Permit = func(fhir.Snapshot, *fhir.Resource, *fhir.Resource) error {
		close(busy)
		<-release
		return nil
	}
	var wg sync.WaitGroup
	wg.Go(func() { commit(s, first) })
	<-busy
	errs := make([]error, 9)
	queued := make(chan struct{}, len(errs))
	gone, hangUp := context.WithCancel(context.Background())
	for i := range errs {
		ctx := context.Background()
		if i == 4 {
			ctx = gone
		}
		wg.Go(func() {
			_, errs[i] = s.Commit(&queuing{Context: ctx, queued: func() { queued <- struct{}{} }}, []fhir.Change{{Method: fhir.Create, Key: fhir.Key{Type: "Patient"},
				Body:        []byte(`{"resourceType":"Patient"}`),
				IfNoneExist: &fhir.Query{Type: "Patient", Params: []fhir.Param{{Code: "identifier", Values: []string{fmt.Sprint("urn:s|", i)}}}, Within: storetest.Everything}}})
		})
	}
	for range errs {
		<-queued
	}
	hangUp()
	close(release)
	wg.Wait()
	for i, err := range errs {
		if i == 4 {
			wantKind(t, err, fhir.Unavailable)
		} else if err != nil {
			t.Errorf("commit %d: %v", i, err)
		}
	}
}

// TestConditionalCreateRace: of a hundred that ask for the same condition at
// once, one creates (R4 http.html#ccreate; threat R09).
func TestR09ConditionalCreateRace(t *testing.T) {
	s := newStore(t, memory.Open(), &scripted{})
	var wg sync.WaitGroup
	effects := make([]fhir.Effect, 100)
	for i := range effects {
		wg.Go(func() {
			got, err := s.Commit(context.Background(), []fhir.Change{{Method: fhir.Create, Key: fhir.Key{Type: "Patient"},
				Body:        []byte(`{"resourceType":"Patient","identifier":[{"system":"urn:s","value":"1"}]}`),
				IfNoneExist: &fhir.Query{Type: "Patient", Params: []fhir.Param{{Code: "identifier", Values: []string{"urn:s|1"}}}, Within: storetest.Everything}}})
			if err != nil {
				t.Error(err)
				return
			}
			effects[i] = got[0].Effect
		})
	}
	wg.Wait()
	created := 0
	for _, e := range effects {
		if e == fhir.Created {
			created++
		}
	}
	if created != 1 {
		t.Errorf("%d were created", created)
	}
}

// queuing is a context that tells when a commit waits for its turn.
type queuing struct {
	context.Context
	queued func()
	once   sync.Once
}

func (q *queuing) Done() <-chan struct{} {
	q.once.Do(q.queued)
	return nil
}

// TestR09ForecastOvertaken: what a commit was expected to come to while it waited
// its turn does not hold when the commit before it changes the answer.
func TestR09ForecastOvertaken(t *testing.T) {
	s := newStore(t, memory.Open(), &scripted{})
	busy, release := make(chan struct{}), make(chan struct{})
	first := patient("a")
	first.Body = []byte(`{"resourceType":"Patient","id":"a","identifier":[{"system":"urn:s","value":"1"}]}`)
	first.Permit = func(fhir.Snapshot, *fhir.Resource, *fhir.Resource) error {
		close(busy)
		<-release
		return nil
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := commit(s, first); err != nil {
			t.Error(err)
		}
	})
	<-busy
	var got []fhir.Resource
	wg.Go(func() {
		var err error
		got, err = s.Commit(&queuing{Context: context.Background(), queued: func() { close(release) }}, []fhir.Change{
			{Method: fhir.Create, Key: fhir.Key{Type: "Patient"}, FullURL: "urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a", Body: []byte(`{"resourceType":"Patient"}`),
				IfNoneExist: &fhir.Query{Type: "Patient", Params: []fhir.Param{{Code: "identifier", Values: []string{"urn:s|1"}}}, Within: storetest.Everything}},
			{Method: fhir.Update, Key: fhir.Key{Type: "Condition", ID: "c"}, FullURL: "Condition/c",
				Body: []byte(`{"resourceType":"Condition","id":"c","subject":{"reference":"urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a"}}`)}})
		if err != nil {
			t.Error(err)
		}
	})
	wg.Wait()
	if t.Failed() {
		return
	}
	if got[0].ID != "a" || got[0].Effect != fhir.Unchanged || !slices.Equal(got[1].Facts.Patients, []string{"a"}) || !strings.Contains(string(got[1].Body), `"Patient/a"`) {
		t.Errorf("got %v %v, %v of %v", got[0].Key, got[0].Effect, got[1].Key, got[1].Facts.Patients)
	}
}

// TestR09IfMatchRace: of many updates of one version, one succeeds.
func TestR09IfMatchRace(t *testing.T) {
	s := newStore(t, memory.Open(), &scripted{})
	if err := commit(s, patient("a")); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	errs := make([]error, 50)
	for i := range errs {
		wg.Go(func() {
			c := patient("a")
			c.IfMatch, c.Body = "1", fmt.Appendf(nil, `{"resourceType":"Patient","id":"a","language":"l%d"}`, i)
			errs[i] = commit(s, c)
		})
	}
	wg.Wait()
	ok := 0
	for _, err := range errs {
		if err == nil {
			ok++
		} else {
			wantKind(t, err, fhir.PreconditionFailed)
		}
	}
	if ok != 1 {
		t.Errorf("%d succeeded", ok)
	}
}

// TestPermitJudgesBothImages: the guard sees what is replaced and what comes,
// within the transaction, and before any precondition could tell of the version.
func TestA14PermitJudgesBothImages(t *testing.T) {
	s := newStore(t, memory.Open(), &scripted{})
	if err := commit(s, patient("a")); err != nil {
		t.Fatal(err)
	}
	refusal := fhir.Errorf(fhir.Forbidden, "test", "test.refused", fhir.CodeForbidden, "", fhir.Text{}, fhir.Text{})
	var before, after *fhir.Resource
	c := patient("a")
	c.IfMatch = "9"
	c.Permit = func(_ fhir.Snapshot, b, a *fhir.Resource) error { before, after = b, a; return refusal }
	if err := commit(s, c); !errors.Is(err, refusal) {
		t.Errorf("got %v", err)
	}
	if before == nil || before.Version != "1" || after == nil || after.Version != "2" || !strings.Contains(string(after.Body), `"versionId":"2"`) {
		t.Errorf("judged %+v and %+v", before, after)
	}
	d := fhir.Change{Method: fhir.Delete, Key: fhir.Key{Type: "Patient", ID: "a"}, Permit: func(_ fhir.Snapshot, _, a *fhir.Resource) error {
		if !a.Deleted() {
			t.Error("a delete is judged by a tombstone")
		}
		return refusal
	}}
	if err := commit(s, d); !errors.Is(err, refusal) {
		t.Errorf("got %v", err)
	}
	r, err := s.Read(context.Background(), fhir.Key{Type: "Patient", ID: "a"})
	if err != nil || r.Version != "1" {
		t.Errorf("after refusals: %v %v", r.Key, err)
	}
}

func TestClosedStoreRefuses(t *testing.T) {
	s := newStore(t, memory.Open(), &scripted{})
	s.Close()
	wantKind(t, commit(s, patient("a")), fhir.Unavailable)
}

// TestA24PermitSeesArrivingPatients: what judges a change is shown the Patients
// that other changes of the commit bring, never its own, and is told not to
// remember them.
func TestA24PermitSeesArrivingPatients(t *testing.T) {
	s := newStore(t, memory.Open(), &scripted{})
	var passing []uint64
	look := func(id string, want int) func(fhir.Snapshot, *fhir.Resource, *fhir.Resource) error {
		return func(snap fhir.Snapshot, _, after *fhir.Resource) error {
			list, err := snap.Policy(context.Background(), id)
			if err != nil || len(list) != want {
				t.Errorf("judging a %s: %d resources, want %d (%v)", after.Type, len(list), want, err)
			}
			epochs, err := snap.Epochs(context.Background(), []string{id})
			if err != nil || (epochs[0] >= fhir.Passing) != (want > 0) {
				t.Errorf("judging a %s: epochs %v %v", after.Type, epochs, err)
			}
			if want > 0 {
				passing = append(passing, epochs...)
			}
			return nil
		}
	}
	for _, id := range []string{"new", "newer"} {
		team := fhir.Change{Method: fhir.Update, Key: fhir.Key{Type: "CareTeam", ID: id}, Permit: look(id, 1),
			Body: []byte(`{"resourceType":"CareTeam","id":"` + id + `","subject":{"reference":"Patient/` + id + `"}}`)}
		arriving := patient(id)
		arriving.Permit = look(id, 0)
		if err := commit(s, team, arriving); err != nil {
			t.Fatal(err)
		}
	}
	if len(passing) != 2 || passing[0] == passing[1] {
		t.Errorf("epochs of two commits: %v", passing)
	}
}

// TestA19BinarySecurityContext: a Binary is about the patients of its context,
// and as closed by labels; a context that the writer may not see is none (A05).
func TestA19BinarySecurityContext(t *testing.T) {
	s := newStore(t, memory.Open(), &scripted{})
	put := func(typ, id, rest string) fhir.Change {
		return fhir.Change{Method: fhir.Update, Key: fhir.Key{Type: typ, ID: id}, Body: []byte(`{"resourceType":"` + typ + `","id":"` + id + `"` + rest + `}`)}
	}
	binary := func(id, context string) fhir.Change {
		c := put("Binary", id, `,"contentType":"text/plain","securityContext":{"reference":"`+context+`"}`)
		c.Within = storetest.Hiding("secret")
		return c
	}
	doc := put("DocumentReference", "d", `,"meta":{"security":[{"code":"R"}]},"subject":{"reference":"Patient/p"}`)
	withheld := put("DocumentReference", "w", `,"meta":{"security":[{"code":"secret"}]},"subject":{"reference":"Patient/p"}`)
	if err := commit(s, withheld); err != nil {
		t.Fatal(err)
	}
	if err := commit(s, binary("with", "DocumentReference/d"), doc); err != nil {
		t.Fatal(err)
	}
	if err := commit(s, binary("after", "DocumentReference/d")); err != nil {
		t.Fatal(err)
	}
	if err := commit(s, binary("direct", "Patient/p"), binary("nobody", "DocumentReference/none"), binary("about-withheld", "DocumentReference/w")); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{"with": "[p] [R]", "after": "[p] [R]", "direct": "[p] []", "nobody": "[] []", "about-withheld": "[] []"} {
		r, err := s.Read(context.Background(), fhir.Key{Type: "Binary", ID: id})
		if err != nil || fmt.Sprint(r.Facts.Patients, r.Facts.Labels) != want {
			t.Errorf("%s: %v %v %v, want %s", id, r.Facts.Patients, r.Facts.Labels, err, want)
		}
	}
}
