package kvtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/cordee-sante/cordee/fhir/kv"
	"pgregory.net/rapid"
)

var modelTests = map[string]func(*testing.T, kv.Engine){
	"behaves as a sorted map": testModel,
}

// testModel plays random transactions on the engine and on a map and compares
// what they read, within the transactions and after them.
func testModel(t *testing.T, e kv.Engine) {
	rapid.Check(t, func(rt *rapid.T) {
		m := &model{ctx: t.Context(), t: rt}
		if err := e.Update(m.ctx, m.wipe); err != nil {
			rt.Fatalf("wipe: %v", err)
		}
		for range rapid.IntRange(1, 3).Draw(rt, "transactions") {
			m.transaction(e)
			if err := e.View(m.ctx, m.read); err != nil {
				rt.Fatal(err)
			}
		}
	})
}

// A model is the map beside the engine.
type model struct {
	ctx     context.Context
	t       *rapid.T
	entries map[string]string
}

// drawKey draws of few keys, all alike, so that they meet, with the bytes that
// are special to an engine.
func drawKey(t *rapid.T, label string) string {
	special := rapid.SampledFrom([]byte("!a\x00\xff"))
	return string(rapid.SliceOfN(special, 1, 3).Draw(t, label))
}

func (m *model) wipe(w kv.Writer) error {
	m.entries = map[string]string{}
	for e, err := range w.Scan(m.ctx, kv.Range{KeysOnly: true}) {
		if err != nil {
			return err
		}
		if err := w.Delete(bytes.Clone(e.Key)); err != nil {
			return err
		}
	}
	return nil
}

var errRolledBack = errors.New("rolled back")

func (m *model) transaction(e kv.Engine) {
	before := maps.Clone(m.entries)
	back := rapid.IntRange(0, 3).Draw(m.t, "roll back") == 0
	err := e.Update(m.ctx, func(w kv.Writer) error {
		for range rapid.IntRange(0, 12).Draw(m.t, "steps") {
			if err := m.step(w); err != nil {
				return err
			}
		}
		if back {
			return errRolledBack
		}
		return nil
	})
	if back && errors.Is(err, errRolledBack) {
		m.entries, err = before, nil
	}
	if err != nil {
		m.t.Fatal(err)
	}
}

func (m *model) step(w kv.Writer) error {
	switch key := drawKey(m.t, "key"); rapid.IntRange(0, 4).Draw(m.t, "action") {
	case 0, 1:
		value := rapid.StringMatching(`[a-z]{1,5}`).Draw(m.t, "value")
		if rapid.IntRange(0, 19).Draw(m.t, "large") == 0 {
			value += string(bytes.Repeat([]byte("L"), 600<<10))
		}
		m.entries[key] = value
		return w.Put([]byte(key), []byte(value))
	case 2:
		delete(m.entries, key)
		return w.Delete([]byte(key))
	default:
		return m.read(w)
	}
}

// read compares one key and one range.
func (m *model) read(r kv.Reader) error {
	key := drawKey(m.t, "read")
	if err := want(m.ctx, r, key, m.entries[key]); err != nil {
		return err
	}
	rg := kv.Range{
		Reverse:  rapid.Bool().Draw(m.t, "reverse"),
		KeysOnly: rapid.Bool().Draw(m.t, "keys only"),
		Limit:    rapid.IntRange(0, 3).Draw(m.t, "limit"),
	}
	if rapid.Bool().Draw(m.t, "has start") {
		rg.Start = []byte(drawKey(m.t, "start"))
	}
	if rapid.Bool().Draw(m.t, "has end") {
		rg.End = []byte(drawKey(m.t, "end"))
	}
	if err := wantScan(m.ctx, r, m.scan(rg), rg); err != nil {
		return fmt.Errorf("%q to %q, reverse %v: %w", rg.Start, rg.End, rg.Reverse, err)
	}
	return nil
}

// scan is what the map holds in the range.
func (m *model) scan(rg kv.Range) []string {
	found := slices.Sorted(maps.Keys(m.entries))
	found = slices.DeleteFunc(found, func(k string) bool {
		return k < string(rg.Start) || rg.End != nil && k >= string(rg.End)
	})
	if rg.Reverse {
		slices.Reverse(found)
	}
	if rg.Limit > 0 && len(found) > rg.Limit {
		found = found[:rg.Limit]
	}
	for i, k := range found {
		if !rg.KeysOnly {
			found[i] = k + "=" + m.entries[k]
		}
	}
	return found
}
