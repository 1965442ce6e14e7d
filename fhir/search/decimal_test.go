package search

import (
	"bytes"
	"strings"
	"testing"

	"github.com/cockroachdb/apd/v3"
	"pgregory.net/rapid"
)

func encoded(t interface{ Fatalf(string, ...any) }, s string) []byte {
	d, ok := parseDecimal(s)
	if !ok {
		t.Fatalf("%q refused", s)
	}
	return d.append(nil)
}

func TestParseDecimalRefuses(t *testing.T) {
	for _, s := range []string{"", "-", "+", ".", ".5", "5.", "1e", "1e+", "e5", "1.2.3", "0x10", "1 ", " 1", "NaN", "Infinity", "1e100001", "1e-100001", "1e99999999999999999999", "1_000", "١"} {
		if _, ok := parseDecimal(s); ok {
			t.Errorf("%q taken", s)
		}
	}
}

func TestDecimalEquality(t *testing.T) {
	for _, same := range [][]string{
		{"0", "-0", "0.00", "0e5", "+0"}, {"1", "1.0", "+1", "10e-1", "0.1e1", "01"}, {"-120", "-1.2e2", "-120.000"}, {"0.001", "1e-3", "1.0E-3"},
	} {
		for _, s := range same[1:] {
			if !bytes.Equal(encoded(t, same[0]), encoded(t, s)) {
				t.Errorf("%s ≠ %s", same[0], s)
			}
		}
	}
}

func TestDecimalUlp(t *testing.T) {
	for s, want := range map[string]int{"100": 0, "1.00": -2, "1e2": 2, "1.5e2": 1, "0.00": -2, "100.0e-1": -2} {
		if d, _ := parseDecimal(s); d.ulp != want {
			t.Errorf("%s: ulp %d, want %d", s, d.ulp, want)
		}
	}
}

// The order of the bytes is the order of the numbers, no encoding begins
// another, none holds a zero byte, and each is skipped exactly.
func TestDecimalOrder(t *testing.T) {
	number := rapid.StringMatching(`-?(0|[1-9][0-9]{0,8})(\.[0-9]{1,12})?([eE][+-]?[0-9]{1,3})?`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := number.Draw(t, "a"), number.Draw(t, "b")
		ea, eb := encoded(t, a), encoded(t, b)
		x, _, _ := apd.NewFromString(a)
		y, _, _ := apd.NewFromString(b)
		if got, want := bytes.Compare(ea, eb), x.Cmp(y); got != want {
			t.Fatalf("%s %s: bytes %d, numbers %d", a, b, got, want)
		}
		if x.Cmp(y) != 0 && (bytes.HasPrefix(ea, eb) || bytes.HasPrefix(eb, ea)) {
			t.Fatalf("%s begins %s", a, b)
		}
		if bytes.IndexByte(ea, 0) >= 0 {
			t.Fatalf("zero byte in %x", ea)
		}
		if rest := skipDecimal(append(ea, 0x42)); len(rest) != 1 || rest[0] != 0x42 {
			t.Fatalf("%s: skipped to %x", a, rest)
		}
	})
}

func TestDecimalTooLong(t *testing.T) {
	d, ok := parseDecimal("0." + strings.Repeat("9", 70))
	if !ok || !d.cut || d.n != maxDigits {
		t.Fatalf("%v %+v", ok, d)
	}
	if up := d.away(); !bytes.Equal(up.append(nil), encoded(t, "1")) {
		t.Errorf("away = %x", up.append(nil))
	}
	d, _ = parseDecimal("1" + strings.Repeat("0", 80) + "1")
	up := d.away()
	if !d.cut || bytes.Compare(d.append(nil), up.append(nil)) >= 0 {
		t.Error("not above")
	}
	if d, _ = parseDecimal("1" + strings.Repeat("0", 80)); d.cut {
		t.Error("zeros at the end are no digits lost")
	}
}

func FuzzDecimal(f *testing.F) {
	for _, s := range []string{"0", "-1.50e-7", "100", "1e99999", "00.10"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, ok := parseDecimal(s)
		if !ok {
			return
		}
		x, _, err := apd.NewFromString(s)
		if err != nil {
			t.Fatalf("%q taken", s)
		}
		if x.Sign() == 0 != (d.n == 0) || x.Negative && x.Sign() != 0 != d.neg {
			t.Fatalf("%q: sign", s)
		}
	})
}
