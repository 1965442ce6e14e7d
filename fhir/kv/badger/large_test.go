package badger

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	dgraph "github.com/dgraph-io/badger/v4"

	"github.com/cordee-sante/cordee/fhir/kv"
)

func incompressible(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{byte(n), byte(n >> 8), byte(n >> 16)}).Read(b)
	return b
}

// TestLargeLeavesNothingBehind replaces large values by larger, smaller and
// small ones, deletes them, opens the engine again, and counts rows.
func TestLargeLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	e := open(t, dir)
	for i, size := range []int{3 << 20, 5 << 20, 600 << 10, 10, 2 << 20, 0, 1 << 20, 4 << 20} {
		if err := e.Update(t.Context(), func(w kv.Writer) error {
			if size == 0 {
				return w.Delete([]byte("k"))
			}
			return w.Put([]byte("k"), incompressible(size))
		}); err != nil {
			t.Fatal(err)
		}
		noRemains(t, e)
		if i%2 == 1 {
			if err := e.Close(); err != nil {
				t.Fatal(err)
			}
			e = open(t, dir)
		}
	}
}

// TestLargeBesideBlindWrite commits a large value under a key that another
// transaction deletes or replaces without having read it.
func TestLargeBesideBlindWrite(t *testing.T) {
	for name, blind := range map[string]func(kv.Writer) error{
		"delete":    func(w kv.Writer) error { return w.Delete([]byte("k")) },
		"put":       func(w kv.Writer) error { return w.Put([]byte("k"), []byte("small")) },
		"put large": func(w kv.Writer) error { return w.Put([]byte("k"), incompressible(700<<10)) },
	} {
		t.Run(name, func(t *testing.T) {
			e := open(t, "")
			once := true
			if err := e.Update(t.Context(), func(w kv.Writer) error {
				if err := blind(w); err != nil || !once {
					return err
				}
				once = false
				return e.Update(t.Context(), func(w kv.Writer) error { return w.Put([]byte("k"), incompressible(3<<20)) })
			}); err != nil {
				t.Fatal(err)
			}
			noRemains(t, e)
		})
	}
}

// TestLargeCompressed stores text of 30 MiB, which takes little room.
func TestLargeCompressed(t *testing.T) {
	e := open(t, "")
	text := bytes.Repeat(document(1), (30<<20)/2000)
	if err := e.Update(t.Context(), func(w kv.Writer) error { return w.Put([]byte("k"), text) }); err != nil {
		t.Fatal(err)
	}
	if err := e.View(t.Context(), func(r kv.Reader) error {
		values, err := r.Get(t.Context(), []byte("k"))
		if err == nil && !bytes.Equal(values[0], text) {
			err = fmt.Errorf("%d other bytes", len(values[0]))
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// TestLargePartsArePacked: a value that came in large parts is compressed, and its
// base64 kept as bytes, chunk by chunk. It reads as it was put, in the transaction
// that put it too.
func TestLargePartsArePacked(t *testing.T) {
	text := bytes.Repeat(document(1), (5<<20)/2000)
	pdf := base64.StdEncoding.AppendEncode([]byte("<text>"), incompressible(5<<20))
	for name, test := range map[string]struct {
		content []byte
		most    float64 // of its length on disk
	}{
		"text":   {text, 0.3},
		"base64": {append(pdf, "</text>"...), 0.76},
		"noise":  {incompressible(6 << 20), 1.01},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			e := open(t, dir)
			whole := append([]byte("head"), test.content...)
			same := func(when string, r kv.Reader) {
				t.Helper()
				values, err := r.Get(t.Context(), []byte("k"))
				if err != nil || !bytes.Equal(values[0], whole) {
					t.Errorf("%s: Get returns %d other bytes, %v", when, len(values[0]), err)
				}
				for entry, err := range r.Scan(t.Context(), kv.Prefix([]byte("k"))) {
					if err != nil || !bytes.Equal(entry.Value, whole) {
						t.Errorf("%s: Scan yields %d other bytes, %v", when, len(entry.Value), err)
					}
				}
			}
			if err := e.Update(t.Context(), func(w kv.Writer) error {
				err := w.PutParts([]byte("k"), []byte("head"), test.content)
				same("before the commit", w)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			if n := onDisk(t, e); float64(n) > test.most*float64(len(whole)) {
				t.Errorf("%d bytes take %d", len(whole), n)
			}
			if err := e.Close(); err != nil {
				t.Fatal(err)
			}
			e = open(t, dir)
			if err := e.View(t.Context(), func(r kv.Reader) error { same("opened again", r); return nil }); err != nil {
				t.Fatal(err)
			}
			if err := e.Update(t.Context(), func(w kv.Writer) error { return w.Put([]byte("k"), []byte("small")) }); err != nil {
				t.Fatal(err)
			}
			noRemains(t, e)
		})
	}
}

// onDisk is how many bytes all values take as they are stored.
func onDisk(t *testing.T, e *Engine) (n int) {
	t.Helper()
	txn := e.db.NewTransactionAt(e.snapshots.last(), false)
	defer txn.Discard()
	it := txn.NewIterator(dgraph.IteratorOptions{})
	defer it.Close()
	for it.Rewind(); it.Valid(); it.Next() {
		n += int(it.Item().ValueSize())
	}
	return n
}

// TestListsServeAgain: the writes of one Update are not in the list that the next gets,
// whether it was committed or failed.
func TestListsServeAgain(t *testing.T) {
	e := open(t, "")
	fails := errors.New("fails")
	for i, want := range []error{nil, fails, nil} {
		err := e.Update(t.Context(), func(w kv.Writer) error {
			if n := len(w.(*writer).ops); n > 0 {
				t.Errorf("Update %d begins with %d writes", i, n)
			}
			for _, left := range w.(*writer).ops[:cap(w.(*writer).ops)] {
				if left.key != nil || left.value != nil {
					t.Errorf("Update %d: a write of before is kept", i)
				}
			}
			if err := w.Put([]byte{byte(i)}, []byte("value")); err != nil {
				return err
			}
			return want
		})
		if !errors.Is(err, want) {
			t.Errorf("Update %d: %v", i, err)
		}
	}
}
