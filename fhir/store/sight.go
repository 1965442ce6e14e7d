package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"maps"
	"slices"
	"sync"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
)

// A sight is the view of one query and what the query has learnt of it. It is
// also the Snapshot that the view may read: a query reads one snapshot, so the
// epoch of a patient is read once, and mostly together with something else.
type sight struct {
	ctx      context.Context
	r        kv.Reader
	view     fhir.View
	grouping fhir.Grouping           // nil for a view that is none
	bounds   map[string]*fhir.Bounds // by type, as far as they were asked for

	shut      fhir.Closure // what is known to be closed
	shutAsked bool

	shared   *epochCache // nil within a transaction, which may be undone
	version  uint64      // of all policies in this snapshot: that of shared until verified
	verified bool        // version was read
	known    map[string]uint64
	wanted   []string // whose epochs the Get under way brings; "" for the version
}

func newSight(ctx context.Context, r kv.Reader, view fhir.View, shared *epochCache) *sight {
	g, _ := view.(fhir.Grouping)
	return &sight{ctx: ctx, r: r, view: view, grouping: g, shared: shared, version: shared.current(), known: map[string]uint64{}}
}

// want appends to the keys of a Get those that the view will ask about records
// of these facts. learn takes the values.
func (s *sight) want(keys [][]byte, facts *fhir.Facts) [][]byte {
	keys = s.wantVersion(keys)
	for _, p := range facts.Patients {
		keys = s.wantEpoch(keys, p)
	}
	return keys
}

func (s *sight) wantVersion(keys [][]byte) [][]byte {
	if s.shared == nil || s.verified || len(s.wanted) > 0 {
		return keys
	}
	s.wanted = append(s.wanted, "")
	return append(keys, metaPolicies)
}

// wantEpoch is for a patient, or a resource of the directory.
func (s *sight) wantEpoch(keys [][]byte, name string) [][]byte {
	if _, known := s.known[name]; known {
		return keys
	}
	keys = s.wantVersion(keys)
	if epoch, known := s.shared.get(name, s.version); known {
		s.known[name] = epoch
		return keys
	}
	if n := len(s.wanted); n > 0 && s.wanted[n-1] == name {
		return keys
	}
	s.wanted = append(s.wanted, name)
	return append(keys, keyOfEpoch(name))
}

// learn takes what a Get has brought under the keys of want, the last ones of
// it. Epochs remembered of another state of the policies are dropped.
func (s *sight) learn(values [][]byte) error {
	values = values[len(values)-len(s.wanted):]
	for i, name := range s.wanted {
		if name == "" {
			version, err := epochOf(name, values[i])
			if err != nil {
				return err
			}
			s.verify(version)
			continue
		}
		epoch, err := epochOf(name, values[i])
		if err != nil {
			return err
		}
		if s.known[name] = epoch; s.shared != nil {
			s.shared.put(name, epoch, s.version)
		}
	}
	s.wanted = s.wanted[:0]
	return nil
}

func (s *sight) verify(version uint64) {
	if s.version != version {
		clear(s.known) // they were of another state; those of this Get follow
	}
	s.version, s.verified = version, true
}

// Epochs implements fhir.Snapshot.
func (s *sight) Epochs(ctx context.Context, patients []string) ([]uint64, error) {
	for {
		var keys [][]byte
		for _, p := range patients {
			keys = s.wantEpoch(keys, p)
		}
		if len(keys) == 0 {
			break
		}
		values, err := s.r.Get(ctx, keys...)
		if err != nil {
			return nil, err
		}
		if err := s.learn(values); err != nil {
			return nil, err
		}
	}
	epochs := make([]uint64, len(patients))
	for i, p := range patients {
		epochs[i] = s.known[p]
	}
	return epochs, nil
}

// Version implements fhir.Versioned. It is mostly read together with something
// else before anybody asks.
func (s *sight) Version(ctx context.Context) (uint64, bool, error) {
	if s.shared == nil {
		return 0, false, nil
	}
	if !s.verified {
		values, err := s.r.Get(ctx, s.wantVersion(nil)...)
		if err == nil {
			err = s.learn(values)
		}
		if err != nil {
			return 0, false, err
		}
	}
	return s.version, true, nil
}

// Policy implements fhir.Snapshot.
func (s *sight) Policy(ctx context.Context, patient string) ([]fhir.Resource, error) {
	return snapshot{s.r}.Policy(ctx, patient)
}

func (s *sight) reader() kv.Reader { return s.r }

// sees asks the view about stored facts, and insists on an answer for each.
func (s *sight) sees(facts []fhir.Facts) ([]bool, error) {
	return sees(s.ctx, s, s.view, facts)
}

// alike asks the view of which facts it decides alike.
func (s *sight) alike(facts []fhir.Facts) ([]bool, error) {
	if len(facts) == 0 {
		return nil, nil
	}
	facts, err := rooted(s.ctx, s.r, facts)
	if err != nil {
		return nil, err
	}
	alike, err := s.grouping.Alike(s.ctx, s, facts)
	if err == nil && len(alike) != len(facts) {
		err = errNoView("store.Search")
	}
	return alike, err
}

