package kvtest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/cordee-sante/cordee/fhir/kv"
)

var scanTests = map[string]func(*testing.T, kv.Engine){
	"ranges in both directions":       testRanges,
	"several ranges, one after other": testManyRanges,
	"keys do not leak between scans":  testNestedScans,
	"breaking off":                    testBreak,
	"cancelled context stops scans":   testCancelledScan,
	"scan sees own writes":            testOwnWrites,
	"long scans":                      testLongScans,
	"estimates":                       testEstimate,
}

func testRanges(t *testing.T, e kv.Engine) {
	put(t, e, "b", "2", "a", "1", "aa", "11", "c", "3", "ba", "21", "\x00", "0", "\xff\xff", "f", "d", "4")
	update(t, e, func(w kv.Writer) error { return w.Delete([]byte("d")) })
	cases := map[string]struct {
		of   kv.Range
		want []string
	}{
		"all":                  {kv.Range{}, []string{"\x00=0", "a=1", "aa=11", "b=2", "ba=21", "c=3", "\xff\xff=f"}},
		"all in reverse":       {kv.Range{Reverse: true}, []string{"\xff\xff=f", "c=3", "ba=21", "b=2", "aa=11", "a=1", "\x00=0"}},
		"half open":            {kv.Range{Start: []byte("a"), End: []byte("b")}, []string{"a=1", "aa=11"}},
		"half open in reverse": {kv.Range{Start: []byte("a"), End: []byte("b"), Reverse: true}, []string{"aa=11", "a=1"}},
		"between keys":         {kv.Range{Start: []byte("a0"), End: []byte("b9")}, []string{"aa=11", "b=2"}},
		"between in reverse":   {kv.Range{Start: []byte("a0"), End: []byte("b9"), Reverse: true}, []string{"b=2", "aa=11"}},
		"prefix":               {kv.Prefix([]byte("b")), []string{"b=2", "ba=21"}},
		"prefix of 0xff":       {kv.Prefix([]byte{0xff}), []string{"\xff\xff=f"}},
		"no end":               {kv.Range{Start: []byte("c")}, []string{"c=3", "\xff\xff=f"}},
		"no end in reverse":    {kv.Range{Start: []byte("c"), Reverse: true}, []string{"\xff\xff=f", "c=3"}},
		"no start":             {kv.Range{End: []byte("aa")}, []string{"\x00=0", "a=1"}},
		"empty":                {kv.Range{Start: []byte("b"), End: []byte("b")}, nil},
		"empty in reverse":     {kv.Range{Start: []byte("b"), End: []byte("b"), Reverse: true}, nil},
		"inverted":             {kv.Range{Start: []byte("c"), End: []byte("a")}, nil},
		"inverted, reverse":    {kv.Range{Start: []byte("c"), End: []byte("a"), Reverse: true}, nil},
		"empty end":            {kv.Range{End: []byte{}}, nil},
		"deleted":              {kv.Prefix([]byte("d")), nil},
		"beyond deleted":       {kv.Range{Start: []byte("bb"), End: []byte("e"), Reverse: true}, []string{"c=3"}},
		"limit":                {kv.Range{Limit: 2}, []string{"\x00=0", "a=1"}},
		"limit in reverse":     {kv.Range{Limit: 2, Reverse: true}, []string{"\xff\xff=f", "c=3"}},
		"limit beyond":         {kv.Range{Start: []byte("c"), Limit: 9}, []string{"c=3", "\xff\xff=f"}},
		"keys only":            {kv.Range{Start: []byte("b"), End: []byte("c"), KeysOnly: true}, []string{"b", "ba"}},
		"keys only, reverse":   {kv.Range{End: []byte("b"), KeysOnly: true, Reverse: true, Limit: 2}, []string{"aa", "a"}},
	}
	check := func(r kv.Reader) error {
		for name, c := range cases {
			if err := wantScan(t.Context(), r, c.want, c.of); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		return nil
	}
	view(t, e, check)
	update(t, e, func(w kv.Writer) error { return check(w) })
	update(t, e, func(w kv.Writer) error { // and with a transaction that has written
		if err := w.Put([]byte("zz"), []byte("?")); err != nil {
			return err
		}
		if err := w.Delete([]byte("zz")); err != nil {
			return err
		}
		return check(w)
	})
}

func testManyRanges(t *testing.T, e kv.Engine) {
	put(t, e, "a1", "1", "a2", "2", "b1", "3", "c1", "4", "c2", "5")
	view(t, e, func(r kv.Reader) error {
		if err := wantScan(t.Context(), r, nil); err != nil {
			return err
		}
		rev := kv.Prefix([]byte("a"))
		rev.Reverse = true
		one := kv.Prefix([]byte("c"))
		one.Limit, one.KeysOnly = 1, true
		ranges := []kv.Range{one, kv.Prefix([]byte("x")), rev, kv.Prefix([]byte("a")), kv.Prefix([]byte("b"))}
		if err := wantScan(t.Context(), r, []string{"c1", "a2=2", "a1=1", "a1=1", "a2=2", "b1=3"}, ranges...); err != nil {
			return err
		}
		var indexes []int
		for entry, err := range r.Scan(t.Context(), ranges...) {
			if err != nil {
				return err
			}
			indexes = append(indexes, entry.Range)
		}
		if got := fmt.Sprint(indexes); got != "[0 2 2 3 3 4]" {
			return fmt.Errorf("Entry.Range %s", got)
		}
		return nil
	})
}

// testLongScans scans more than a page of keys of which many were overwritten or
// deleted, while another round of that is committed.
func testLongScans(t *testing.T, e kv.Engine) {
	const keys = 2000
	held := map[string]string{"b": "beyond", "\xff": "last"}
	put(t, e, "b", "beyond", "\xff", "last")
	round := func(n int, noted bool) {
		update(t, e, func(w kv.Writer) error {
			for i := range keys {
				key, value := fmt.Sprintf("a%05d", i), fmt.Sprint(i, ".", n)
				switch (i/3 + i*n) % 5 {
				case 0:
					value = ""
					if err := w.Delete([]byte(key)); err != nil {
						return err
					}
				case 1, 2:
					if err := w.Put([]byte(key), []byte(value)); err != nil {
						return err
					}
				default:
					continue
				}
				if noted {
					held[key] = value
				}
			}
			return nil
		})
	}
	for n := range 4 {
		round(n, true)
	}
	view(t, e, func(r kv.Reader) error {
		round(4, false)
		for _, rg := range []kv.Range{{}, kv.Prefix([]byte("a")), {Start: []byte("a00010"), End: []byte("a01710")}, {Start: []byte("a01"), KeysOnly: true}, {Reverse: true}} {
			var wanted []string
			for _, key := range slices.Sorted(maps.Keys(held)) {
				if held[key] == "" || key < string(rg.Start) || rg.End != nil && key >= string(rg.End) {
					continue
				}
				if !rg.KeysOnly {
					key += "=" + held[key]
				}
				wanted = append(wanted, key)
			}
			if rg.Reverse {
				slices.Reverse(wanted)
			}
			for _, rg.Limit = range []int{0, 255, 256, 257, 300, len(wanted) - 1, len(wanted) + 1} {
				few := wanted
				if rg.Limit > 0 {
					few = wanted[:min(rg.Limit, len(wanted))]
				}
				if err := wantScan(t.Context(), r, few, rg); err != nil {
					return fmt.Errorf("%q to %q, at most %d: %w", rg.Start, rg.End, rg.Limit, err)
				}
			}
		}
		return nil
	})
}

func testNestedScans(t *testing.T, e kv.Engine) {
	put(t, e, "a1", "1", "a2", "2", "a3", "3", "b1", "x", "b2", "y")
	nested := func(r kv.Reader) error {
		var got []string
		for outer, err := range r.Scan(t.Context(), kv.Prefix([]byte("a"))) {
			if err != nil {
				return err
			}
			for inner, err := range r.Scan(t.Context(), kv.Range{Start: []byte("a2"), Reverse: len(got)%2 == 0}) {
				if err != nil {
					return err
				}
				got = append(got, string(outer.Key)+string(outer.Value)+string(inner.Key)+string(inner.Value))
			}
		}
		const wanted = "[a11b2y a11b1x a11a33 a11a22 a22b2y a22b1x a22a33 a22a22 a33b2y a33b1x a33a33 a33a22]"
		if fmt.Sprint(got) != wanted {
			return fmt.Errorf("%v, want %s", got, wanted)
		}
		return nil
	}
	view(t, e, nested)
	update(t, e, func(w kv.Writer) error { return nested(w) })
}

func testBreak(t *testing.T, e kv.Engine) {
	fill(t, e, 1000)
	view(t, e, func(r kv.Reader) error {
		for i := range 100 {
			n := 0
			for entry, err := range r.Scan(t.Context(), kv.Range{Reverse: i%2 == 0}, kv.Range{}) {
				if err != nil {
					return err
				}
				if n++; n > i || entry.Range > 0 {
					break
				}
			}
		}
		return nil
	})
}

// fill puts keys k00000, k00001, … with the value v.
func fill(t testing.TB, e kv.Engine, n int) {
	t.Helper()
	update(t, e, func(w kv.Writer) error {
		for i := range n {
			if err := w.Put(fmt.Appendf(nil, "k%05d", i), []byte("v")); err != nil {
				return err
			}
		}
		return nil
	})
}

func testCancelledScan(t *testing.T, e kv.Engine) {
	const keys = 3000
	fill(t, e, keys)
	for _, rg := range []kv.Range{{}, {Reverse: true}, {KeysOnly: true}} {
		ctx, cancel := context.WithCancel(t.Context())
		n := 0
		var last error
		view(t, e, func(r kv.Reader) error {
			for _, err := range r.Scan(ctx, rg) {
				if last = err; err == nil {
					n++
				}
				cancel()
			}
			if _, err := r.Get(ctx, []byte("k00001")); !errors.Is(err, context.Canceled) {
				t.Errorf("Get with a cancelled context: %v", err)
			}
			return nil
		})
		cancel()
		if n == keys || !errors.Is(last, context.Canceled) {
			t.Errorf("%+v: %d of %d keys after the context was cancelled, then %v", rg, n, keys, last)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	wantError(t, "View", e.View(ctx, func(kv.Reader) error { return nil }), context.Canceled)
	wantError(t, "Update", e.Update(ctx, func(kv.Writer) error { return nil }), context.Canceled)
}

func testOwnWrites(t *testing.T, e kv.Engine) {
	put(t, e, "a", "1", "b", "2", "c", "3", "d", "4")
	update(t, e, func(w kv.Writer) error {
		steps := []struct {
			key, value string
			want       []string
		}{
			{"b", "", []string{"a=1", "c=3", "d=4"}},
			{"bb", "new", []string{"a=1", "bb=new", "c=3", "d=4"}},
			{"c", "other", []string{"a=1", "bb=new", "c=other", "d=4"}},
			{"bb", "", []string{"a=1", "c=other", "d=4"}},
			{"0", "first", []string{"0=first", "a=1", "c=other", "d=4"}},
			{"e", "last", []string{"0=first", "a=1", "c=other", "d=4", "e=last"}},
			{"d", "", []string{"0=first", "a=1", "c=other", "e=last"}},
			{"b", "back", []string{"0=first", "a=1", "b=back", "c=other", "e=last"}},
		}
		for _, s := range steps {
			if err := writeOne(w, s.key, s.value); err != nil {
				return err
			}
			if err := want(t.Context(), w, s.key, s.value); err != nil {
				return err
			}
			if err := wantScan(t.Context(), w, s.want, kv.Range{}); err != nil {
				return err
			}
		}
		if err := wantScan(t.Context(), w, []string{"e=last", "c=other"}, kv.Range{Reverse: true, Limit: 2}); err != nil {
			return err
		}
		for entry, err := range w.Scan(t.Context(), kv.Range{}) { // writes while it runs
			if err != nil {
				return err
			}
			if err := w.Put(append([]byte("z"), entry.Key...), []byte("z")); err != nil {
				return err
			}
			if entry.Key[0] == 'z' {
				return fmt.Errorf("the scan saw %q, written after it began", entry.Key)
			}
		}
		n, err := kv.Count(t.Context(), w, kv.Prefix([]byte("z")), 0)
		if err != nil || n != 5 {
			return fmt.Errorf("%d keys written during a scan, %v", n, err)
		}
		return nil
	})
}

func writeOne(w kv.Writer, key, value string) error {
	if value == "" {
		return w.Delete([]byte(key))
	}
	return w.Put([]byte(key), []byte(value))
}

// testEstimate wants exact numbers for small ranges and sane ones beyond.
func testEstimate(t *testing.T, e kv.Engine) {
	fill(t, e, 2000)
	put(t, e, "a", "1", "b", "2")
	view(t, e, func(r kv.Reader) error {
		ranges := []kv.Range{{End: []byte("k")}, {Start: []byte("x")}, {Start: []byte("k0100"), End: []byte("k0101")},
			{Limit: 1, Reverse: true}, kv.Prefix([]byte("k"))}
		got, err := kv.Estimate(t.Context(), r, ranges...)
		if err != nil {
			return err
		}
		if len(got) != len(ranges) || got[0] != 2 || got[1] != 0 || got[2] != 10 {
			return fmt.Errorf("estimate: %v, want 2, 0, 10, …", got)
		}
		if got[3] <= kv.SmallRange || got[4] <= kv.SmallRange {
			return fmt.Errorf("estimate of 2000 keys: %v", got[3:])
		}
		return nil
	})
}
