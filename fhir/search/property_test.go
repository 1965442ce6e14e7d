package search

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var plainBytes = rapid.SliceOfN(rapid.OneOf(rapid.ByteRange(1, 4), rapid.ByteRange(0x20, 0x7E), rapid.Just(byte(0xFE))), 1, 12)

// Values in a composite row come out as they went in, and sort as they did.
func TestQuoting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, rest := plainBytes.Draw(t, "a"), plainBytes.Draw(t, "b"), plainBytes.Draw(t, "rest")
		qa, qb := append(appendQuoted(nil, a), end, next), append(appendQuoted(nil, b), end, next)
		if got, want := bytes.Compare(qa, qb), bytes.Compare(a, b); got != want {
			t.Fatalf("%x %x: quoted %d, plain %d", a, b, got, want)
		}
		value, after := unquote(append(qa, rest...))
		if !bytes.Equal(value, a) || !bytes.Equal(after, rest) {
			t.Fatalf("%x then %x became %x then %x", a, rest, value, after)
		}
	})
}

// A range of composite rows holds those whose first value lies in the range of
// the component, whatever follows.
func TestCompositeRange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lo, hi, v := plainBytes.Draw(t, "lo"), plainBytes.Draw(t, "hi"), plainBytes.Draw(t, "v")
		row := append(append(appendQuoted([]byte{compositeRow}, v), end, next), plainBytes.Draw(t, "rest")...)
		k := within(clause{Range: Range{Lo: lo, Hi: hi}}, nil)
		if got, want := k.Contains(row), (Range{Lo: lo, Hi: hi}).Contains(v); got != want {
			t.Fatalf("%x in [%x, %x): %v", v, lo, hi, got)
		}
		k = within(equals(lo), nil)
		if got, want := k.Contains(row), bytes.Equal(lo, v); got != want {
			t.Fatalf("%x is %x: %v", v, lo, got)
		}
	})
}

// Alternatives joined into sorted ranges accept what one of them accepts.
func TestAssemble(t *testing.T) {
	odd := func(v []byte) bool { return v[len(v)-1]%2 == 1 }
	short := rapid.SliceOfN(rapid.ByteRange('a', 'e'), 1, 3)
	rapid.Check(t, func(t *rapid.T) {
		var all []clause
		for range rapid.IntRange(0, 6).Draw(t, "clauses") {
			k := clause{Range: Range{Lo: short.Draw(t, "lo")}}
			if k.Point = rapid.Bool().Draw(t, "point"); !k.Point {
				k.Hi = short.Draw(t, "hi")
			}
			if rapid.IntRange(0, 2).Draw(t, "accept") == 0 {
				k.accept = odd
			}
			all = append(all, k)
		}
		v := short.Draw(t, "v")
		want := false
		for _, k := range all {
			want = want || k.matches(v)
		}
		p := assemble(all)
		if got := p.Row(v); got != want {
			t.Fatalf("%s in %v: %v", v, p.Ranges, got)
		}
		for i := 1; i < len(p.Ranges); i++ {
			before, r := p.Ranges[i-1], p.Ranges[i]
			if bytes.Compare(before.Lo, r.Lo) >= 0 || !before.Point && bytes.Compare(before.Hi, r.Lo) > 0 {
				t.Fatalf("%v overlap", p.Ranges)
			}
		}
	})
}

// Two tokens have the same row if and only if they are the same, and rows sort
// by system, then code.
func TestTokenOrder(t *testing.T) {
	text := rapid.StringOfN(rapid.OneOf(rapid.RuneFrom([]rune{'a', 'b', 1, 2, '|'}), rapid.Rune()), 0, 6, -1)
	rapid.Check(t, func(t *rapid.T) {
		s1, c1, s2, c2 := text.Draw(t, "s1"), text.Draw(t, "c1"), text.Draw(t, "s2"), text.Draw(t, "c2")
		c := &compiler{part: wide}
		want := strings.Compare(s1, s2)
		if want == 0 {
			want = strings.Compare(c1, c2)
		}
		if got := bytes.Compare(c.pair(tokenPair, s1, c1), c.pair(tokenPair, s2, c2)); got != want {
			t.Fatalf("%q|%q, %q|%q: bytes %d, tokens %d", s1, c1, s2, c2, got, want)
		}
	})
}

// A folded text sorts as the text without case, and is found by each of its
// beginnings that ends with a word.
func TestStringPrefix(t *testing.T) {
	r := registry(t)
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.StringMatching(`[A-Za-zÀ-ÿ]{1,8}`), 1, 5).Draw(t, "words")
		w := &writer{Registry: r, part: wide}
		s := strings.Join(words, "-")
		fold := appendFold(nil, s)
		w.open(stringWhole)
		w.arena = appendWhole(w.arena, fold, s, wide)
		w.close()
		for n := range words {
			start := escaper.Replace(strings.ToUpper(strings.Join(words[:n+1], " ")))
			if !found(t, r, "Patient", "name", start, w) {
				t.Fatalf("%q not found by %q", s, start)
			}
		}
	})
}
