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

// The engine of the index may fail: the trail goes on and the status says so.
// What is in memory is found; what no longer fits there is missed, and a search
// says that it is. When the engine is back everything is there.
func TestIndexFailureDoesNotStopTheTrail(t *testing.T) {
	cfg := testConfig(t)
	m := &moody{Engine: cfg.Engine}
	cfg.Engine = m
	tr := open(t, cfg)
	found(t, tr, ask(t, tr, "date", "ge2020"))
	broken := errors.New("disk on fire")
	m.err.Store(&broken)
	record(t, tr, aRead())
	q := ask(t, tr, "date", "ge2020", "patient", "p1")
	if page := found(t, tr, q); len(page.Matches) != 1 || len(page.Issues) != 0 {
		t.Errorf("search with an engine that fails: %d matches, issues %v", len(page.Matches), page.Issues)
	}
	for deadline := time.Now().Add(10 * time.Second); tr.Status().Index == nil; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the status does not say that the index stands still")
		}
	}
	fillWith(t, tr, 2<<chapterBits, "p2") // two chapters: neither can be written
	if page, err := tr.Search(t.Context(), q); err != nil || len(page.Issues) != 1 || page.Issues[0].Code != fhir.CodeIncomplete {
		t.Errorf("search behind the log: issues %v, %v", page.Issues, err)
	}
	m.err.Store(nil)
	q = ask(t, tr, "date", "ge2020", "patient", "p1", "_total", "accurate")
	for deadline := time.Now().Add(20 * time.Second); ; {
		page, err := tr.Search(t.Context(), q)
		if err == nil && page.Total == 1 && len(page.Issues) == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the index did not recover: %v, %v", page.Issues, err)
		}
	}
	waitForChapters(t, tr, 2)
}

// fillWith appends records of one patient.
func fillWith(t testing.TB, tr *Trail, n int, patient string) {
	t.Helper()
	const batch = 4096
	for i := 0; i < n; i += batch {
		var bodies [][]byte
		for j := i; j < min(n, i+batch); j++ {
			r := aRead()
			r.Request = fmt.Sprint("req-", j)
			r.Entries[0].Key.ID, r.Entries[0].Patients = fmt.Sprint("o", j), []string{patient}
			body, err := encode(Item{Kind: KindRequest, Record: r})
			if err != nil {
				t.Fatal(err)
			}
			bodies = append(bodies, body)
		}
		if _, err := tr.log.Append(bodies...); err != nil {
			t.Fatal(err)
		}
	}
}

func waitForChapters(t *testing.T, tr *Trail, want int) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); len(tr.index.hold(nil).extents) < want; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("fewer than %d chapters are written", want)
		}
	}
}

// What the trail of a process held in memory is found by the next one, and
// chapters that are written are not read again.
func TestIndexGoesOnAfterAStop(t *testing.T) {
	cfg := testConfig(t)
	tr := open(t, cfg)
	fillWith(t, tr, 1<<chapterBits, "p2")
	record(t, tr, aRead())
	want := idsOf(found(t, tr, ask(t, tr, "date", "ge2020", "patient", "p1")))
	waitForChapters(t, tr, 1)
	if err := tr.Close(); err != nil {
		t.Fatal(err)
	}
	tr = open(t, cfg)
	tr.index.mu.Lock()
	p := tr.index.saved
	tr.index.mu.Unlock()
	if p.written.Seq != 1<<chapterBits || p.settled.Seq < p.written.Seq {
		t.Errorf("the index begins at %v", p)
	}
	for _, params := range [][]string{{"patient", "p1"}, {"entity", "Observation/o7"}, {"entity:identifier", "req-20000"}} {
		page := found(t, tr, ask(t, tr, append([]string{"date", "ge2020"}, params...)...))
		if len(page.Matches) != 1 || params[1] == "p1" && idsOf(page)[0] != want[0] {
			t.Errorf("%v after the stop: %v", params, idsOf(page))
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

// noting keeps what the index notes of how far it has come.
type noting struct {
	kv.Engine
	lowest atomic.Uint64
}

func (n *noting) Update(ctx context.Context, f func(kv.Writer) error) error {
	return n.Engine.Update(ctx, func(w kv.Writer) error { return f(notingWriter{w, n}) })
}

type notingWriter struct {
	kv.Writer
	of *noting
}

func (w notingWriter) Put(key, value []byte) error {
	if p, ok := progressOf(value); ok && len(key) == 1 && key[0] == positionKey {
		w.of.lowest.Store(min(w.of.lowest.Load(), p.settled.Seq))
	}
	return w.Writer.Put(key, value)
}

// R06: while a process reads again what the one before had in memory, the index
// still says how far that one had come: a trail that is put back meanwhile would
// go unnoticed otherwise.
func TestR06ProgressNeverGoesBack(t *testing.T) {
	cfg := testConfig(t)
	tr := open(t, cfg)
	fillWith(t, tr, takeMost+4000, "p2")
	found(t, tr, ask(t, tr, "date", "ge2020", "patient", "p1"))
	if err := tr.Close(); err != nil {
		t.Fatal(err)
	}
	before := tr.index.settled()
	if before <= takeMost {
		t.Fatalf("the first process noted %d records only", before)
	}
	n := &noting{Engine: cfg.Engine}
	n.lowest.Store(before)
	cfg.Engine = n
	tr = open(t, cfg)
	record(t, tr, aRead())
	if page := found(t, tr, ask(t, tr, "date", "ge2020", "patient", "p1")); len(page.Matches) != 1 {
		t.Fatalf("after the stop: %v", idsOf(page))
	}
	if lowest := n.lowest.Load(); lowest < before {
		t.Errorf("noted %d after %d", lowest, before)
	}
}
