package kvtest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/cordee-sante/cordee/fhir/kv"
)

var valueTests = map[string]func(*testing.T, kv.Engine){
	"empty key or value is refused": testEmpty,
	"put, get, delete":              testPutGetDelete,
	"get of many keys":              testGetMany,
	"values may be kept":            testKeptValues,
	"any bytes make a key":          testAnyKey,
	"values of 1 B to 20 MiB":       testValueSizes,
	"large values come and go":      testLargeValues,
	"values in parts":               testParts,
}

func testEmpty(t *testing.T, e kv.Engine) {
	for name, write := range map[string]func(kv.Writer) error{
		"empty key":           func(w kv.Writer) error { return w.Put(nil, []byte("v")) },
		"empty value":         func(w kv.Writer) error { return w.Put([]byte("k"), []byte{}) },
		"nil value":           func(w kv.Writer) error { return w.Put([]byte("k"), nil) },
		"delete of empty key": func(w kv.Writer) error { return w.Delete(nil) },
		"get of empty key": func(w kv.Writer) error {
			_, err := w.Get(t.Context(), []byte("k"), nil)
			return err
		},
	} {
		wantError(t, name, e.Update(t.Context(), write), kv.ErrEmpty)
	}
	err := e.Update(t.Context(), func(w kv.Writer) error {
		_ = w.Put([]byte("other"), []byte("v"))
		_ = w.Put([]byte("k"), nil)
		return nil
	})
	wantError(t, "ignored error of Put", err, kv.ErrEmpty)
	view(t, e, func(r kv.Reader) error { return want(t.Context(), r, "other", "", "k", "") })
}

func testPutGetDelete(t *testing.T, e kv.Engine) {
	view(t, e, func(r kv.Reader) error { return want(t.Context(), r, "a", "") })
	put(t, e, "a", "1", "b", "2")
	view(t, e, func(r kv.Reader) error { return want(t.Context(), r, "a", "1", "b", "2", "ab", "") })
	update(t, e, func(w kv.Writer) error {
		if err := w.Delete([]byte("b")); err != nil {
			return err
		}
		if err := w.Delete([]byte("absent")); err != nil {
			return err
		}
		return w.Put([]byte("a"), []byte("one"))
	})
	view(t, e, func(r kv.Reader) error { return want(t.Context(), r, "a", "one", "b", "") })
	update(t, e, func(w kv.Writer) error { return w.Delete([]byte("a")) })
	put(t, e, "b", "two")
	view(t, e, func(r kv.Reader) error { return want(t.Context(), r, "a", "", "b", "two") })
}

func testGetMany(t *testing.T, e kv.Engine) {
	var pairs, asked []string
	for i := range 500 {
		pairs = append(pairs, fmt.Sprintf("k%03d", i), fmt.Sprint(i))
		asked = append(asked, fmt.Sprintf("k%03d", i), fmt.Sprint(i), fmt.Sprintf("k%03dx", i), "")
	}
	asked = append(asked, "k007", "7", "k007", "7") // twice is fine
	put(t, e, pairs...)
	view(t, e, func(r kv.Reader) error {
		values, err := r.Get(t.Context())
		if err != nil || len(values) != 0 {
			return fmt.Errorf("get of no key: %d values, %v", len(values), err)
		}
		return want(t.Context(), r, asked...)
	})
}

// testKeptValues keeps what Get returned, beyond the transaction and beyond what
// is written under the key later. Who appends to a value gets a copy.
func testKeptValues(t *testing.T, e kv.Engine) {
	long := bytes.Repeat([]byte("long"), 1<<20)
	put(t, e, "a", "inline", "b", string(long))
	var kept [][]byte
	read := func(r kv.Reader) error {
		for range 2 {
			key := []byte("a")
			values, err := r.Get(t.Context(), key, []byte("b"))
			if err != nil {
				return err
			}
			key[0] = 'x'
			for _, v := range values {
				_ = append(v, "what comes after"...)
			}
			kept = append(kept, values...)
		}
		return nil
	}
	view(t, e, read)
	update(t, e, func(w kv.Writer) error {
		own := []byte("inline")
		if err := w.Put([]byte("a"), own); err != nil {
			return err
		}
		return read(w)
	})
	view(t, e, read)
	put(t, e, "a", "others", "b", "short")
	for i, v := range kept {
		if want := [][]byte{[]byte("inline"), long}[i%2]; !bytes.Equal(v, want) {
			t.Errorf("value %d, kept: %q, want %q", i, short(v), short(want))
		}
	}
}

