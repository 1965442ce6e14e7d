package audit

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv"
)

// moody is an engine whose writes fail on demand.
type moody struct {
	kv.Engine
	err  atomic.Pointer[error]
	most int // entries of one transaction; 0 for any number
}

func (m *moody) Update(ctx context.Context, f func(kv.Writer) error) error {
	if p := m.err.Load(); p != nil {
		return *p
	}
	return m.Engine.Update(ctx, func(w kv.Writer) error { return f(&counting{Writer: w, left: m.most}) })
}

type counting struct {
	kv.Writer
	left int
}

func (c *counting) Put(key, value []byte) error {
	if c.left--; c.left == 0 {
		return kv.ErrTooLarge
	}
	return c.Writer.Put(key, value)
}

// The index may fail: the trail goes on, a search says that it is behind, and
// when the engine is back everything is there.
func TestIndexFailureDoesNotStopTheTrail(t *testing.T) {
	cfg := testConfig(t)
	m := &moody{Engine: cfg.Engine}
	cfg.Engine = m
	tr := open(t, cfg)
	found(t, tr, ask(t, tr, "date", "ge2020"))
	broken := errors.New("disk on fire")
	m.err.Store(&broken)
	record(t, tr, aRead())
	page, err := tr.Search(t.Context(), ask(t, tr, "date", "ge2020", "patient", "p1"))
	if err != nil || len(page.Matches) != 0 || len(page.Issues) != 1 || page.Issues[0].Code != fhir.CodeIncomplete {
		t.Errorf("search behind the log: %d matches, issues %v, %v", len(page.Matches), page.Issues, err)
	}
	if tr.Status().Index == nil {
		t.Error("the status does not say that the index stands still")
	}
	m.err.Store(nil)
	for deadline := time.Now().Add(10 * time.Second); ; {
		page, err := tr.Search(t.Context(), ask(t, tr, "date", "ge2020", "patient", "p1"))
		if err == nil && len(page.Matches) == 1 && len(page.Issues) == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the index did not recover: %v, %v", page.Issues, err)
		}
	}
}

// A record with more postings than a transaction takes is indexed in parts.
func TestGiantRecordIsIndexedInParts(t *testing.T) {
	cfg := testConfig(t)
	cfg.Engine = &moody{Engine: cfg.Engine, most: 50}
	tr := open(t, cfg)
	r := aRead()
	r.Interaction, r.Entries = InteractionTransaction, nil
	for i := range 300 {
		r.Entries = append(r.Entries, Entry{Key: fhir.Key{Type: "Observation", ID: fmt.Sprint("o", i), Version: "1"}, Effect: fhir.Created, Patients: []string{fmt.Sprint("p", i)}})
	}
	record(t, tr, r)
	for _, n := range []int{0, 150, 299} {
		if page := found(t, tr, ask(t, tr, "date", "ge2020", "patient", fmt.Sprint("p", n))); len(page.Matches) != 1 {
			t.Errorf("patient %d: %v", n, idsOf(page))
		}
	}
	if page := found(t, tr, ask(t, tr, "date", "ge2020", "_total", "accurate", "_count", "7")); page.Total != 302 { // start, envelope, entries
		t.Errorf("total %d, want 302", page.Total)
	}
}
