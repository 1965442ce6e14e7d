// Package kvtest is the contract of kv.Engine as a suite. Every engine runs it
// in three lines:
//
//	func TestContract(t *testing.T) {
//		kvtest.Run(t, func(t *testing.T) kv.Engine { return open(t) })
//	}
//
// It tests what package kv promises and nothing that an engine is free in: it
// never expects a phantom, nor the lack of one.
package kvtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/fhir/kv"
)

// Run tests the contract. Each test opens an engine of its own, which is empty,
// and closes it.
func Run(t *testing.T, open func(t *testing.T) kv.Engine) {
	for _, group := range []map[string]func(*testing.T, kv.Engine){
		valueTests, scanTests, transactionTests, limitTests, concurrencyTests, modelTests,
	} {
		for name, test := range group {
			t.Run(name, func(t *testing.T) {
				e := open(t)
				t.Cleanup(func() {
					if err := e.Close(); err != nil {
						t.Errorf("Close: %v", err)
					}
				})
				test(t, e)
			})
		}
	}
}

// put writes pairs of key and value in one Update.
func put(t testing.TB, e kv.Engine, pairs ...string) {
	t.Helper()
	update(t, e, func(w kv.Writer) error {
		for i := 0; i < len(pairs); i += 2 {
			if err := w.Put([]byte(pairs[i]), []byte(pairs[i+1])); err != nil {
				return err
			}
		}
		return nil
	})
}

func update(t testing.TB, e kv.Engine, f func(kv.Writer) error) {
	t.Helper()
	if err := e.Update(t.Context(), f); err != nil {
		t.Fatalf("Update: %v", err)
	}
}

func view(t testing.TB, e kv.Engine, f func(kv.Reader) error) {
	t.Helper()
	if err := e.View(t.Context(), f); err != nil {
		t.Fatalf("View: %v", err)
	}
}

// want checks what the reader holds under each key of pairs; "" is absent.
func want(ctx context.Context, r kv.Reader, pairs ...string) error {
	var keys [][]byte
	for i := 0; i < len(pairs); i += 2 {
		keys = append(keys, []byte(pairs[i]))
	}
	values, err := r.Get(ctx, keys...)
	if err != nil {
		return err
	}
	if len(values) != len(keys) {
		return fmt.Errorf("get: %d values for %d keys", len(values), len(keys))
	}
	for i, got := range values {
		wanted := pairs[2*i+1]
		if wanted == "" && got != nil {
			return fmt.Errorf("Get(%q): %q, want nil", keys[i], short(got))
		}
		if !bytes.Equal(got, []byte(wanted)) {
			return fmt.Errorf("Get(%q): %q, want %q", keys[i], short(got), short([]byte(wanted)))
		}
	}
	return nil
}

// wantScan checks what a Scan of the ranges yields, each entry written
// "key=value" or, in a range of keys only, "key".
func wantScan(ctx context.Context, r kv.Reader, wanted []string, ranges ...kv.Range) error {
	var got []string
	for e, err := range r.Scan(ctx, ranges...) {
		if err != nil {
			return err
		}
		if ranges[e.Range].KeysOnly != (e.Value == nil) {
			return fmt.Errorf("entry %q: value %q in a range with KeysOnly %v", e.Key, e.Value, ranges[e.Range].KeysOnly)
		}
		entry := string(e.Key)
		if e.Value != nil {
			entry += "=" + string(e.Value)
		}
		got = append(got, entry)
	}
	if !slices.Equal(got, wanted) {
		return fmt.Errorf("scan: %s, want %s", list(got), list(wanted))
	}
	return nil
}

func list(entries []string) string {
	var b strings.Builder
	for i, e := range entries {
		if i == 20 {
			fmt.Fprintf(&b, " … (%d)", len(entries))
			break
		}
		fmt.Fprintf(&b, " %q", short([]byte(e)))
	}
	return b.String()
}

func short(b []byte) string {
	if len(b) > 60 {
		return fmt.Sprintf("%s… (%d bytes)", b[:50], len(b))
	}
	return string(b)
}

func wantError(t testing.TB, what string, got, wanted error) {
	t.Helper()
	if !errors.Is(got, wanted) {
		t.Errorf("%s: %v, want %v", what, got, wanted)
	}
}