// testAnyKey uses every first byte, long keys, and the beginnings that engines
// reserve for themselves.
func testAnyKey(t *testing.T, e kv.Engine) {
	keys := []string{"!badger!", "!badger!txn", "!badger!k", "!", "!\x00", "!\x00b", "!\xff", "\xff\xff\xff\xff",
		"\xff\x00", "\xff\x00\x00", "\xff\xff\x01abc", "\x00\x00", string(bytes.Repeat([]byte("x"), 1000))}
	for b := range 256 {
		keys = append(keys, string([]byte{byte(b)}), string([]byte{byte(b), 'x'}))
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	var pairs, entries []string
	for _, k := range keys {
		pairs = append(pairs, k, "v")
		entries = append(entries, k+"=v")
	}
	put(t, e, pairs...)
	view(t, e, func(r kv.Reader) error {
		if err := want(t.Context(), r, pairs...); err != nil {
			return err
		}
		for i, k := range keys {
			if err := wantScan(t.Context(), r, entries[i:], kv.Range{Start: []byte(k)}); err != nil {
				return fmt.Errorf("from %q: %w", k, err)
			}
			back := slices.Clone(entries[:i])
			slices.Reverse(back)
			if err := wantScan(t.Context(), r, back, kv.Range{End: []byte(k), Reverse: true}); err != nil {
				return fmt.Errorf("back from %q: %w", k, err)
			}
		}
		return wantScan(t.Context(), r, entries, kv.Range{})
	})
}

// testValueSizes goes around the sizes at which engines change their ways.
func testValueSizes(t *testing.T, e kv.Engine) {
	sizes := []int{1, 2, 100, 4095, 4096, 65535, 65536, 262143, 262144, 524287, 524288, 524289,
		1<<20 - 1, 1 << 20, 1<<20 + 1, 3<<20 + 7, 20 << 20}
	blob := func(i, size int) []byte {
		b := make([]byte, size)
		r := rand.NewChaCha8([32]byte{byte(i)})
		_, _ = r.Read(b)
		return b
	}
	for i, size := range sizes {
		update(t, e, func(w kv.Writer) error {
			if err := w.Put(fmt.Appendf(nil, "v%02d", i), blob(i, size)); err != nil {
				return fmt.Errorf("%d bytes: %w", size, err)
			}
			return w.Put(fmt.Appendf(nil, "w%02d", i), []byte("small beside it"))
		})
	}
	view(t, e, func(r kv.Reader) error {
		n := 0
		for entry, err := range r.Scan(t.Context(), kv.Prefix([]byte("v"))) {
			if err != nil {
				return err
			}
			if !bytes.Equal(entry.Value, blob(n, sizes[n])) {
				t.Errorf("value of %d bytes: %d other bytes scanned", sizes[n], len(entry.Value))
			}
			values, err := r.Get(t.Context(), entry.Key)
			if err != nil {
				return err
			}
			if !bytes.Equal(values[0], blob(n, sizes[n])) {
				t.Errorf("value of %d bytes: %d other bytes got", sizes[n], len(values[0]))
			}
			n++
		}
		if n != len(sizes) {
			t.Errorf("%d values, want %d", n, len(sizes))
		}
		return nil
	})
}

// testParts puts values in parts, small and large, with the ends of parts at the
// beginning, within and at the end of whatever the engine may cut them into.
func testParts(t *testing.T, e kv.Engine) {
	part := func(c string, size int) []byte { return bytes.Repeat([]byte(c), size) }
	for _, parts := range [][][]byte{
		{part("a", 1)},
		{part("a", 10), nil, part("b", 2000)},
		{part("a", 200), part("b", 300), part("c", 9<<20)},
		{part("a", 4<<20), part("b", 1), part("c", 4<<20), part("d", 700)},
		{part("a", 1<<20), part("b", 9<<20)},
		{part("a", 9<<20)},
		{part("small", 1)},
	} {
		update(t, e, func(w kv.Writer) error { return w.PutParts([]byte("k"), parts...) })
		view(t, e, func(r kv.Reader) error { return want(t.Context(), r, "k", string(bytes.Join(parts, nil))) })
	}
	err := e.Update(t.Context(), func(w kv.Writer) error { return w.PutParts([]byte("k"), part("a", kv.MaxValue), part("b", 1)) })
	wantError(t, "a value that is too large", err, kv.ErrTooLarge)
	err = e.Update(t.Context(), func(w kv.Writer) error { return w.PutParts([]byte("k")) })
	wantError(t, "no parts", err, kv.ErrEmpty)
}

// testLargeValues replaces large values by small ones and back, deletes them,
// and finds neither remains nor mixtures.
func testLargeValues(t *testing.T, e kv.Engine) {
	large := func(c string, mib int) string { return string(bytes.Repeat([]byte(c), mib<<20)) }
	steps := []string{large("a", 3), "small", large("b", 2), large("c", 5), "", large("d", 1), ""}
	for i, value := range steps {
		update(t, e, func(w kv.Writer) error {
			if i == 2 { // twice in one transaction, the second counts
				if err := w.Put([]byte("k"), []byte(large("x", 4))); err != nil {
					return err
				}
			}
			if value == "" {
				return w.Delete([]byte("k"))
			}
			if err := w.Put([]byte("k"), []byte(value)); err != nil {
				return err
			}
			if err := want(t.Context(), w, "k", value); err != nil {
				return err
			}
			return wantScan(t.Context(), w, []string{"k=" + value}, kv.Range{})
		})
		view(t, e, func(r kv.Reader) error {
			if err := want(t.Context(), r, "k", value); err != nil {
				return fmt.Errorf("step %d: %w", i, err)
			}
			if value == "" {
				return wantScan(t.Context(), r, nil, kv.Range{})
			}
			return wantScan(t.Context(), r, []string{"k"}, kv.Range{KeysOnly: true})
		})
	}
}
