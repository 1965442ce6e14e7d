package search

import (
	"strings"
	"testing"

	"github.com/cockroachdb/apd/v3"
	"pgregory.net/rapid"
)

// Two ways to write the same amount, and the unit that both come to. The figures
// are from the tables of UCUM, worked out by hand.
func TestConversions(t *testing.T) {
	for _, c := range []struct{ n1, u1, n2, u2 string }{
		{"5.4", "g/L", "540", "mg/dL"},
		{"1", "mmol/L", "1000", "umol/L"},
		{"1", "mmol/L", "1", "mol/m3"},
		{"1", "meq/L", "1", "mmol/L"},
		{"60", "U/L", "1", "ukat/L"},
		{"1", "kg", "1000000", "mg"},
		{"1", "kg/m2", "1000", "g/m2"},
		{"1", "[lb_av]", "453.59237", "g"},
		{"1", "[ft_i]", "12", "[in_i]"},
		{"1", "[in_i]", "2.54", "cm"},
		{"1", "mm[Hg]", "133.322", "Pa"},
		{"1", "kPa", "1000", "Pa"},
		{"1", "bar", "100", "kPa"},
		{"1", "cm[H2O]", "98.0665", "Pa"},
		{"37", "Cel", "98.6", "[degF]"},
		{"0", "Cel", "273.15", "K"},
		{"-40", "Cel", "-40", "[degF]"},
		{"1", "h", "60", "min"},
		{"1", "wk", "7", "d"},
		{"1", "a", "12", "mo"},
		{"1", "a", "365.25", "d"},
		{"60", "/min", "1", "/s"},
		{"60", "/min", "1", "Hz"},
		{"1", "L/min", "60", "L/h"},
		{"1", "mL/min", "1.44", "L/d"},
		{"1", "mL/min/{1.73_m2}", "1", "mL/min"},
		{"1", "10*9/L", "1000", "10*6/L"},
		{"1", "10*3/uL", "1", "10*9/L"},
		{"1", "10*9/L", "1", "/nL"},
		{"1", "%", "10", "[ppth]"},
		{"1", "g%", "1", "g/dL"},
		{"1", "[iU]/mL", "1", "k[IU]/L"},
		{"1", "m[IU]/L", "1", "u[IU]/mL"},
		{"1", "kcal", "4.184", "kJ"},
		{"1", "mg/(24.h)", "1", "mg/d"},
		{"1", "mm/h", "24", "mm/d"},
		{"1", "mL", "20", "[drp]"},
		{"1", "Gy", "100", "cGy"},
		{"1", "L", "1", "dm3"},
		{"1", "l", "1", "L"},
		{"1", "/100{WBC}", "1", "%"},
		{"1", "10*-3", "1", "[ppth]"},
		{"1", "m.s-2", "1", "m/s2"},
	} {
		k1, ok1 := conversionOf(c.u1)
		k2, ok2 := conversionOf(c.u2)
		if !ok1 || !ok2 || k1.unit != k2.unit {
			t.Errorf("%s and %s: %v %q, %v %q", c.u1, c.u2, ok1, k1.unit, ok2, k2.unit)
			continue
		}
		a, b := must(c.n1), must(c.n2)
		k1.apply(a)
		k2.apply(b)
		if a.Cmp(b) != 0 {
			t.Errorf("%s %s is %s, %s %s is %s (%s)", c.n1, c.u1, a, c.n2, c.u2, b, k1.unit)
		}
	}
}

func TestConversionsKeptApart(t *testing.T) {
	for _, c := range [][2]string{{"g", "mL"}, {"mmol/L", "mg/L"}, {"[iU]/L", "U/L"}, {"10*9/L", "mol/L"}, {"mg", "mg/d"}, {"[GPL'U]", "[MPL'U]"}, {"cd", "d"}, {"min", "m"}, {"a", "ar"}, {"Pa", "a"}} {
		k1, ok1 := conversionOf(c[0])
		k2, ok2 := conversionOf(c[1])
		if !ok1 || !ok2 || k1.unit == k2.unit {
			t.Errorf("%s %v %q, %s %v %q", c[0], ok1, k1.unit, c[1], ok2, k2.unit)
		}
	}
}

func TestConversionsThatDoNotExist(t *testing.T) {
	for _, code := range []string{"", "{tablet}", "{score}", "{a}/{b}", "/{tot}", "furlong", "mmin", "kd", "mg/", "mg//L", "mg.", "(mg", "mg)", "mg{", "m0", "m-", "m100", "10*100",
		"/mo", "/wk", "mL/wk", "Cel/min", "mg L", "mg/L ", "[iU].[CFU]", "((((((g))))))", "µg", "9999999999", "k%", "(1/3).m"} {
		if k, ok := conversionOf(code); ok {
			t.Errorf("%q converts to %s", code, k.unit)
		}
	}
}

// The fast path of a limit and the arithmetic agree.
func TestConversionOfLimit(t *testing.T) {
	for _, n := range []string{"0", "-12.5", "142", "0.003", "999999999999999999"} {
		for _, code := range []string{"mg", "ng", "mm[Hg]", "Cel", "min", "/min", "U/L", "1"} {
			k, _ := conversionOf(code)
			d, _ := parseDecimal(n)
			got := k.of(limit{decimal: d})
			want := must(n)
			k.apply(want)
			if string(got.append(nil)) != string((conversion{}).encode(want)) {
				t.Errorf("%s %s", n, code)
			}
		}
	}
	if l := (conversion{factor: apd.New(1, 3)}).of(limit{infinity: plusInfinity}); l.infinity != plusInfinity {
		t.Error("infinity is the same in any unit")
	}
}

// Multiplying digits by hand is multiplying.
func TestTimes(t *testing.T) {
	number := rapid.StringMatching(`-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,20})?`)
	rapid.Check(t, func(t *rapid.T) {
		n, c, e := number.Draw(t, "n"), rapid.Uint64Range(1, 1<<32-1).Draw(t, "c"), rapid.IntRange(-30, 30).Draw(t, "e")
		d, _ := parseDecimal(n)
		got := d.times(c, e)
		want := must(n)
		ctx.Mul(want, want, apd.NewWithBigInt(new(apd.BigInt).SetUint64(c), int32(e)))
		if string(got.append(nil)) != string((conversion{}).encode(want)) || got.cut {
			t.Fatalf("%s × %de%d: %+v, want %s", n, c, e, got, want)
		}
	})
	nines, _ := parseDecimal(strings.Repeat("9", maxDigits))
	if got := nines.times(1<<32-1, 0); !got.cut || got.exp != maxDigits+10 {
		t.Errorf("%+v", got)
	}
}

func FuzzUnit(f *testing.F) {
	for _, code := range commonUnits {
		f.Add(code)
	}
	f.Fuzz(func(t *testing.T, code string) {
		if k, ok := conversionOf(code); ok && (k.unit == "" || k.factor != nil && k.factor.Sign() <= 0) {
			t.Fatalf("%q: %+v", code, k)
		}
	})
}
