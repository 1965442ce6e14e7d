package store

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/search"
)

// customs keeps the search parameters that SearchParameter resources define. The
// resources alone say what is wanted; what has been done about it is kept beside
// (customState), so that a restart goes on where a stop came. A definition goes
// through these steps:
//
//	reload    the registry extracts for it from now on, and refuses searches by it
//	barrier   commits that were prepared before are durable; all later ones are
//	          extracted again by the sequencer if they were prepared before
//	indexing  every resource there is, some at a time, through the sequencer
//	ready     searches by it are answered
//
// so no write falls between, whenever it comes.
type customs struct {
	store *Store
	log   *slog.Logger
	wake  chan struct{}

	mu   sync.Mutex
	list map[string]*custom // by the id of the SearchParameter
}

// custom is one definition at work.
type custom struct {
	def   *search.Custom // nil when it is no longer wanted, or refused
	state customState
	fresh bool // needs a barrier before anything is indexed
	total int64
}

// A customState is what has been done for a definition, and what is left: as it
// is stored.
type customState struct {
	Fingerprint []byte       `json:"fingerprint"`
	Parts       []customPart `json:"parts,omitempty"`   // what it defines
	Done        int          `json:"done"`              // of Parts
	After       string       `json:"after,omitempty"`   // last id indexed of the part that is next
	Indexed     int64        `json:"indexed,omitempty"` // resources so far
	Stale       []customPart `json:"stale,omitempty"`   // what it defined before, still to be swept
}

// A customPart is a parameter of one type.
type customPart struct {
	Type  string `json:"type"`
	Param uint32 `json:"param"`
}

func (s *customState) ready() bool { return s.Done == len(s.Parts) }

// A CustomStatus is a custom parameter as operators see it.
type CustomStatus struct {
	ID      string   `json:"id"` // of the SearchParameter
	URL     string   `json:"url,omitempty"`
	Code    string   `json:"code,omitempty"`
	Types   []string `json:"types,omitempty"`
	State   string   `json:"state"` // "indexing", "ready", "removing"
	Percent int      `json:"percent"`
}

// Customs tells of the custom search parameters, by id.
func (s *Store) Customs() (list []CustomStatus) {
	s.customs.mu.Lock()
	defer s.customs.mu.Unlock()
	for id, c := range s.customs.list {
		list = append(list, c.status(id))
	}
	slices.SortFunc(list, func(a, b CustomStatus) int { return compareText(a.ID, b.ID) })
	return list
}

func (c *custom) status(id string) CustomStatus {
	st := CustomStatus{ID: id, State: "removing"}
	if c.def == nil {
		return st
	}
	st.URL, st.Code, st.State, st.Percent = c.def.URL, c.def.Code, "ready", 100
	for _, p := range c.state.Parts {
		st.Types = append(st.Types, p.Type)
	}
	if !c.state.ready() {
		st.State, st.Percent = "indexing", c.percent()
	}
	return st
}

func (c *custom) percent() int { return int(min(99, 100*c.state.Indexed/max(c.total, 1))) }

// definitions reads what is wanted: the active SearchParameters, oldest change
// first, and what has been done.
func definitions(ctx context.Context, r kv.Reader, reg *search.Registry) (wanted []definition, states map[string]customState, err error) {
	states = map[string]customState{}
	for entry, err := range r.Scan(ctx, kv.Prefix(currentPrefix("SearchParameter")), kv.Prefix([]byte{famCustom})) {
		if err != nil {
			return nil, nil, err
		}
		if entry.Range == 1 {
			var st customState
			if err := json.Unmarshal(entry.Value, &st); err != nil {
				return nil, nil, corrupt("state of a search parameter")
			}
			states[string(entry.Key[1:])] = st
			continue
		}
		rec, err := decodeRecord("SearchParameter", lastName(entry.Key), bytes.Clone(entry.Value))
		if err != nil || rec.effect == fhir.Deleted {
			continue
		}
		doc, err := fhirjson.Parse(rec.body)
		if err != nil {
			continue
		}
		if def, err := reg.Define(doc.Root()); err == nil && def != nil {
			wanted = append(wanted, definition{rec.facts.Key.ID, rec.seq, def})
		}
	}
	slices.SortFunc(wanted, func(a, b definition) int {
		if _, known := states[a.id]; known != (states[b.id].Fingerprint != nil) {
			if known {
				return -1
			}
			return 1
		}
		return bytes.Compare(seqBytes(a.seq), seqBytes(b.seq))
	})
	return wanted, states, nil
}

// settled gives the registry the definitions that are indexed, and returns the
// parameters of which some resources have entries and others not.
func settled(wanted []definition, states map[string]customState, reg *search.Registry) map[uint32]bool {
	var list []search.Use
	for _, d := range wanted {
		if st, ok := states[d.id]; ok && st.ready() && bytes.Equal(st.Fingerprint, d.def.Fingerprint[:]) {
			list = append(list, search.Use{Custom: d.def})
		}
	}
	reg.Use(list)
	unsettled := map[uint32]bool{}
	for _, st := range states {
		for _, p := range slices.Concat(st.Parts, st.Stale) {
			unsettled[p.Param] = true
		}
	}
	for _, u := range list {
		for _, p := range u.Params() {
			delete(unsettled, p.ID)
		}
	}
	return unsettled
}

