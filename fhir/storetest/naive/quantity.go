package naive

import (
	"fmt"
	"math/big"
)

const ucum = "http://unitsofmeasure.org"

// A unit is what a UCUM code measures, and how much of the first one listed it
// is.
type unit struct {
	of     string
	factor *big.Rat
}

// units are those that are converted.
var units = map[string]unit{
	"g": {"mass", big.NewRat(1, 1)}, "mg": {"mass", big.NewRat(1, 1000)}, "kg": {"mass", big.NewRat(1000, 1)},
	"ug":  {"mass", big.NewRat(1, 1_000_000)},
	"g/L": {"density", big.NewRat(1, 1)}, "mg/dL": {"density", big.NewRat(1, 100)}, "mg/L": {"density", big.NewRat(1, 1000)},
	"mmol/L": {"concentration", big.NewRat(1, 1)}, "umol/L": {"concentration", big.NewRat(1, 1000)},
	"d": {"time", big.NewRat(24, 1)}, "h": {"time", big.NewRat(1, 1)},
	"a":    {"time", big.NewRat(8766, 1)}, // a Julian year
	"/min": {"frequency", big.NewRat(1, 1)}, "mm[Hg]": {"pressure", big.NewRat(1, 1)},
}

// compareQuantity is R4 search.html#quantity: number, number|system|code or
// number||code.
func compareQuantity(v value, s string) (bool, error) {
	parts := cut(s, '|')
	if len(parts) != 1 && len(parts) != 3 {
		return false, fmt.Errorf("%d parts", len(parts))
	}
	system, code := "", ""
	if len(parts) == 3 {
		system, code = plain(parts[1]), plain(parts[2])
	}
	low, high, named, err := bounds(v)
	if err != nil {
		return false, err
	}
	ownSystem, ownCode := text(named.Get("system")), text(named.Get("code"))
	one := big.NewRat(1, 1)
	switch {
	case code == "":
		return compareInterval(low, high, one, parts[0])
	case system == "":
		if code != text(named.Get("unit")) && code != ownCode {
			return false, nil
		}
		return compareInterval(low, high, one, parts[0])
	case system == ownSystem && code == ownCode:
		return compareInterval(low, high, one, parts[0])
	case system == ucum && ownSystem == ucum:
		a, known1 := units[ownCode]
		b, known2 := units[code]
		if known1 && known2 && a.of == b.of {
			return compareInterval(low, high, new(big.Rat).Quo(b.factor, a.factor), parts[0])
		}
	}
	return false, nil
}

// bounds are the ends of a quantity or range, and the quantity that names the
// unit.
func bounds(v value) (low, high *big.Rat, named value, err error) {
	if v.typ != "Range" {
		low, err = rational(text(v.Get("value")))
		return low, low, v, err
	}
	named = value{"Quantity", v.Get("low")}
	if s := text(named.Get("value")); s != "" {
		if low, err = rational(s); err != nil {
			return nil, nil, named, err
		}
	}
	upper := value{"Quantity", v.Get("high")}
	if s := text(upper.Get("value")); s != "" {
		if high, err = rational(s); err != nil {
			return nil, nil, named, err
		}
	}
	if named.json == nil {
		named = upper
	}
	return low, high, named, nil
}
