package badger

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	dgraph "github.com/dgraph-io/badger/v4"

	"github.com/cordee-sante/cordee/fhir/kv"
)

// TestEstimate compares estimates with counts while the keys are in memory, on
// disk at once, and on disk after some time.
func TestEstimate(t *testing.T) {
	dir := t.TempDir()
	e := open(t, dir)
	putAll := func(from, to int) {
		t.Helper()
		for i := from; i < to; i += 500 {
			if err := e.Update(t.Context(), func(w kv.Writer) error {
				for j := range 500 {
					if err := putDocument(w, i+j, document(i+j)); err != nil {
						return err
					}
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
	}
	putAll(0, 1500)
	wantEstimates(t, e, "in memory")
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	e = open(t, dir)
	wantEstimates(t, e, "on disk")
	putAll(1500, 8000)
	wantEstimates(t, e, "in memory and on disk")
	e.statistics.running.Wait()
	tables := e.db.Tables()
	e.statistics.refresh(tables)
	for c := e.statistics.recent.Seek(nil, false); c.Valid(); c.Next() {
		if slices.ContainsFunc(tables, func(t dgraph.TableInfo) bool { return c.Value() <= t.MaxVersion }) {
			t.Fatalf("key %q is in a table and sampled besides", c.Key())
		}
	}
	wantEstimates(t, e, "after a refresh")
}

func wantEstimates(t *testing.T, e *Engine, when string) {
	t.Helper()
	ranges := []kv.Range{{}, kv.Prefix([]byte("d/")), kv.Prefix([]byte("i/")), kv.Prefix(indexPrefix(3, 5))}
	for p := range benchIndexes {
		ranges = append(ranges, kv.Prefix(append([]byte("i/"), 0, 0, 0, byte(p))))
	}
	if err := e.View(t.Context(), func(r kv.Reader) error {
		got, err := kv.Estimate(t.Context(), r, ranges...)
		if err != nil {
			return err
		}
		for i, rg := range ranges {
			n, err := kv.Count(t.Context(), r, rg, 0)
			if err != nil {
				return err
			}
			if n <= kv.SmallRange && got[i] != int64(n) {
				return fmt.Errorf("range %d: estimate %d of %d keys", i, got[i], n)
			}
			low, high := 0.5*float64(n), 1.8*float64(n)
			if strings.Contains(when, "in memory") { // a sample, which is off by six deviations once in a billion draws
				off := 6 * math.Sqrt(sampleRate*float64(n))
				low, high = min(low, float64(n)-off), max(high, float64(n)+off)
			}
			if float64(got[i]) < low || float64(got[i]) > high {
				t.Errorf("%s: range %d: estimate %d of %d keys", when, i, got[i], n)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
