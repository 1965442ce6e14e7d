package search

import (
	"math/big"

	"github.com/cockroachdb/apd/v3"
)

// The units of UCUM that medicine uses, with their values from the Unified Code
// for Units of Measure (https://ucum.org/ucum, tables of §4). Not among them are
// those whose value is measured or irrational (u, eV, [pi]) and most customary
// ones: quantities in these are compared by their code.

// baseUnits name the dimensions.
var baseUnits = [dimensions]string{mass: "g", length: "m", duration: "s", amount: "mol", charge: "C", luminosity: "cd", angle: "rad", temperature: "K"}

// An atom is a unit that is not made of others in its code.
type atom struct {
	metric    bool // takes prefixes
	value     string
	exponents [dimensions]int
	arbitrary string
}

func (a atom) measure() measure {
	m := measure{factor: new(big.Rat), exponents: a.exponents, arbitrary: a.arbitrary, named: true}
	m.factor.SetString(a.value)
	if a.arbitrary != "" {
		m.power = 1
	}
	return m
}

var unitPrefixes = []struct {
	symbol   string
	exponent int
}{{"da", 1}, {"d", -1}, {"c", -2}, {"m", -3}, {"u", -6}, {"n", -9}, {"p", -12}, {"f", -15}, {"a", -18}, {"h", 2}, {"k", 3}, {"M", 6}, {"G", 9}, {"T", 12}, {"P", 15}}

type vector = [dimensions]int

var (
	seconds     = vector{duration: 1}
	perSecond   = vector{duration: -1}
	meters      = vector{length: 1}
	cubicMeters = vector{length: 3}
	pressure    = vector{mass: 1, length: -1, duration: -2}
	energy      = vector{mass: 1, length: 2, duration: -2}
	dose        = vector{length: 2, duration: -2}
)

var atoms = map[string]atom{
	"m": {true, "1", meters, ""}, "s": {true, "1", seconds, ""}, "g": {true, "1", vector{mass: 1}, ""},
	"mol": {true, "1", vector{amount: 1}, ""}, "C": {true, "1", vector{charge: 1}, ""}, "cd": {true, "1", vector{luminosity: 1}, ""},
	"rad": {true, "1", vector{angle: 1}, ""}, "K": {true, "1", vector{temperature: 1}, ""},

	"%": {false, "1e-2", vector{}, ""}, "[ppth]": {false, "1e-3", vector{}, ""}, "[ppm]": {false, "1e-6", vector{}, ""}, "[ppb]": {false, "1e-9", vector{}, ""},

	"min": {false, "60", seconds, ""}, "h": {false, "3600", seconds, ""}, "d": {false, "86400", seconds, ""}, "wk": {false, "604800", seconds, ""},
	"mo": {false, "2629800", seconds, ""}, "mo_j": {false, "2629800", seconds, ""}, "a": {false, "31557600", seconds, ""}, "a_j": {false, "31557600", seconds, ""},

	"l": {true, "1e-3", cubicMeters, ""}, "L": {true, "1e-3", cubicMeters, ""}, "ar": {true, "100", vector{length: 2}, ""}, "t": {true, "1e6", vector{mass: 1}, ""},
	"[drp]": {false, "5e-8", cubicMeters, ""}, "[diop]": {false, "1", vector{length: -1}, ""}, "g%": {true, "1e4", vector{mass: 1, length: -3}, ""},

	"eq": {true, "1", vector{amount: 1}, ""}, "osm": {true, "1", vector{amount: 1}, ""},
	"kat": {true, "1", vector{amount: 1, duration: -1}, ""}, "U": {true, "1/60000000", vector{amount: 1, duration: -1}, ""},

	"Hz": {true, "1", perSecond, ""}, "Bq": {true, "1", perSecond, ""}, "Ci": {true, "37e9", perSecond, ""},
	"N": {true, "1e3", vector{mass: 1, length: 1, duration: -2}, ""}, "Pa": {true, "1e3", pressure, ""}, "bar": {true, "1e8", pressure, ""},
	"atm": {false, "101325000", pressure, ""}, "m[Hg]": {true, "133322000", pressure, ""}, "m[H2O]": {true, "9806650", pressure, ""},
	"J": {true, "1e3", energy, ""}, "cal": {true, "4184", energy, ""}, "cal_th": {true, "4184", energy, ""}, "[Cal]": {false, "4184e3", energy, ""},
	"W": {true, "1e3", vector{mass: 1, length: 2, duration: -3}, ""}, "A": {true, "1", vector{charge: 1, duration: -1}, ""},
	"V": {true, "1e3", vector{mass: 1, length: 2, duration: -2, charge: -1}, ""}, "Ohm": {true, "1e3", vector{mass: 1, length: 2, duration: -1, charge: -2}, ""},
	"Gy": {true, "1", dose, ""}, "Sv": {true, "1", dose, ""}, "RAD": {true, "1e-2", dose, ""}, "REM": {true, "1e-2", dose, ""},
	"lm": {true, "1", vector{luminosity: 1, angle: 2}, ""}, "lx": {true, "1", vector{luminosity: 1, angle: 2, length: -2}, ""},

	"[lb_av]": {false, "453.59237", vector{mass: 1}, ""}, "[oz_av]": {false, "28.349523125", vector{mass: 1}, ""}, "[gr]": {false, "0.06479891", vector{mass: 1}, ""},
	"[in_i]": {false, "0.0254", meters, ""}, "[ft_i]": {false, "0.3048", meters, ""}, "[yd_i]": {false, "0.9144", meters, ""}, "[mi_i]": {false, "1609.344", meters, ""},
	"[foz_us]": {false, "29.5735295625e-6", cubicMeters, ""},

	"[iU]": {true, "1", vector{}, "[iU]"}, "[IU]": {true, "1", vector{}, "[iU]"}, "[arb'U]": {false, "1", vector{}, "[arb'U]"}, "[USP'U]": {false, "1", vector{}, "[USP'U]"},
	"[anti'Xa'U]": {false, "1", vector{}, "[anti'Xa'U]"}, "[beth'U]": {false, "1", vector{}, "[beth'U]"}, "[CFU]": {false, "1", vector{}, "[CFU]"}, "[PFU]": {false, "1", vector{}, "[PFU]"},
	"[EU]": {false, "1", vector{}, "[EU]"}, "[AU]": {false, "1", vector{}, "[AU]"}, "[BAU]": {false, "1", vector{}, "[BAU]"}, "[GPL'U]": {false, "1", vector{}, "[GPL'U]"},
	"[MPL'U]": {false, "1", vector{}, "[MPL'U]"}, "[APL'U]": {false, "1", vector{}, "[APL'U]"}, "[pH]": {false, "1", vector{}, "[pH]"}, "deg": {false, "1", vector{}, "deg"},
	"[HPF]": {false, "1", vector{}, "[HPF]"}, "[LPF]": {false, "1", vector{}, "[LPF]"}, "[Ch]": {false, "1", vector{}, "[Ch]"}, "[MET]": {false, "1", vector{}, "[MET]"},
}