// judge asks the view about groups of records. others are the names on which the
// answer rests beside the patients of the facts.
func (s *sight) judge(facts []fhir.Facts) (j fhir.Judgement, others map[string]bool, err error) {
	view, ok := s.view.(fhir.Standing)
	if !ok {
		if j.Alike, err = s.alike(facts); err == nil {
			j.Visible, err = s.sees(facts)
		}
		return j, nil, err
	}
	asked := asking{sight: s, times: map[string]int{}}
	j, err = view.Judge(s.ctx, asked, facts)
	if err == nil && (len(j.Alike) != len(facts) || len(j.Visible) != len(facts)) {
		err = errNoView("store.Search")
	}
	if err != nil {
		return fhir.Judgement{}, nil, err
	}
	for i := range facts {
		for _, p := range facts[i].Patients {
			if asked.times[p] == 1 {
				delete(asked.times, p)
			}
		}
	}
	others = make(map[string]bool, len(asked.times))
	for name := range asked.times {
		others[name] = true
	}
	return j, others, nil
}

// asking is a sight that notes how often each epoch was asked for.
type asking struct {
	*sight
	times map[string]int
}

// Epochs implements fhir.Snapshot.
func (a asking) Epochs(ctx context.Context, names []string) ([]uint64, error) {
	for _, n := range names {
		a.times[n]++
	}
	return a.sight.Epochs(ctx, names)
}

// An epochCache remembers the epochs of patients for as long as no policy at
// all changes, which metaPolicies tells: reading that one key stands for
// reading theirs.
type epochCache struct {
	mu      sync.RWMutex
	version uint64
	epochs  map[string]uint64
	log     []policyChange // the latest, each after the one before
}

// A policyChange is a transaction that changed policies: their versions before and
// after it, and whose epochs it wrote.
type policyChange struct {
	before, after uint64
	epochs        map[string]uint64 // 0 for one that is to be read
}

// note takes in what is written of policies.
func (p *policyChange) note(w write) {
	name, epoch := "", uint64(0)
	switch w.key[0] {
	case famEpoch:
		name, epoch = string(w.key[1:]), binary.BigEndian.Uint64(w.value)
	case famCurrent:
		typ, id, _ := bytes.Cut(w.key[1:], []byte{0})
		if !slices.Contains(directoryTypes, string(typ)) {
			return
		}
		name = string(typ) + "/" + string(id)
	case famMeta:
		if bytes.Equal(w.key, metaPolicies) {
			p.after = binary.BigEndian.Uint64(w.value)
		}
		return
	default:
		return
	}
	if p.epochs == nil {
		p.epochs = map[string]uint64{}
	}
	p.epochs[name] = epoch
}

// policyChangesMost is how many changes are known by name.
const policyChangesMost = 256

// carry takes over a transaction that is durable, so that the epochs of all others
// stay known. What another process has changed in between drops them as ever: no
// version is the same then.
func (c *epochCache) carry(p policyChange) {
	if len(p.epochs) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if n := len(c.log); n > 0 && c.log[n-1].after != p.before {
		c.log = nil
	}
	if len(c.log) == policyChangesMost {
		c.log = slices.Delete(c.log, 0, policyChangesMost/2)
	}
	c.log = append(c.log, p)
	if c.version != p.before || c.epochs == nil || len(c.epochs)+len(p.epochs) > epochsKept {
		return
	}
	c.version = p.after
	for name, epoch := range p.epochs {
		if epoch == 0 {
			delete(c.epochs, name)
		} else {
			c.epochs[name] = epoch
		}
	}
}

// changed returns whose epochs differ between two versions of the policies; false
// when that is not known.
func (c *epochCache) changed(from, to uint64) (names []string, ok bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	i := slices.IndexFunc(c.log, func(p policyChange) bool { return p.before == from })
	if i < 0 || from == to {
		return nil, from == to
	}
	for _, p := range c.log[i:] {
		names = slices.AppendSeq(names, maps.Keys(p.epochs))
		if p.after == to {
			return names, true
		}
	}
	return nil, false
}

// epochsKept is how many patients an epochCache holds: some 10 MB.
const epochsKept = 100_000

// get returns an epoch as of a version of the policies.
func (c *epochCache) get(patient string, version uint64) (uint64, bool) {
	if c == nil {
		return 0, false
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.version != version {
		return 0, false
	}
	n, ok := c.epochs[patient]
	return n, ok
}

// put remembers an epoch of a version. The first of a newer version drops all
// others; those of an older one come from a search that has taken long.
func (c *epochCache) put(patient string, epoch, version uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if version < c.version {
		return
	}
	if version > c.version || c.epochs == nil || len(c.epochs) >= epochsKept {
		c.version, c.epochs = version, map[string]uint64{}
	}
	c.epochs[patient] = epoch
}

// current is the version that the cache holds epochs of.
func (c *epochCache) current() uint64 {
	if c == nil {
		return 0
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.version
}
