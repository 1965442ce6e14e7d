package search

import (
	"math/big"
	"strings"

	"github.com/cockroachdb/apd/v3"
)

// A conversion takes a number of some unit to the canonical unit of what it
// measures, so that 5.4 g/L and 540 mg/dL are one row (R4 search.html#quantity).
// It is exact or does not exist: a unit whose factor has no end (a third of a
// millimetre) is compared by its code.
type conversion struct {
	unit   string       // canonical: base units and their exponents
	factor *apd.Decimal // nil for one
	offset *apd.Decimal // added after multiplying; nil for none
}

// of converts the limit.
func (k conversion) of(l limit) limit {
	if l.infinity != 0 || k.factor == nil && k.offset == nil || l.n == 0 && k.offset == nil {
		return l
	}
	if k.offset == nil && k.factor.Coeff.IsUint64() && k.factor.Coeff.Uint64() < 1<<32 {
		return limit{decimal: l.times(k.factor.Coeff.Uint64(), int(k.factor.Exponent)), mark: l.mark}
	}
	d := l.apd()
	k.apply(d)
	out, ok := parseDecimal(d.Text('E'))
	if !ok {
		return l
	}
	return limit{decimal: out, mark: l.mark}
}

// apply converts d in place.
func (k conversion) apply(d *apd.Decimal) {
	if k.factor != nil {
		ctx.Mul(d, d, k.factor)
	}
	if k.offset != nil {
		ctx.Add(d, d, k.offset)
	}
}

// convert finds the conversion of a UCUM code: among those that were worked out
// at the start, or now.
func (r *Registry) convert(code string) (conversion, bool) {
	if k, ok := r.units[code]; ok {
		return k, k.unit != ""
	}
	return conversionOf(code)
}

// The dimensions of a unit. Amount of substance is one, though UCUM counts it in
// particles: a cell count is no concentration.
const (
	mass = iota
	length
	duration
	amount
	charge
	luminosity
	angle
	temperature
	dimensions
)

// A measure is what a unit is worth: a factor times powers of the base units.
type measure struct {
	factor    *big.Rat
	exponents [dimensions]int
	arbitrary string // an arbitrary unit ([iU]), which nothing converts to; "" for none
	power     int    // its exponent
	named     bool   // there was more than annotations: {tablet} is not {drop}
}

// times multiplies by the other to the power n. It reports false where two
// arbitrary units meet or a number grows beyond reason.
func (m *measure) times(other measure, n int) bool {
	for range max(n, -n) {
		if n > 0 {
			m.factor.Mul(m.factor, other.factor)
		} else {
			m.factor.Quo(m.factor, other.factor)
		}
	}
	for i, e := range other.exponents {
		m.exponents[i] += n * e
	}
	if other.arbitrary != "" {
		if m.arbitrary != "" && m.arbitrary != other.arbitrary {
			return false
		}
		m.arbitrary = other.arbitrary
		m.power += n * other.power
	}
	m.named = m.named || other.named
	return m.factor.Num().BitLen() < 400 && m.factor.Denom().BitLen() < 400
}

// conversionOf works out the conversion of a UCUM code (ucum.org/ucum, §2–4).
func conversionOf(code string) (conversion, bool) {
	if k, ok := temperatures[code]; ok {
		return k, true
	}
	p := unitParser{rest: code}
	m, ok := p.term(0)
	if !ok || p.rest != "" || len(code) > 64 || !m.named {
		return conversion{}, false
	}
	base := baseUnits
	if m.exponents[duration] == -1 {
		// Per day rather than per second, so that per minute, per hour and per
		// second have factors that end.
		base[duration] = "d"
		m.factor.Mul(m.factor, big.NewRat(86_400, 1))
	}
	places, exact := m.factor.FloatPrec()
	if !exact || places > 40 {
		return conversion{}, false
	}
	var name strings.Builder
	for i, e := range m.exponents {
		writePower(&name, base[i], e)
	}
	writePower(&name, m.arbitrary, m.power)
	if name.Len() == 0 {
		name.WriteByte('1')
	}
	k := conversion{unit: name.String()}
	if m.factor.Cmp(big.NewRat(1, 1)) != 0 {
		k.factor, _, _ = apd.NewFromString(m.factor.FloatString(places))
		k.factor.Reduce(k.factor)
	}
	return k, true
}

