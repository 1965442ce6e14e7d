package badger

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/cordee-sante/cordee/fhir/kv"
)

func set(t *testing.T, e kv.Engine, key, value string) {
	t.Helper()
	if err := e.Update(t.Context(), func(w kv.Writer) error { return w.Put([]byte(key), []byte(value)) }); err != nil {
		t.Fatal(err)
	}
}

func got(t *testing.T, r kv.Reader, key string) string {
	t.Helper()
	values, err := r.Get(context.Background(), []byte(key))
	if err != nil {
		t.Fatal(err)
	}
	return string(values[0])
}

func viewed(t *testing.T, e kv.Engine, f func(kv.Reader)) {
	t.Helper()
	if err := e.View(t.Context(), func(r kv.Reader) error { f(r); return nil }); err != nil {
		t.Fatal(err)
	}
}

// A snapshot reads its own state whatever others have put into the cache, and
// puts nothing there that would outlive a commit.
func TestCacheKeepsSnapshotsApart(t *testing.T) {
	e := open(t, "")
	set(t, e, "k", "old")
	viewed(t, e, func(before kv.Reader) {
		set(t, e, "k", "new")
		viewed(t, e, func(after kv.Reader) {
			if v := got(t, after, "k"); v != "new" {
				t.Errorf("after the commit: %q", v)
			}
		})
		for range 2 {
			if v := got(t, before, "k"); v != "old" {
				t.Errorf("in the snapshot from before: %q", v)
			}
		}
		viewed(t, e, func(after kv.Reader) {
			if v := got(t, after, "k"); v != "new" {
				t.Errorf("after the older snapshot has read: %q", v)
			}
		})
	})
}

// An older snapshot that reads a key first must not leave it in the cache: the
// commit that dropped the key has been, and would not drop it again.
func TestCacheTakesNothingOutdated(t *testing.T) {
	e := open(t, "")
	set(t, e, "k", "old")
	viewed(t, e, func(before kv.Reader) {
		set(t, e, "k", "new")
		if v := got(t, before, "k"); v != "old" {
			t.Errorf("in the snapshot from before: %q", v)
		}
		viewed(t, e, func(after kv.Reader) {
			if v := got(t, after, "k"); v != "new" {
				t.Errorf("after the commit: %q", v)
			}
		})
	})
}

func TestCacheForgetsWhatIsDeleted(t *testing.T) {
	e := open(t, "")
	set(t, e, "k", "v")
	viewed(t, e, func(r kv.Reader) { got(t, r, "k") })
	if err := e.Update(t.Context(), func(w kv.Writer) error { return w.Delete([]byte("k")) }); err != nil {
		t.Fatal(err)
	}
	viewed(t, e, func(r kv.Reader) {
		if v := got(t, r, "k"); v != "" {
			t.Errorf("after the deletion: %q", v)
		}
	})
}

func TestCacheLeavesOutLargeValues(t *testing.T) {
	c, s := newCache(64<<20), &snapshot{at: 1}
	for size, want := range map[int]bool{1: true, maxCached: true, maxCached + 1: false} {
		key := fmt.Appendf(nil, "k%d", size)
		c.put(key, make([]byte, size), 1, s)
		if kept := c.get(key, s) != nil; kept != want {
			t.Errorf("a value of %d bytes is kept: %v, want %v", size, kept, want)
		}
	}
}

// While others write, every snapshot finds the same with Get, which asks the
// cache, as with Scan, which does not.
func TestCacheAgreesWithScans(t *testing.T) {
	e := open(t, "")
	const keys, rounds = 8, 300
	key := func(i int) []byte { return fmt.Appendf(nil, "k%d", i%keys) }
	var wg sync.WaitGroup
	for worker := range 2 {
		wg.Go(func() {
			for i := range rounds {
				if err := e.Update(t.Context(), func(w kv.Writer) error {
					if i%7 == 0 {
						return w.Delete(key(i))
					}
					return w.Put(key(i*3+worker), fmt.Appendf(nil, "%d.%d", worker, i))
				}); err != nil {
					t.Error(err)
				}
			}
		})
		wg.Go(func() {
			for range rounds * 4 {
				if err := e.View(t.Context(), compare(t.Context(), key, keys)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

func compare(ctx context.Context, key func(int) []byte, keys int) func(kv.Reader) error {
	return func(r kv.Reader) error {
		for i := range keys {
			values, err := r.Get(ctx, key(i))
			if err != nil {
				return err
			}
			var scanned []byte
			for e, err := range r.Scan(ctx, kv.Prefix(key(i))) {
				if err != nil {
					return err
				}
				scanned = bytes.Clone(e.Value)
			}
			if !bytes.Equal(values[0], scanned) {
				return fmt.Errorf("%s: Get found %q, Scan %q", key(i), values[0], scanned)
			}
		}
		return nil
	}
}
