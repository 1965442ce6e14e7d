package fault_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/kv/fault"
	"github.com/cordee-sante/cordee/fhir/kv/kvtest"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
)

func TestContractWithoutFault(t *testing.T) {
	kvtest.Run(t, func(*testing.T) kv.Engine { return fault.New(memory.Open(), math.MaxInt) })
}

// TestMove moves a value from one key to another under every fault: it is at one
// of them, never at both or none.
func TestMove(t *testing.T) {
	runs := map[string]int{}
	fault.Each(t, func(t *testing.T, n int) *fault.Engine {
		e := memory.Open()
		set(t, e, "from", "value")
		f := fault.New(e, n)
		err := move(t.Context(), f)
		if err != nil && !errors.Is(err, fault.ErrFault) {
			t.Fatal(err)
		}
		at := where(t, e)
		if err == nil && at != "to" {
			t.Errorf("moved, and it is at %q", at)
		}
		runs[fmt.Sprintf("%v %s", err == nil, at)]++
		return f
	})
	// Update, Scan, its entry, Put, Delete and the commit fail; then the answer is
	// lost; then all is well.
	if got := fmt.Sprint(runs); got != "map[false from:6 false to:1 true to:1]" {
		t.Errorf("runs: %s", got)
	}
}

func move(ctx context.Context, e kv.Engine) error {
	return e.Update(ctx, func(w kv.Writer) error {
		for entry, err := range w.Scan(ctx, kv.Prefix([]byte("from"))) {
			if err != nil {
				return err
			}
			if err := w.Put([]byte("to"), bytes.Clone(entry.Value)); err != nil {
				return err
			}
		}
		return w.Delete([]byte("from"))
	})
}

func set(t *testing.T, e kv.Engine, key, value string) {
	t.Helper()
	if err := e.Update(t.Context(), func(w kv.Writer) error { return w.Put([]byte(key), []byte(value)) }); err != nil {
		t.Fatal(err)
	}
}

func where(t *testing.T, e kv.Engine) (at string) {
	t.Helper()
	if err := e.View(t.Context(), func(r kv.Reader) error {
		for entry, err := range r.Scan(t.Context(), kv.Range{KeysOnly: true}) {
			if err != nil {
				return err
			}
			at += string(entry.Key)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return at
}

func TestView(t *testing.T) {
	fault.Each(t, func(t *testing.T, n int) *fault.Engine {
		f := fault.New(memory.Open(), n)
		err := f.View(t.Context(), func(r kv.Reader) error {
			if _, err := kv.Estimate(t.Context(), r, kv.Range{}); err != nil {
				return err
			}
			_, err := r.Get(t.Context(), []byte("k"))
			return err
		})
		if errors.Is(err, fault.ErrFault) != f.Happened() {
			t.Errorf("error %v, fault %v", err, f.Happened())
		}
		return f
	})
}
