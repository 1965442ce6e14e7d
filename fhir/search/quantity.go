package search

import (
	"bytes"
	"slices"
	"strings"

	"github.com/cockroachdb/apd/v3"

	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// The rows of a quantity (R4 search.html#quantity): a number (number.go) behind
// its unit, in as many ways as a search may name the unit.
//
//	quantityAny        number [end unit]…      whatever the unit: what a person reads, and the code where that differs
//	quantityCode       system end code end n.  the coded unit, where it has no canonical form
//	quantityCanonical  unit end number         converted to the canonical unit of UCUM (ucum.go)
//
// Who asks for a unit without its system (value||unit) reads the rows of all
// units with such numbers.
const (
	quantityAny       = 'y'
	quantityCode      = 'h'
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

// emitQuantity reads a quantity. With a comparator it is an open interval: "<=5"
// is anything up to 5, and "<5" all of that but 5.
func emitQuantity(w *writer, n fhirjson.Node) {
	d, ok := parseDecimal(n.Get("value").Text())
	if !ok {
		return
	}
	low, high := limit{decimal: d}, limit{decimal: d}
	switch comparator := n.Get("comparator").Text(); {
	case strings.HasPrefix(comparator, "<"):
		low = limit{infinity: minusInfinity}
		if comparator == "<" {
			high.mark = belowEnd
		}
	case strings.HasPrefix(comparator, ">"):
		high = limit{infinity: plusInfinity}
		if comparator == ">" {
			low.mark = aboveEnd
		}
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
	for i, name := range [...]string{u.text, u.code} {
		if name != "" && (i == 0 || name != u.text) {
			w.head = appendPart(append(w.head, end), name, w.part)
		}
	}
	w.number(w.head[:1], w.head[1:], low, high)
	if u.code == "" {
		return
	}
	if u.system == ucumSystem {
		if k, ok := w.convert(u.code); ok {
			w.head = append(appendPart(append(w.head[:0], quantityCanonical), k.unit, w.part), end)
			w.number(w.head, nil, k.of(low), k.of(high))
			return
		}
	}
	w.head = append(appendPart(append(w.head[:0], quantityCode), u.system, w.part), end)
	w.head = append(appendPart(w.head, u.code, w.part), end)
	w.number(w.head, nil, low, high)
}

// inUnit narrows clauses over quantityAny to a unit as a person names it.
func inUnit(clauses []clause, unit []byte) []clause {
	for i := range clauses {
		within := clauses[i].accept
		clauses[i].accept = func(v []byte) bool {
			if within != nil && !within(v) {
				return false
			}
			rest := skipLimit(v[2:])
			if v[1] != numberPoint {
				rest = skipLimit(rest)
			}
			return slices.ContainsFunc(bytes.Split(rest, []byte{end}), func(name []byte) bool { return bytes.Equal(name, unit) })
		}
	}
	return clauses
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
		return inUnit(numberClauses([]byte{quantityAny}, op, boundsOf(op, s, conversion{})), appendPart(nil, code, c.part)), nil
	case system == ucumSystem:
		if k, ok := c.convert(code); ok {
			head := append(appendPart([]byte{quantityCanonical}, k.unit, c.part), end)
			return numberClauses(head, op, boundsOf(op, s, k)), nil
		}
	}
	head := append(c.pair(quantityCode, system, code), end)
	return numberClauses(head, op, boundsOf(op, s, conversion{})), nil
}
