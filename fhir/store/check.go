package store

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/search"
)

// CheckConfig says what Check and Reindex look at. Engine and Registry are
// those that the store is opened with.
type CheckConfig struct {
	Engine   kv.Engine
	Registry *search.Registry
	Progress func(Progress) // told now and then; may be nil
}

// Progress is how far a check has come.
type Progress struct {
	Step, Steps int    // of the whole
	What        string // a resource type, or the part of the index that is gone through
	Done        int64  // resources, or keys of the part, so far
}

// A Report is what a check has found.
type Report struct {
	Resources int64 `json:"resources"` // live ones
	Deleted   int64 `json:"deleted"`
	Versions  int64 `json:"versions"` // earlier ones
	Rows      int64 `json:"rows"`     // index rows, as they are stored
	Postings  int64 `json:"postings"`
	History   int64 `json:"history"` // entries of type histories

	Findings []Finding `json:"findings"` // sorted by Part and Fault; empty for a sound store
	Repaired int64     `json:"repaired"` // keys that Reindex wrote or removed
}

// A Finding is one kind of fault, how often it was met, and where first. It
// names resources and never what they say.
type Finding struct {
	Part     string   `json:"part"`  // "record", "version", "facts", "rows", "posting", "history", "epoch", "sequence"
	Fault    string   `json:"fault"` // "missing", "stale", "wrong", "unreadable"
	Count    int64    `json:"count"`
	Examples []string `json:"examples,omitempty"` // Type/id, maxExamples at most
}

// maxExamples is how many places a Finding names.
const maxExamples = 10

// Sound reports whether nothing was found.
func (r *Report) Sound() bool { return len(r.Findings) == 0 }

// Beyond counts the faults that Reindex cannot mend, because what is lost or
// unreadable is a record itself and not what was worked out of it.
func (r *Report) Beyond() (n int64) {
	for _, f := range r.Findings {
		if f.Part == "record" || f.Part == "version" {
			n += f.Count
		}
	}
	return n
}

// Check works out anew, from the bodies alone, everything that the store keeps
// about them (index rows, postings, facts, histories, epochs, the chain of
// versions) and compares it with what is stored, both ways: what is missing,
// what is wrong, and what is there that should not be. It reads one snapshot,
// so it may run beside a store that is open, and holds a batch in memory,
// however large the store. The error is a fault of the engine; what is found is
// in the Report.
//
// What a record cannot tell is taken from it: who contributed it, and whom a
// Binary belongs to (its writer had to see the security context). An epoch may be
// ahead of what was changed, which only makes a cache forget.
func Check(ctx context.Context, cfg CheckConfig) (Report, error) { return runCheck(ctx, cfg, nil) }

// Reindex mends what Check finds, records and versions apart: it writes what is
// missing or wrong and removes what is stale. Nothing else may write meanwhile.
// Stopped halfway it has mended half; run again it goes on.
func Reindex(ctx context.Context, cfg CheckConfig) (Report, error) {
	m := &mender{ctx: ctx, engine: cfg.Engine}
	own, err := readMeta(ctx, cfg.Engine)
	if err == nil && own.format != 0 {
		err = raiseFormat(ctx, cfg.Engine, own.format) // before anything is written
	}
	if err != nil {
		return Report{}, err
	}
	report, err := runCheck(ctx, cfg, m.put)
	if err = errors.Join(err, m.flush()); err == nil {
		err = noteIndex(ctx, cfg.Engine, cfg.Registry)
	}
	report.Repaired = m.count
	return report, err
}

func runCheck(ctx context.Context, cfg CheckConfig, mend func(write) error) (report Report, err error) {
	reg := cfg.Registry.Plain()
	own, err := readMeta(ctx, cfg.Engine)
	if err != nil {
		return report, err
	}
	outdated := own.cursorKey != nil && own.index != indexName(cfg.Registry)
	err = cfg.Engine.View(ctx, func(r kv.Reader) error {
		names, err := loadNames(ctx, r)
		if err != nil {
			return err
		}
		c := &checker{ctx: ctx, r: r, store: &Store{engine: cfg.Engine, registry: reg, coverages: coverages(reg), names: names}, progress: cfg.Progress, mend: mend,
			anew:    mend != nil && outdated,
			layout:  layoutOf(own.index),
			present: map[uint32]int64{}, known: map[uint32]int64{}, found: map[[2]string]*Finding{}}
		err = c.run()
		report = c.result()
		return err
	})
	return report, err
}

