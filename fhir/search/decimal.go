package search

// maxDigits is how many significant digits a row holds. FHIR asks for 18
// (R4 datatypes.html#decimal); a number with more becomes the interval between
// its neighbours of maxDigits digits.
const maxDigits = 64

// maxExponent bounds the exponent, whose three bytes of seven bits hold
// 2,097,152 values. A number beyond is not indexed and refused in a query.
const maxExponent = 100_000

// A decimal is an exact number ±0.d₁d₂…dₙ × 10^exp with d₁ and dₙ not 0; zero
// has no digits.
type decimal struct {
	neg    bool
	cut    bool // there were more digits
	n      int
	exp    int
	ulp    int // exponent of the last digit as written: -2 for 1.00
	digits [maxDigits]byte
}

// parseDecimal reads a number as JSON and FHIR write it, optionally with a plus.
func parseDecimal(s string) (d decimal, ok bool) {
	i := 0
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		d.neg = s[i] == '-'
		i++
	}
	seen, point := 0, -1 // digits seen; how many of them stand before the point
	lead := true
	skipped := 0 // zeros in front
	pending := 0 // zeros that may turn out to be inner ones
mantissa:
	for ; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '.' && point < 0 && seen > 0:
			point = seen
			continue
		case c < '0' || c > '9':
			break mantissa
		}
		seen++
		if c == '0' {
			if lead {
				skipped++
			} else {
				pending++
			}
			continue
		}
		lead = false
		for ; pending > 0 && d.n < maxDigits; pending-- {
			d.digits[d.n] = 0
			d.n++
		}
		pending = 0
		if d.n == maxDigits {
			d.cut = true
			continue
		}
		d.digits[d.n] = c - '0'
		d.n++
	}
	if seen == 0 || s[i-1] == '.' {
		return decimal{}, false
	}
	if point < 0 {
		point = seen
	}
	e, ok := parseExponent(s[i:])
	d.exp, d.ulp = point-skipped+e, point-seen+e
	for d.n > 0 && d.digits[d.n-1] == 0 {
		d.n--
	}
	if d.n == 0 {
		d.neg, d.exp = false, 0
	}
	if d.exp > maxExponent || d.exp < -maxExponent || d.ulp > maxExponent || d.ulp < -maxExponent {
		return decimal{}, false
	}
	return d, ok
}

// parseExponent reads e±n or nothing.
func parseExponent(s string) (e int, ok bool) {
	if s == "" {
		return 0, true
	}
	if s[0] != 'e' && s[0] != 'E' {
		return 0, false
	}
	s = s[1:]
	neg := false
	if s != "" && (s[0] == '-' || s[0] == '+') {
		neg, s = s[0] == '-', s[1:]
	}
	if s == "" {
		return 0, false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		if e = 10*e + int(s[i]-'0'); e > 2*maxExponent {
			return 0, false
		}
	}
	if neg {
		e = -e
	}
	return e, true
}

// The first byte of an encoded decimal.
const (
	minusInfinity = 0x08
	negative      = 0x10
	zero          = 0x20
	positive      = 0x30
	plusInfinity  = 0x40
)

// append appends the number in bytes that sort like numbers, are as long as
// they need to be and begin no other number's: the sign; the exponent in three
// bytes of seven bits; two digits a byte, each plus two; and one. A negative
// number has all bytes but the first inverted.
func (d *decimal) append(dst []byte) []byte {
	if d.n == 0 {
		return append(dst, zero)
	}
	first, invert := byte(positive), byte(0)
	if d.neg {
		first, invert = negative, 0xFF
	}
	e := uint(d.exp + 1<<20)
	dst = append(dst, first, byte(e>>14&0x7F+1)^invert, byte(e>>7&0x7F+1)^invert, byte(e&0x7F+1)^invert)
	for i := 0; i < d.n; i += 2 {
		pair := 10 * d.digits[i]
		if i+1 < d.n {
			pair += d.digits[i+1]
		}
		dst = append(dst, (pair+2)^invert)
	}
	return append(dst, 1^invert)
}

// skipDecimal returns what follows the encoded number at the start of b.
func skipDecimal(b []byte) []byte {
	last := byte(1)
	switch b[0] {
	case negative:
		last ^= 0xFF
	case positive:
	default:
		return b[1:]
	}
	for i := 4; i < len(b); i++ {
		if b[i] == last {
			return b[i+1:]
		}
	}
	return nil
}

// times returns the number times c × 10^e, for c below 2³². Digits that there is
// no room for are cut.
func (d *decimal) times(c uint64, e int) decimal {
	var wide [maxDigits + 10]byte // a factor below 2³² adds at most ten digits
	carry := uint64(0)
	at := len(wide)
	for i := d.n - 1; i >= 0; i-- {
		carry += uint64(d.digits[i]) * c
		at--
		wide[at] = byte(carry % 10)
		carry /= 10
	}
	added := 0
	for ; carry > 0; carry /= 10 {
		at--
		added++
		wide[at] = byte(carry % 10)
	}
	digits := wide[at:]
	for len(digits) > 0 && digits[len(digits)-1] == 0 {
		digits = digits[:len(digits)-1]
	}
	out := decimal{neg: d.neg, exp: d.exp + added + e}
	out.n = copy(out.digits[:], digits)
	out.cut = out.n < len(digits)
	for out.n > 0 && out.digits[out.n-1] == 0 {
		out.n--
	}
	return out
}

// away returns the number with maxDigits digits next to d away from zero: the
// other end of the interval that stands for a number with more.
func (d decimal) away() decimal {
	i := maxDigits - 1
	for ; i >= 0 && d.digits[i] == 9; i-- {
		d.digits[i] = 0
	}
	if i < 0 {
		return decimal{neg: d.neg, n: 1, exp: d.exp + 1, digits: [maxDigits]byte{1}}
	}
	d.digits[i]++
	d.n = i + 1
	return d
}
