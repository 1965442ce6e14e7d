package badger

import (
	"fmt"
	"testing"

	"github.com/cordee-sante/cordee/fhir/kv"
)

// TestDeletedStaysDeleted was a defect of Badger up to 4.9.3: keys reappeared
// when compaction dropped the mark of their deletion before the value below it.
func TestDeletedStaysDeleted(t *testing.T) {
	dir := t.TempDir()
	const n = 3000
	reopen := func(e *Engine) *Engine {
		t.Helper()
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
		return open(t, dir)
	}
	write := func(e *Engine, f func(w kv.Writer, i int) error) {
		t.Helper()
		if err := e.Update(t.Context(), func(w kv.Writer) error {
			for i := range n {
				if err := f(w, i); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	put := func(w kv.Writer, i int) error { return w.Put(documentKey(i), document(i)) }
	e := open(t, dir)
	write(e, put) // into one table
	e = reopen(e)
	write(e, put) // over it, in another
	e = reopen(e)
	write(e, func(w kv.Writer, i int) error { // and the marks, in a third
		if i%3 == 0 {
			return nil
		}
		return w.Delete(documentKey(i))
	})
	for step := range 4 {
		if err := wantThird(t, e, n); err != nil {
			t.Fatalf("step %d: %v", step, err)
		}
		if step%2 == 0 {
			e = reopen(e)
		} else if err := e.db.Flatten(2); err != nil {
			t.Fatal(err)
		}
	}
}

func wantThird(t *testing.T, e *Engine, n int) error {
	return e.View(t.Context(), func(r kv.Reader) error {
		for i := range n {
			values, err := r.Get(t.Context(), documentKey(i))
			if err != nil {
				return err
			}
			if there := values[0] != nil; there != (i%3 == 0) {
				return fmt.Errorf("document %d is there: %v", i, there)
			}
		}
		got, err := kv.Count(t.Context(), r, kv.Range{}, 0)
		if err == nil && got != n/3 {
			err = fmt.Errorf("%d keys, want %d", got, n/3)
		}
		return err
	})
}
