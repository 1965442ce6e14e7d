package kvtest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/cordee-sante/cordee/fhir/kv"
)

var transactionTests = map[string]func(*testing.T, kv.Engine){
	"a failed update writes nothing":      testAtomic,
	"a cancelled update writes nothing":   testCancelledUpdate,
	"a panic writes nothing":              testPanic,
	"a view is one snapshot":              testSnapshot,
	"views never go back in time":         testMonotonic,
	"conflict on a key that is present":   func(t *testing.T, e kv.Engine) { put(t, e, "k", "0"); testConflict(t, e) },
	"conflict on a key that is absent":    testConflict,
	"conflict on a deleted key":           testConflictDelete,
	"other keys do not matter":            testOtherKeys,
	"retries are bounded: R10":            testRetries,
	"closed":                              testClosed,
	"close waits for running transaction": testCloseWaits,
}

func testAtomic(t *testing.T, e kv.Engine) {
	put(t, e, "a", "old", "b", "old")
	failure := errors.New("f failed")
	err := e.Update(t.Context(), func(w kv.Writer) error {
		if err := w.Put([]byte("a"), []byte("new")); err != nil {
			return err
		}
		if err := w.Delete([]byte("b")); err != nil {
			return err
		}
		if err := w.Put([]byte("c"), make([]byte, 3<<20)); err != nil {
			return err
		}
		return failure
	})
	wantError(t, "Update", err, failure)
	view(t, e, func(r kv.Reader) error {
		return wantScan(t.Context(), r, []string{"a=old", "b=old"}, kv.Range{})
	})
	wantError(t, "View", e.View(t.Context(), func(kv.Reader) error { return failure }), failure)
}

func testCancelledUpdate(t *testing.T, e kv.Engine) {
	ctx, cancel := context.WithCancel(t.Context())
	err := e.Update(ctx, func(w kv.Writer) error {
		defer cancel()
		return w.Put([]byte("a"), []byte("1"))
	})
	wantError(t, "Update", err, context.Canceled)
	view(t, e, func(r kv.Reader) error { return want(t.Context(), r, "a", "") })
}

func testPanic(t *testing.T, e kv.Engine) {
	for _, run := range []func(){
		func() {
			_ = e.Update(t.Context(), func(w kv.Writer) error {
				_ = w.Put([]byte("a"), []byte("1"))
				panic("f")
			})
		},
		func() {
			_ = e.View(t.Context(), func(r kv.Reader) error {
				for range r.Scan(t.Context(), kv.Range{}) {
					panic("f")
				}
				panic("f")
			})
		},
	} {
		func() {
			defer func() {
				if recover() != "f" {
					t.Error("the panic of f was lost")
				}
			}()
			run()
		}()
	}
	view(t, e, func(r kv.Reader) error { return want(t.Context(), r, "a", "") })
}

func testSnapshot(t *testing.T, e kv.Engine) {
	put(t, e, "a", "1", "b", "1")
	snapshot := func(r kv.Reader) error {
		for i := range 3 {
			if err := want(t.Context(), r, "a", "1", "b", "1", "c", ""); err != nil {
				return err
			}
			if err := wantScan(t.Context(), r, []string{"a=1", "b=1"}, kv.Prefix([]byte("a")), kv.Range{Start: []byte("b"), End: []byte("x")}); err != nil {
				return err
			}
			update(t, e, func(w kv.Writer) error {
				if err := w.Put([]byte("a"), fmt.Append(nil, i)); err != nil {
					return err
				}
				if err := w.Put([]byte("c"), make([]byte, 2<<20)); err != nil {
					return err
				}
				return w.Delete([]byte("b"))
			})
		}
		return nil
	}
	view(t, e, snapshot)
	update(t, e, func(w kv.Writer) error {
		if err := w.Delete([]byte("c")); err != nil {
			return err
		}
		if err := w.Put([]byte("a"), []byte("1")); err != nil {
			return err
		}
		return w.Put([]byte("b"), []byte("1"))
	})
	once := true
	update(t, e, func(w kv.Writer) error {
		if !once {
			return nil // the first run was in conflict with its own Updates
		}
		once = false
		return snapshot(w)
	})
}

