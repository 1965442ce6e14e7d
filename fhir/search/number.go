package search

import (
	"bytes"
	"strings"

	"github.com/cockroachdb/apd/v3"

	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// The rows of a number (R4 search.html#number). A quantity has them behind its
// unit (quantity.go).
//
//	numberPoint  value     one number
//	numberFrom   low high  an interval; an open end is infinite
//	numberUntil  high low  the same once more, for searches on its upper end
//
// An end that is not part of the interval has a mark behind it, by which it
// sorts among the same ends that are: a low one after them, a high one before.
const (
	numberPoint = '0'
	numberFrom  = '1'
	numberUntil = '2'

	belowEnd = 0x04 // an upper end is not part of the interval
	aboveEnd = 0x50 // a lower one
)

// numberEmits says how each data type is a number.
var numberEmits = map[string]emit{
	"decimal":     emitNumber,
	"integer":     emitNumber,
	"positiveInt": emitNumber,
	"unsignedInt": emitNumber,
	"Range": func(w *writer, n fhirjson.Node) {
		low, high := bound(n.Get("low"), minusInfinity), bound(n.Get("high"), plusInfinity)
		if low.infinity != 0 && high.infinity != 0 {
			return
		}
		w.number(nil, nil, low, high)
	},
}

func emitNumber(w *writer, n fhirjson.Node) {
	if d, ok := parseDecimal(n.Text()); ok {
		w.number(nil, nil, limit{decimal: d}, limit{decimal: d})
	}
}

// A limit is an end of an interval of numbers.
type limit struct {
	decimal
	infinity byte // minusInfinity or plusInfinity; 0 for the decimal
	mark     byte // belowEnd or aboveEnd; 0 for an end that is part of the interval
}

func (l *limit) append(dst []byte) []byte {
	if l.infinity != 0 {
		return append(dst, l.infinity)
	}
	dst = l.decimal.append(dst)
	if l.mark != 0 {
		dst = append(dst, l.mark)
	}
	return dst
}

// skipLimit returns what follows the encoded end of an interval at the start of b.
func skipLimit(b []byte) []byte {
	if b = skipDecimal(b); len(b) > 0 && (b[0] == belowEnd || b[0] == aboveEnd) {
		return b[1:]
	}
	return b
}

// bound reads the value of a quantity, infinite when it has none.
func bound(quantity fhirjson.Node, infinity byte) limit {
	if d, ok := parseDecimal(quantity.Get("value").Text()); ok {
		return limit{decimal: d}
	}
	return limit{infinity: infinity}
}

// number writes the rows of a number, for low equal to high, or an interval,
// between the given bytes. A number tells its own end: what follows changes no order.
func (w *writer) number(head, tail []byte, low, high limit) {
	if low.cut || high.cut {
		low, high = low.outside(true), high.outside(false)
	}
	if low == high {
		w.arena, w.start = append(append(w.arena, head...), numberPoint), len(w.arena)
		w.arena = append(low.append(w.arena), tail...)
		w.close()
		return
	}
	w.arena, w.start = append(append(w.arena, head...), numberFrom), len(w.arena)
	w.arena = append(high.append(low.append(w.arena)), tail...)
	w.close()
	w.arena, w.start = append(append(w.arena, head...), numberUntil), len(w.arena)
	w.arena = append(low.append(high.append(w.arena)), tail...)
	w.close()
}

// outside returns the nearest number that can be held at or, for down, below
// the limit; otherwise at or above.
func (l limit) outside(down bool) limit {
	if !l.cut {
		return l
	}
	if l.neg == down {
		return limit{decimal: l.away()}
	}
	l.cut = false
	return l
}

// number reads a prefix and a number.
func (c *compiler) number(value string) ([]clause, error) {
	s, ok := unescape(value)
	if !ok {
		return nil, c.escapes()
	}
	op, s, err := c.prefix(s)
	if err != nil {
		return nil, err
	}
	d, ok := parseDecimal(s)
	if !ok || d.cut {
		return nil, c.malformedNumber()
	}
	return numberClauses(nil, op, boundsOf(op, s, conversion{})), nil
}

// bounds are the three numbers that a search compares with.
type bounds struct{ low, exact, high []byte }

// ctx computes without rounding: what does not fit is an error.
var ctx = apd.BaseContext.WithPrecision(3 * maxDigits)

// boundsOf works out, for a number as written, what its precision leaves open:
// 100 is [99.5, 100.5), 5.40e-3 is [0.005395, 0.005405), and 1e2 is read as
// 1.0e2, [95, 105), which is what R4 search.html#number makes of it. For ap it
// is a tenth of the value on either side, or the precision where that is more.
// All three are converted.
func boundsOf(op, s string, k conversion) bounds {
	v, half := new(apd.Decimal), new(apd.Decimal)
	if _, _, err := v.SetString(strings.TrimPrefix(s, "+")); err != nil {
		return bounds{}
	}
	half.SetFinite(5, v.Exponent-1)
	if v.NumDigits() == 1 && strings.ContainsAny(s, "eE") && !strings.Contains(s, ".") {
		half.Exponent--
	}
	if op == "ap" {
		tenth := new(apd.Decimal).Abs(v)
		tenth.Exponent--
		if tenth.Cmp(half) > 0 {
			half = tenth
		}
	}
	low, high := new(apd.Decimal), new(apd.Decimal)
	ctx.Sub(low, v, half)
	ctx.Add(high, v, half)
	return bounds{k.encode(low), k.encode(v), k.encode(high)}
}

// encode converts and encodes the number.
func (k conversion) encode(d *apd.Decimal) []byte {
	k.apply(d)
	e, _ := parseDecimal(d.Text('E'))
	return e.append(nil)
}

// numberClauses compares numbers and intervals behind the given bytes as R4
// search.html#prefix defines it.
func numberClauses(head []byte, op string, b bounds) []clause {
	at := func(shape byte) []byte { return append(append([]byte(nil), head...), shape) }
	span := func(shape byte, lo, hi []byte, accept func(first, second []byte) bool) clause {
		k := clause{Range: Range{Lo: append(at(shape), lo...), Hi: append(at(shape), hi...)}}
		if hi == nil {
			k.Hi = at(shape + 1)
		}
		if accept != nil {
			skip := len(head) + 1
			k.accept = func(v []byte) bool {
				second := skipLimit(v[skip:])
				return accept(v[skip:len(v)-len(second)], second[:len(second)-len(skipLimit(second))])
			}
		}
		return k
	}
	less := func(a, b []byte) bool { return bytes.Compare(a, b) < 0 }
	above := append(bytes.Clone(b.exact), 0xFF)         // after all rows whose first number is this one
	from := append(bytes.Clone(b.exact), belowEnd+1)    // after the upper ends that stop short of it
	through := append(bytes.Clone(b.exact), aboveEnd-1) // before the lower ends that leave it out
	switch op {
	case "eq":
		return []clause{span(numberPoint, b.low, b.high, nil),
			span(numberFrom, b.low, b.high, func(_, high []byte) bool { return less(high, b.high) })}
	case "ne":
		return []clause{span(numberPoint, nil, b.low, nil), span(numberPoint, b.high, nil, nil),
			span(numberFrom, nil, nil, func(low, high []byte) bool { return less(low, b.low) || !less(high, b.high) })}
	case "gt":
		return []clause{span(numberPoint, above, nil, nil), span(numberUntil, above, nil, nil)}
	case "ge":
		return []clause{span(numberPoint, b.exact, nil, nil), span(numberUntil, from, nil, nil)}
	case "lt":
		return []clause{span(numberPoint, nil, b.exact, nil), span(numberFrom, nil, b.exact, nil)}
	case "le":
		return []clause{span(numberPoint, nil, above, nil), span(numberFrom, nil, through, nil)}
	case "sa":
		return []clause{span(numberPoint, above, nil, nil), span(numberFrom, through, nil, nil)}
	case "eb":
		return []clause{span(numberPoint, nil, b.exact, nil), span(numberUntil, nil, from, nil)}
	}
	high := append(bytes.Clone(b.high), 0xFF)
	return []clause{span(numberPoint, b.low, high, nil),
		span(numberFrom, nil, high, func(_, high []byte) bool { return !less(high, b.low) })}
}