// A checker is one run over one snapshot.
type checker struct {
	ctx      context.Context
	r        kv.Reader
	store    *Store // to describe bodies with
	progress func(Progress)
	mend     func(write) error // nil for a check that changes nothing
	anew     bool              // the index is of another make: what differs in a byte is written again
	layout   int               // of the index that is there

	report  Report
	found   map[[2]string]*Finding
	pending []expected // worked out and not compared yet

	rowsPresent, feedPresent int64            // that were expected and are there, right or wrong
	present                  map[uint32]int64 // postings likewise, by parameter
	known                    map[uint32]int64 // stale postings found by the way
	unsettled                map[uint32]bool  // parameters that are being indexed or removed: a check leaves them out, Reindex has them begin anew
	lastSeq                  uint64           // the greatest that a version has
	given                    []byte           // the last sequence number given out
}

// run goes through the records first, and compares what they imply with what is
// there. Whatever is there beyond that is stale: it is counted, and looked for
// only where the counts differ.
func (c *checker) run() error {
	for _, step := range []func() error{c.readGiven, c.customs, c.records, c.sequence, c.stalePostings, c.staleRows, c.staleFeed} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) tell(step int, what string, done int64) {
	if c.progress != nil {
		c.progress(Progress{Step: step, Steps: len(resourceTypes()) + 3, What: what, Done: done})
	}
}

// fault counts a finding, and mends it with w where that can be done.
func (c *checker) fault(part, fault, typ, id string, w ...write) error {
	f := c.found[[2]string{part, fault}]
	if f == nil {
		f = &Finding{Part: part, Fault: fault}
		c.found[[2]string{part, fault}] = f
	}
	if f.Count++; len(f.Examples) < maxExamples {
		f.Examples = append(f.Examples, fhir.Key{Type: cmp.Or(typ, "?"), ID: id}.String())
	}
	if c.mend == nil {
		return nil
	}
	for _, one := range w {
		if err := c.mend(one); err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) result() Report {
	c.report.Findings = []Finding{}
	for _, f := range c.found {
		if f.Count > 0 {
			f.Examples = slices.Compact(f.Examples)
			c.report.Findings = append(c.report.Findings, *f)
		}
	}
	slices.SortFunc(c.report.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Part, b.Part), cmp.Compare(a.Fault, b.Fault))
	})
	return c.report
}

// sequence: no change may have a greater number than the last given out.
func (c *checker) sequence() error {
	if last := seqBytes(c.lastSeq); c.lastSeq > 0 && bytes.Compare(c.given, last) < 0 {
		return c.fault("sequence", "wrong", "", "", write{key: metaSeq, value: last})
	}
	return nil
}

func (c *checker) readGiven() error {
	v, err := c.r.Get(c.ctx, metaSeq)
	if err == nil {
		c.given = v[0]
	}
	return err
}

// customs takes the custom parameters that are ready for what is compared.
func (c *checker) customs() error {
	wanted, states, err := definitions(c.ctx, c.r, c.store.registry)
	if err != nil {
		return err
	}
	c.unsettled = settled(wanted, states, c.store.registry)
	if c.mend == nil {
		return nil
	}
	for id, st := range states {
		if !slices.ContainsFunc(st.Parts, func(p customPart) bool { return c.unsettled[p.Param] }) {
			continue
		}
		st.Done, st.After, st.Indexed = 0, "", 0
		text, err := json.Marshal(st)
		if err == nil {
			err = c.mend(write{key: customKey(id), value: text})
		}
		if err != nil {
			return err
		}
	}
	clear(c.unsettled)
	return nil
}