// testMonotonic reads a counter that another goroutine counts up: each View
// shows what was acknowledged before it began and what an earlier View showed.
func testMonotonic(t *testing.T, e kv.Engine) {
	const last = 50
	acknowledged := make(chan int, last)
	go func() {
		defer close(acknowledged)
		for i := 1; i <= last; i++ {
			if err := e.Update(context.Background(), func(w kv.Writer) error {
				return w.Put([]byte("n"), fmt.Appendf(nil, "%d", i))
			}); err != nil {
				t.Error(err)
				return
			}
			acknowledged <- i
		}
	}()
	seen := 0
	for i := range acknowledged {
		view(t, e, func(r kv.Reader) error {
			values, err := r.Get(t.Context(), []byte("n"))
			if err != nil {
				return err
			}
			var n int
			if _, err := fmt.Sscan(string(values[0]), &n); err != nil {
				return err
			}
			if n < i || n < seen {
				return fmt.Errorf("read %d after %d was acknowledged and %d read", n, i, seen)
			}
			seen = n
			return nil
		})
	}
}

// testConflict lets another Update change the key after f has read it.
func testConflict(t *testing.T, e kv.Engine) {
	runs := 0
	update(t, e, func(w kv.Writer) error {
		runs++
		values, err := w.Get(t.Context(), []byte("k"))
		if err != nil {
			return err
		}
		if runs == 1 {
			put(t, e, "k", "other")
		} else if string(values[0]) != "other" {
			return fmt.Errorf("second run read %q", values[0])
		}
		return w.Put([]byte("k"), append(values[0], "+1"...))
	})
	if runs != 2 {
		t.Errorf("f ran %d times, want 2", runs)
	}
	view(t, e, func(r kv.Reader) error { return want(t.Context(), r, "k", "other+1") })
}

func testConflictDelete(t *testing.T, e kv.Engine) {
	put(t, e, "k", "1")
	runs := 0
	update(t, e, func(w kv.Writer) error {
		values, err := w.Get(t.Context(), []byte("k"))
		if err != nil {
			return err
		}
		if runs++; runs == 1 {
			update(t, e, func(w kv.Writer) error { return w.Delete([]byte("k")) })
		}
		return w.Put([]byte("was"), fmt.Appendf(nil, "%q", values[0]))
	})
	view(t, e, func(r kv.Reader) error { return want(t.Context(), r, "was", `""`) })
}

// testOtherKeys commits beside another Update that wrote other keys, and the
// same key without that either had read it: the later one counts.
func testOtherKeys(t *testing.T, e kv.Engine) {
	put(t, e, "k", "1", "other", "1")
	update(t, e, func(w kv.Writer) error {
		if _, err := w.Get(t.Context(), []byte("k")); err != nil {
			return err
		}
		put(t, e, "other", "2", "blind", "2")
		return w.Put([]byte("blind"), []byte("1"))
	})
	view(t, e, func(r kv.Reader) error { return want(t.Context(), r, "blind", "1", "other", "2") })
}

func testRetries(t *testing.T, e kv.Engine) {
	runs := 0
	err := e.Update(t.Context(), func(w kv.Writer) error {
		if runs++; runs > 1000 {
			return errors.New("no end of retries")
		}
		if _, err := w.Get(t.Context(), []byte("k")); err != nil {
			return err
		}
		put(t, e, "k", fmt.Sprint(runs))
		return w.Put([]byte("lost"), []byte("1"))
	})
	wantError(t, "Update", err, kv.ErrConflict)
	if runs < 2 {
		t.Errorf("f ran %d times: no retry", runs)
	}
	view(t, e, func(r kv.Reader) error { return want(t.Context(), r, "lost", "") })
}

func testClosed(t *testing.T, e kv.Engine) {
	put(t, e, "a", "1")
	for range 2 {
		if err := e.Close(); err != nil {
			t.Fatalf("Close: %v", err)
		}
	}
	wantError(t, "View", e.View(t.Context(), func(kv.Reader) error { return nil }), kv.ErrClosed)
	wantError(t, "Update", e.Update(t.Context(), func(kv.Writer) error { return nil }), kv.ErrClosed)
}

func testCloseWaits(t *testing.T, e kv.Engine) {
	put(t, e, "a", "1")
	closed := make(chan error, 1)
	view(t, e, func(r kv.Reader) error {
		go func() { closed <- e.Close() }()
		select {
		case <-closed:
			t.Error("Close did not wait for the View")
		case <-time.After(20 * time.Millisecond):
		}
		return want(t.Context(), r, "a", "1")
	})
	if err := <-closed; err != nil {
		t.Errorf("Close: %v", err)
	}
}
