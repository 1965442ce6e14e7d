package search

import (
	"strings"

	"github.com/cockroachdb/apd/v3"

	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// The rows of a quantity (R4 search.html#quantity): a number (number.go) behind
// its unit, in as many ways as a search may name the unit.
//
//	quantityAny        number                  whatever the unit
//	quantityCode       system end code end n.  the coded unit, where it has no canonical form
//	quantityUnit       unit end number         what a person reads, or the code (value||unit)
//	quantityCanonical  unit end number         converted to the canonical unit of UCUM (ucum.go)
const (
	quantityAny       = 'y'
	quantityCode      = 'h'
	quantityUnit      = 'g'
	quantityCanonical = 'z'
)

const (
	ucumSystem     = "http://unitsofmeasure.org"
	currencySystem = "urn:iso:std:iso:4217"
)

// quantityEmits says how each data type is a quantity.
var quantityEmits = map[string]emit{
	"Quantity":    emitQuantity,
	"Age":         emitQuantity,
	"Count":       emitQuantity,
	"Distance":    emitQuantity,
	"Duration":    emitQuantity,
	"Money":       emitMoney,
	"Range":       emitRange,
	"SampledData": emitSampled,
}

// unit is how a quantity names its unit.
type unit struct{ system, code, text string }

func unitOf(n fhirjson.Node) unit {
	return unit{n.Get("system").Text(), n.Get("code").Text(), n.Get("unit").Text()}
}

// emitQuantity reads a quantity. With a comparator it is an open interval: "<5"
// is anything up to 5.
func emitQuantity(w *writer, n fhirjson.Node) {
	d, ok := parseDecimal(n.Get("value").Text())
	if !ok {
		return
	}
	low, high := limit{decimal: d}, limit{decimal: d}
	switch comparator := n.Get("comparator").Text(); {
	case strings.HasPrefix(comparator, "<"):
		low = limit{infinity: minusInfinity}
	case strings.HasPrefix(comparator, ">"):
		high = limit{infinity: plusInfinity}
	}
	w.quantity(unitOf(n), low, high)
}

func emitMoney(w *writer, n fhirjson.Node) {
	if d, ok := parseDecimal(n.Get("value").Text()); ok {
		w.quantity(unit{system: currencySystem, code: n.Get("currency").Text()}, limit{decimal: d}, limit{decimal: d})
	}
}

// emitRange reads a range, whose two ends have the same unit (R4
// datatypes.html#Range).
func emitRange(w *writer, n fhirjson.Node) {
	low, high := n.Get("low"), n.Get("high")
	u := unitOf(low)
	if u == (unit{}) {
		u = unitOf(high)
	}
	from, to := bound(low, minusInfinity), bound(high, plusInfinity)
	if from.infinity == 0 || to.infinity == 0 {
		w.quantity(u, from, to)
	}
}

// emitSampled reads the bounds of sampled data: the least and the greatest of
// its values (R4 observation.html, value-quantity).
func emitSampled(w *writer, n fhirjson.Node) {
	origin := n.Get("origin")
	least, greatest := new(apd.Decimal), new(apd.Decimal)
	found := false
	for s := range strings.FieldsSeq(n.Get("data").Text()) {
		d, ok := parseDecimal(s)
		v := new(apd.Decimal)
		if _, _, err := v.SetString(s); !ok || d.cut || err != nil {
			continue // E, U or L: no value, below or above what can be measured
		}
		if !found || v.Cmp(least) < 0 {
			least.Set(v)
		}
		if !found || v.Cmp(greatest) > 0 {
			greatest.Set(v)
		}
		found = true
	}
	if !found {
		return
	}
	low, ok1 := sampled(n, origin, least)
	high, ok2 := sampled(n, origin, greatest)
	if ok1 && ok2 {
		w.quantity(unitOf(origin), low, high)
	}
}

// sampled is origin + v × factor.
func sampled(n, origin fhirjson.Node, v *apd.Decimal) (limit, bool) {
	for _, s := range []string{n.Get("factor").Text(), origin.Get("value").Text()} {
		if d, ok := parseDecimal(s); s != "" && (!ok || d.cut) {
			return limit{}, false
		}
	}
	x := new(apd.Decimal)
	if s := n.Get("factor").Text(); s != "" {
		if _, _, err := x.SetString(s); err != nil {
			return limit{}, false
		}
		ctx.Mul(v, v, x)
	}
	if s := origin.Get("value").Text(); s != "" {
		if _, _, err := x.SetString(s); err != nil {
			return limit{}, false
		}
		ctx.Add(v, v, x)
	}
	d, ok := parseDecimal(v.Text('E'))
	return limit{decimal: d}, ok
}

// quantity writes the rows of an interval of a unit.
func (w *writer) quantity(u unit, low, high limit) {
	low, high = low.outside(true), high.outside(false)
	w.head = append(w.head[:0], quantityAny)
	w.number(w.head, low, high)
	w.named(u.text, low, high)
	if u.code == "" {
		return
	}
	if u.code != u.text {
		w.named(u.code, low, high)
	}
	if u.system == ucumSystem {
		if k, ok := w.convert(u.code); ok {
			w.head = append(appendPart(append(w.head[:0], quantityCanonical), k.unit, w.part), end)
			w.number(w.head, k.of(low), k.of(high))
			return
		}
	}
	w.head = append(appendPart(append(w.head[:0], quantityCode), u.system, w.part), end)
	w.head = append(appendPart(w.head, u.code, w.part), end)
	w.number(w.head, low, high)
}

// named writes the rows of a unit as a person names it.
func (w *writer) named(name string, low, high limit) {
	if name != "" {
		w.head = append(appendPart(append(w.head[:0], quantityUnit), name, w.part), end)
		w.number(w.head, low, high)
	}
}

// apd is the number for arithmetic.
func (l *limit) apd() *apd.Decimal {
	var text [maxDigits]byte
	for i := range l.n {
		text[i] = '0' + l.digits[i]
	}
	d := &apd.Decimal{Negative: l.neg, Exponent: int32(l.exp - l.n)}
	d.Coeff.SetString("0"+string(text[:l.n]), 10)
	return d
}

// quantity reads [prefix]value, value|system|code or value||unit.
func (c *compiler) quantity(value string) ([]clause, error) {
	parts := split(value, '|')
	if len(parts) != 1 && len(parts) != 3 {
		return nil, c.malformedQuantity()
	}
	op, s, err := c.prefix(parts[0])
	if err != nil {
		return nil, err
	}
	d, ok := parseDecimal(s)
	if !ok || d.cut {
		return nil, c.malformedNumber()
	}
	if len(parts) == 1 || parts[1] == "" && parts[2] == "" {
		return numberClauses([]byte{quantityAny}, op, boundsOf(op, s, conversion{})), nil
	}
	system, code := parts[1], parts[2]
	switch {
	case code == "":
		return nil, c.malformedQuantity()
	case system == "":
		head := append(appendPart([]byte{quantityUnit}, code, c.part), end)
		return numberClauses(head, op, boundsOf(op, s, conversion{})), nil
	case system == ucumSystem:
		if k, ok := c.convert(code); ok {
			head := append(appendPart([]byte{quantityCanonical}, k.unit, c.part), end)
			return numberClauses(head, op, boundsOf(op, s, k)), nil
		}
	}
	head := append(c.pair(quantityCode, system, code), end)
	return numberClauses(head, op, boundsOf(op, s, conversion{})), nil
}
