package kvtest

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/cordee-sante/cordee/fhir/kv"
)

var limitTests = map[string]func(*testing.T, kv.Engine){
	"too long a key or value: R10":    testTooLong,
	"too many keys: R10":              testTooMany,
	"too many large values: R10":      testTooManyLarge,
	"a thousand documents in one: ok": testBatch,
}

func testTooLong(t *testing.T, e kv.Engine) {
	for name, write := range map[string]func(kv.Writer) error{
		"key":   func(w kv.Writer) error { return w.Put(bytes.Repeat([]byte("k"), kv.MaxKey+1), []byte("v")) },
		"value": func(w kv.Writer) error { return w.Put([]byte("k"), make([]byte, kv.MaxValue+1)) },
		"deleted key": func(w kv.Writer) error {
			return w.Delete(bytes.Repeat([]byte("k"), kv.MaxKey+1))
		},
	} {
		wantError(t, name, e.Update(t.Context(), write), kv.ErrTooLarge)
	}
	err := e.Update(t.Context(), func(w kv.Writer) error {
		_ = w.Put([]byte("a"), []byte("1"))
		_ = w.Put([]byte("k"), make([]byte, kv.MaxValue+1))
		return nil
	})
	wantError(t, "ignored error of Put", err, kv.ErrTooLarge)
	view(t, e, func(r kv.Reader) error { return wantScan(t.Context(), r, nil, kv.Range{}) })
}

// testTooMany writes up to 512 MiB of small entries. No engine takes that much
// in one transaction.
func testTooMany(t *testing.T, e kv.Engine) {
	value := bytes.Repeat([]byte("v"), 4<<10)
	for _, ignore := range []bool{false, true} {
		err := e.Update(t.Context(), func(w kv.Writer) error {
			for i := range 1 << 17 {
				if err := w.Put(fmt.Appendf(nil, "k%08d", i), value); err != nil {
					if ignore && errors.Is(err, kv.ErrTooLarge) {
						return nil
					}
					return err
				}
			}
			return nil
		})
		wantError(t, fmt.Sprintf("Update (error ignored: %v)", ignore), err, kv.ErrTooLarge)
	}
	view(t, e, func(r kv.Reader) error { return wantScan(t.Context(), r, nil, kv.Range{KeysOnly: true}) })
	put(t, e, "after", "it")
	view(t, e, func(r kv.Reader) error { return wantScan(t.Context(), r, []string{"after=it"}, kv.Range{}) })
}

func testTooManyLarge(t *testing.T, e kv.Engine) {
	value := make([]byte, kv.MaxValue)
	err := e.Update(t.Context(), func(w kv.Writer) error {
		for i := range 8 {
			if err := w.Put(fmt.Appendf(nil, "k%d", i), value); err != nil {
				return err
			}
		}
		return nil
	})
	wantError(t, "Update", err, kv.ErrTooLarge)
	view(t, e, func(r kv.Reader) error { return wantScan(t.Context(), r, nil, kv.Range{KeysOnly: true}) })
}

// testBatch is what a sequencer may count on: 1,000 documents of 2 KB with 20
// index entries each.
func testBatch(t *testing.T, e kv.Engine) {
	document := bytes.Repeat([]byte("d"), 2000)
	update(t, e, func(w kv.Writer) error {
		for i := range 1000 {
			if err := w.Put(fmt.Appendf(nil, "doc/%04d", i), document); err != nil {
				return err
			}
			for j := range 20 {
				if err := w.Put(fmt.Appendf(nil, "index/%02d/some-value/%04d", j, i), []byte{1}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	view(t, e, func(r kv.Reader) error {
		n, err := kv.Count(t.Context(), r, kv.Range{}, 0)
		if err == nil && n != 21000 {
			err = fmt.Errorf("%d keys, want 21000", n)
		}
		return err
	})
}