func writePower(b *strings.Builder, name string, exponent int) {
	if exponent == 0 {
		return
	}
	b.WriteString(name)
	if exponent < 0 {
		b.WriteByte('-')
		exponent = -exponent
	}
	if exponent > 9 {
		b.WriteByte(byte('0' + exponent/10))
	}
	b.WriteByte(byte('0' + exponent%10))
}

// A unitParser reads the grammar of UCUM: components with . and / between them,
// from left to right, each with an exponent.
type unitParser struct{ rest string }

func (p *unitParser) term(depth int) (measure, bool) {
	m := measure{factor: big.NewRat(1, 1)}
	sign := 1
	if p.take('/') {
		sign = -1
	}
	for {
		c, n, ok := p.component(depth)
		if !ok || n > 99 || n < -99 || !m.times(c, sign*n) {
			return m, false
		}
		switch {
		case p.take('.'):
			sign = 1
		case p.take('/'):
			sign = -1
		default:
			return m, true
		}
	}
}

// component reads a unit, a number, an annotation or a term in brackets, and
// the exponent.
func (p *unitParser) component(depth int) (m measure, exponent int, ok bool) {
	switch {
	case p.take('('):
		if depth == 4 {
			return m, 0, false
		}
		m, ok = p.term(depth + 1)
		ok = ok && p.take(')')
		return m, 1, ok
	case strings.HasPrefix(p.rest, "{"):
		return measure{factor: big.NewRat(1, 1)}, 1, p.annotation()
	case strings.HasPrefix(p.rest, "10*") || strings.HasPrefix(p.rest, "10^"):
		p.rest = p.rest[3:]
		m = measure{factor: big.NewRat(10, 1), named: true}
	case p.rest != "" && p.rest[0] >= '0' && p.rest[0] <= '9':
		n := p.number()
		return measure{factor: big.NewRat(int64(n), 1), named: true}, 1, n > 0 && p.annotation()
	default:
		if m, ok = p.unit(); !ok {
			return m, 0, false
		}
	}
	exponent = 1
	if p.rest != "" && strings.IndexByte("+-0123456789", p.rest[0]) >= 0 {
		negative := p.take('-')
		if !negative {
			p.take('+')
		}
		if exponent = p.number(); exponent == 0 {
			return m, 0, false
		}
		if negative {
			exponent = -exponent
		}
	}
	return m, exponent, p.annotation()
}

// unit reads the longest known atom, or a prefix and a metric one.
func (p *unitParser) unit() (m measure, ok bool) {
	word := p.rest[:wordLen(p.rest)]
	if word == "" {
		return m, false
	}
	p.rest = p.rest[len(word):]
	if a, ok := atoms[word]; ok {
		return a.measure(), true
	}
	for _, x := range unitPrefixes {
		if rest, ok := strings.CutPrefix(word, x.symbol); ok {
			if a, ok := atoms[rest]; ok && a.metric {
				m := a.measure()
				m.factor.Mul(m.factor, powerOfTen(x.exponent))
				return m, true
			}
		}
	}
	return m, false
}

// wordLen is the length of the unit at the start of s. Digits belong to it only
// within square brackets.
func wordLen(s string) int {
	bracket := false
	for i := range len(s) {
		switch c := s[i]; {
		case c == '[':
			bracket = true
		case c == ']':
			bracket = false
		case c <= ' ' || c >= 0x7F:
			return i
		case bracket:
		case strings.IndexByte("./(){}+-0123456789", c) >= 0:
			return i
		}
	}
	return len(s)
}

func (p *unitParser) take(c byte) bool {
	if p.rest == "" || p.rest[0] != c {
		return false
	}
	p.rest = p.rest[1:]
	return true
}

// annotation skips {…}, which means nothing (ucum.org/ucum, §6).
func (p *unitParser) annotation() bool {
	if !strings.HasPrefix(p.rest, "{") {
		return true
	}
	i := strings.IndexByte(p.rest, '}')
	if i < 0 {
		return false
	}
	p.rest = p.rest[i+1:]
	return true
}

// number reads digits, of which there are at most nine.
func (p *unitParser) number() (n int) {
	for i := 0; p.rest != "" && p.rest[0] >= '0' && p.rest[0] <= '9'; i++ {
		if i == 9 {
			return 0
		}
		n = 10*n + int(p.rest[0]-'0')
		p.rest = p.rest[1:]
	}
	return n
}

func powerOfTen(e int) *big.Rat {
	ten := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(e, -e))), nil)
	if e < 0 {
		return new(big.Rat).SetFrac(big.NewInt(1), ten)
	}
	return new(big.Rat).SetInt(ten)
}
