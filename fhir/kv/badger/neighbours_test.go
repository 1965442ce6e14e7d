package badger

import (
	"bytes"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/cordee-sante/cordee/fhir/kv"
)

// TestNeighbours: whatever the keys of one Get, near each other or not, there or
// not, asked for twice, the values are those of a Get for each of them.
func TestNeighbours(t *testing.T) {
	e, err := Open(Config{Dir: t.TempDir(), Profile: Profile{MemTable: 8 * mib, MemTables: 2, Compactors: 2}}) // no cache
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	key := func(i int) []byte {
		return fmt.Appendf(nil, "%c%06d", []byte{'!', 'c', 'x', 0xff}[i%4], i/4)
	}
	const all = 2000
	write := func(step int, value func(i int) []byte) {
		if err := e.Update(t.Context(), func(w kv.Writer) error {
			for i := 0; i < all; i += step {
				if err := w.Put(key(i), value(i)); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	write(1, func(i int) []byte { return bytes.Repeat(fmt.Appendf(nil, "%d ", i), 1+i%200) })
	write(97, func(i int) []byte { return incompressible(maxInline + 1 + i) })
	if err := e.Update(t.Context(), func(w kv.Writer) error {
		for i := 3; i < all; i += 7 {
			if err := w.Delete(key(i)); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		spread := rapid.SampledFrom([]int{1, 10, 70, all}).Draw(rt, "spread")
		from := rapid.IntRange(0, all).Draw(rt, "from")
		keys := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) []byte { return key(from + 4*rapid.IntRange(0, spread).Draw(rt, "at")) }), 1, 40).Draw(rt, "keys")
		if err := e.View(t.Context(), func(r kv.Reader) error {
			together, err := r.Get(t.Context(), keys...)
			if err != nil {
				return err
			}
			for i, k := range keys {
				alone, err := r.Get(t.Context(), k)
				if err != nil {
					return err
				}
				if !bytes.Equal(together[i], alone[0]) || (together[i] == nil) != (alone[0] == nil) {
					rt.Fatalf("%q: %d bytes with others, %d alone", k, len(together[i]), len(alone[0]))
				}
			}
			return nil
		}); err != nil {
			rt.Fatal(err)
		}
	})
}