// temperatures are the scales. Their canonical one is Fahrenheit's: to it, and
// only to it, both others convert without a third of a degree.
var temperatures = map[string]conversion{
	"[degF]": {unit: "[degF]"},
	"Cel":    {unit: "[degF]", factor: apd.New(18, -1), offset: apd.New(32, 0)},
	"K":      {unit: "[degF]", factor: apd.New(18, -1), offset: apd.New(-45967, -2)},
}

// commonUnits are worked out at the start, for writing is in a hurry.
var commonUnits = []string{
	"%", "1", "/min", "/h", "/L", "/uL", "/mL", "10*3/uL", "10*6/uL", "10*6/L", "10*9/L", "10*12/L", "g", "kg", "mg", "ug", "ng", "pg", "g/L", "g/dL", "g/mL", "mg/L",
	"mg/dL", "mg/mL", "ug/L", "ug/dL", "ug/mL", "ng/L", "ng/dL", "ng/mL", "pg/mL", "mg/g", "mg/mmol", "g/mol", "mg/kg", "mg/m2", "g/d", "mg/d", "mol/L", "mmol/L",
	"umol/L", "nmol/L", "pmol/L", "mmol", "mmol/mol", "mmol/d", "mosm/kg", "meq/L", "meq", "U/L", "U", "kU/L", "m[IU]/L", "[IU]/L", "[IU]/mL", "[IU]", "k[IU]/L", "u[IU]/mL",
	"mU/L", "kat/L", "ukat/L", "nkat/L", "L", "dL", "cL", "mL", "uL", "fL", "L/min", "L/s", "mL/min", "mL/h", "mL/s", "mL/kg", "mL/min/{1.73_m2}", "m", "cm", "mm", "um", "m2",
	"cm2", "mm2", "kg/m2", "cm/s", "m/s", "s", "ms", "min", "h", "d", "wk", "mo", "a", "mm/h", "mm[Hg]", "cm[H2O]", "kPa", "Pa", "bar", "Hz", "kcal", "kcal/d", "kJ", "W", "mV",
	"Cel", "[degF]", "K", "[pH]", "deg", "[diop]", "[in_i]", "[lb_av]", "Gy", "mGy", "cGy", "mSv", "MBq", "{score}", "{count}", "{tablet}", "[CFU]/mL", "[HPF]", "[MET]",
}
