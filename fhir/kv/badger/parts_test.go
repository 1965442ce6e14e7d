package badger

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"testing"

	dgraph "github.com/dgraph-io/badger/v4"

	"github.com/cordee-sante/cordee/fhir/kv"
)

// putMany writes n entries of 4 KiB that do not compress, k0, k1, …
func putMany(w kv.Writer, n int, version byte) error {
	for i := range n {
		value := bytes.Repeat(binary.BigEndian.AppendUint64([]byte{version}, mix(i)), 4)
		for len(value) < 4096 {
			value = append(value, fmt.Sprint(mix(len(value)+i))...)
		}
		if err := w.Put(fmt.Appendf(nil, "k%d", i), value); err != nil {
			return err
		}
	}
	return nil
}

// TestPartsAppearAtOnce writes a transaction many times the size that Badger
// takes while a reader looks.
func TestPartsAppearAtOnce(t *testing.T) {
	e := open(t, "")
	const n = 2000
	done := make(chan error, 1)
	go func() {
		done <- e.Update(context.Background(), func(w kv.Writer) error { return putMany(w, n, 1) })
	}()
	for running := true; running; {
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			running = false
		default:
		}
		if err := e.View(t.Context(), func(r kv.Reader) error {
			got, err := kv.Count(t.Context(), r, kv.Range{}, 0)
			if err == nil && got != 0 && got != n {
				err = fmt.Errorf("%d of %d keys are visible", got, n)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	noRemains(t, e)
}

// TestPartsConflict changes a key that the large transaction has read.
func TestPartsConflict(t *testing.T) {
	e := open(t, "")
	runs := 0
	if err := e.Update(t.Context(), func(w kv.Writer) error {
		runs++
		if _, err := w.Get(t.Context(), []byte("guard")); err != nil {
			return err
		}
		if runs == 1 {
			if err := e.Update(t.Context(), func(w kv.Writer) error { return w.Put([]byte("guard"), []byte("1")) }); err != nil {
				return err
			}
		}
		return putMany(w, 1000, byte(runs))
	}); err != nil {
		t.Fatal(err)
	}
	if runs != 2 {
		t.Errorf("f ran %d times, want 2", runs)
	}
	noRemains(t, e)
}

// TestPartsReadOwnWrites reads and scans after Badger's transaction is full.
func TestPartsReadOwnWrites(t *testing.T) {
	e := open(t, "")
	if err := e.Update(t.Context(), func(w kv.Writer) error {
		if err := putMany(w, 1000, 1); err != nil {
			return err
		}
		if err := w.Delete([]byte("k1")); err != nil {
			return err
		}
		if err := w.Put([]byte("k999"), []byte("last")); err != nil {
			return err
		}
		values, err := w.Get(t.Context(), []byte("k0"), []byte("k1"), []byte("k999"), []byte("k9999"))
		if err != nil {
			return err
		}
		if values[0] == nil || values[1] != nil || string(values[2]) != "last" || values[3] != nil {
			return fmt.Errorf("Get in parts: %.20q", values)
		}
		n, err := kv.Count(t.Context(), w, kv.Range{}, 0)
		if err == nil && n != 999 {
			err = fmt.Errorf("%d keys scanned, want 999", n)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// TestR01UnfinishedParts ends the process between any two parts, and again while
// they are undone.
func TestR01UnfinishedParts(t *testing.T) {
	dir := t.TempDir()
	e := open(t, dir)
	if err := e.Update(t.Context(), func(w kv.Writer) error {
		if err := w.Put([]byte("deleted"), []byte("before")); err != nil {
			return err
		}
		if err := w.Put([]byte("large"), incompressible(2<<20)); err != nil {
			return err
		}
		return putMany(w, 300, 1)
	}); err != nil {
		t.Fatal(err)
	}
	before := contents(t, e)

	s, err := e.begin(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	w := newWriter(e, s)
	for _, err := range []error{w.Delete([]byte("deleted")), w.Put([]byte("large"), incompressible(1<<20)), putMany(w, 900, 2)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	at := e.snapshots.last()
	row := entry{key: unfinished, value: binary.BigEndian.AppendUint64(nil, at)}
	if err := writeAll(e.db, &at, slices.Values([]entry{row})); err != nil {
		t.Fatal(err)
	}
	wantUndone(t, dir, before)
	if err := commitAt(w.txn, &at); err != nil {
		t.Fatal(err)
	}
	wantUndone(t, dir, before)
	if err := writeAll(e.db, &at, slices.Values(w.ops[w.fits:len(w.ops)-100])); err != nil {
		t.Fatal(err)
	}
	wantUndone(t, dir, before)

	half := crashed(t, dir) // undone in part
	e.end(s, 1)
	e2 := raw(t, half)
	now := e2.MaxVersion()
	if err := writeAll(e2, &now, func(yield func(entry) bool) {
		for i := range 50 {
			yield(entry{key: fmt.Appendf(nil, "k%d", i), value: []byte("half undone")})
		}
	}); err != nil {
		t.Fatal(err)
	}
	if err := e2.Close(); err != nil {
		t.Fatal(err)
	}
	wantUndone(t, half, before)
}

// wantUndone opens a copy of the folder and wants it to be as before.
func wantUndone(t *testing.T, dir, before string) {
	t.Helper()
	e := open(t, crashed(t, dir))
	if after := contents(t, e); after != before {
		t.Errorf("after the restart: %.100s, want %.100s", after, before)
	}
	noRemains(t, e)
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
}

// raw opens Badger without the engine.
func raw(t *testing.T, dir string) *dgraph.DB {
	t.Helper()
	db, err := openDB(config(dir).options())
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// contents is all that the engine shows.
func contents(t *testing.T, e *Engine) string {
	t.Helper()
	var b bytes.Buffer
	if err := e.View(t.Context(), func(r kv.Reader) error {
		for entry, err := range r.Scan(t.Context(), kv.Range{}) {
			if err != nil {
				return err
			}
			fmt.Fprintf(&b, "%s %d %x\n", entry.Key, len(entry.Value), entry.Value[:min(8, len(entry.Value))])
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// noRemains wants that of our own rows there are only those of large values that
// exist.
func noRemains(t *testing.T, e *Engine) {
	t.Helper()
	txn := e.db.NewTransactionAt(e.snapshots.last(), false)
	it := txn.NewIterator(dgraph.IteratorOptions{Prefix: []byte{reservedOurs, reservedOurs}})
	defer it.Close()
	rows := map[string]bool{}
	for it.Rewind(); it.Valid(); it.Next() {
		rows[string(it.Item().KeyCopy(nil))] = true
	}
	all := txn.NewIterator(dgraph.IteratorOptions{})
	defer all.Close()
	for all.Rewind(); all.Valid(); all.Next() {
		head, err := entryOf(all.Item())
		if err != nil {
			t.Fatal(err)
		}
		if head.form&large == 0 {
			continue
		}
		removal, err := head.removal()
		if err != nil {
			t.Fatal(err)
		}
		for row := range removal {
			if !rows[string(row.key)] {
				t.Errorf("row %x of a large value is missing", row.key)
			}
			delete(rows, string(row.key))
		}
	}
	for key := range rows {
		t.Errorf("row %x was left behind", key)
	}
}