type definition struct {
	id  string
	seq uint64
	def *search.Custom
}

// reload holds what is at work against what is wanted now.
func (cu *customs) reload(ctx context.Context) error {
	cu.mu.Lock()
	defer cu.mu.Unlock()
	var wanted []definition
	var states map[string]customState
	err := cu.store.engine.View(ctx, func(r kv.Reader) (err error) {
		wanted, states, err = definitions(ctx, r, cu.store.registry)
		return err
	})
	if err != nil {
		return err
	}
	for id, st := range states {
		if cu.list[id] == nil {
			cu.list[id] = &custom{state: st, fresh: true}
		}
	}
	for _, c := range cu.list {
		c.def = nil
	}
	for _, d := range wanted {
		c := cu.list[d.id]
		if c == nil {
			c = &custom{}
			cu.list[d.id] = c
		}
		c.def = d.def
	}
	cu.use(wanted)
	for _, c := range cu.list {
		if c.def == nil {
			c.want(nil, nil)
			continue
		}
		var parts []customPart
		for _, p := range c.def.Params() {
			parts = append(parts, customPart{p.Base, p.ID})
		}
		if c.want(c.def.Fingerprint[:], parts) {
			cu.log.Info("indexing a search parameter", slog.String("code", c.def.Code))
		}
		if c.total, err = cu.count(ctx, parts); err != nil {
			return err
		}
	}
	cu.use(wanted) // again: what has changed is not ready
	select {
	case cu.wake <- struct{}{}:
	default:
	}
	return nil
}

// want starts anew for a definition that has changed, and reports whether.
func (c *custom) want(fingerprint []byte, parts []customPart) bool {
	if bytes.Equal(c.state.Fingerprint, fingerprint) {
		return false
	}
	for _, p := range c.state.Parts {
		if !slices.Contains(parts, p) {
			c.state.Stale = append(c.state.Stale, p)
		}
	}
	c.state = customState{Fingerprint: fingerprint, Parts: parts, Stale: c.state.Stale}
	c.fresh = true
	return len(parts) > 0
}

// use gives the registry what is wanted, in order. What it refuses counts as
// not wanted.
func (cu *customs) use(wanted []definition) {
	var list []search.Use
	for _, d := range wanted {
		c := cu.list[d.id]
		if c == nil || c.def == nil {
			continue
		}
		u := search.Use{Custom: c.def}
		if !c.state.ready() || !bytes.Equal(c.state.Fingerprint, c.def.Fingerprint[:]) {
			u.Waiting = func() int {
				cu.mu.Lock()
				defer cu.mu.Unlock()
				return c.percent()
			}
		}
		list = append(list, u)
	}
	for _, refused := range cu.store.registry.Use(list) {
		for id, c := range cu.list {
			if c.def == refused {
				c.def = nil
				cu.log.Warn("a search parameter is defined twice; the later definition is not used", slog.String("id", id), slog.String("code", refused.Code))
			}
		}
	}
}

// count is about how many resources there are to index.
func (cu *customs) count(ctx context.Context, parts []customPart) (total int64, err error) {
	ranges := make([]kv.Range, len(parts))
	for i, p := range parts {
		ranges[i] = kv.Prefix(currentPrefix(p.Type))
	}
	err = cu.store.engine.View(ctx, func(r kv.Reader) error {
		counts, err := kv.Estimate(ctx, r, ranges...)
		for _, n := range counts {
			total += n
		}
		return err
	})
	return total, err
}

// permit refuses what one store can not hold: too many definitions, or a second
// one of the same code and type.
func (cu *customs) permit(id string, def *search.Custom) *fhir.Error {
	cu.mu.Lock()
	defer cu.mu.Unlock()
	others := 0
	for other, c := range cu.list {
		if other == id || c.def == nil {
			continue
		}
		others++
		for _, p := range c.def.Params() {
			if c.def.Code == def.Code && slices.ContainsFunc(def.Params(), func(q *search.Param) bool { return q.Base == p.Base }) {
				return fhir.Errorf(fhir.Unprocessable, "store.Commit", "search.custom-redefined", fhir.CodeDuplicate, "SearchParameter.code",
					fhir.T("Another SearchParameter defines this code for %[1]s.", "Un autre SearchParameter définit ce code pour %[1]s.", p.Base),
					fhir.T("Choose another code, or change or retire the other.", "Choisissez un autre code, ou modifiez ou retirez l'autre."))
			}
		}
	}
	if others >= cu.store.limits.Customs {
		return fhir.Errorf(fhir.Unprocessable, "store.Commit", "search.custom-limit", fhir.CodeTooCostly, "SearchParameter.status",
			fhir.T("There are too many search parameters beside those of R4.", "Il y a trop de paramètres de recherche en plus de ceux de R4."),
			fhir.T("At most %[1]d; retire one first.", "Au plus %[1]d ; retirez-en un d'abord.", cu.store.limits.Customs))
	}
	return nil
}

// pause is how long the work waits after a fault of the engine.
const pause = 5 * time.Second
