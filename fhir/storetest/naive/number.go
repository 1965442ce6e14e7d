package naive

import (
	"fmt"
	"math/big"
	"strings"
)

// compareNumber is R4 search.html#number, of one exact number.
func compareNumber(target, s string) (bool, error) {
	t, err := rational(target)
	if err != nil {
		return false, err
	}
	return compareInterval(t, t, big.NewRat(1, 1), plain(s))
}

// compareInterval compares the interval from low to high, both included, with a
// search value of a unit that is worth factor of the interval's. A nil bound is
// open.
func compareInterval(low, high, factor *big.Rat, s string) (bool, error) {
	prefix, rest := prefixed(s)
	v, err := rational(rest)
	if err != nil {
		return false, err
	}
	half := precision(rest)
	if tenth := new(big.Rat).Quo(new(big.Rat).Abs(v), big.NewRat(10, 1)); prefix == "ap" && tenth.Cmp(half) > 0 {
		half = tenth
	}
	from := new(big.Rat).Mul(new(big.Rat).Sub(v, half), factor)
	to := new(big.Rat).Mul(new(big.Rat).Add(v, half), factor)
	v = new(big.Rat).Mul(v, factor)
	below := func(a, b *big.Rat) bool { return a != nil && b != nil && a.Cmp(b) < 0 }
	inside := low != nil && high != nil && low.Cmp(from) >= 0 && high.Cmp(to) < 0
	switch prefix {
	case "eq":
		return inside, nil
	case "ne":
		return !inside, nil
	case "gt":
		return high == nil || below(v, high), nil
	case "ge":
		return !below(high, v), nil
	case "lt":
		return low == nil || below(low, v), nil
	case "le":
		return !below(v, low), nil
	case "sa":
		return below(v, low), nil
	case "eb":
		return below(high, v), nil
	}
	return !below(high, from) && !below(to, low), nil // ap: they overlap
}

func rational(s string) (*big.Rat, error) {
	r, ok := new(big.Rat).SetString(s)
	if !ok || strings.ContainsAny(s, "/_xXpP") {
		return nil, fmt.Errorf("%q is no number", s)
	}
	return r, nil
}

// precision is half of what the last digit is worth: 0.5 for 100, 0.005 for
// 100.00. A single digit with an exponent counts as two, as R4 has it of 1e2.
func precision(s string) *big.Rat {
	mantissa, exponent, scientific := strings.Cut(strings.ToLower(strings.TrimLeft(s, "+-")), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	unit := "5e-" + fmt.Sprint(len(fraction)+1)
	if scientific && len(whole) == 1 && fraction == "" {
		unit = "5e-2"
	}
	half, _ := new(big.Rat).SetString(unit)
	if scientific {
		power, _ := new(big.Rat).SetString("1e" + exponent)
		half.Mul(half, power)
	}
	return half
}
