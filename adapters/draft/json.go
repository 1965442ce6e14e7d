package draft

import (
	"strings"
	"unicode/utf8"
)

// plain says which bytes stand for themselves in a JSON string.
var plain = func() (t [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// AppendJSON appends the object as JSON.
func (o *Object) AppendJSON(b []byte) []byte {
	b = append(b, '{')
	for i := range o.members {
		m := &o.members[i]
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendName(append(b, '"'), m.name), '"', ':')
		if m.list() {
			b = append(b, '[')
		}
		for j := range m.len() {
			if j > 0 {
				b = append(b, ',')
			}
			b = m.at(j).appendJSON(b)
		}
		if m.list() {
			b = append(b, ']')
		}
	}
	return append(b, '}')
}

// size estimates the length of the JSON, a little too long as a rule.
func (o *Object) size() int {
	n := 2
	for i := range o.members {
		m := &o.members[i]
		n += len(m.name) + 6
		for j := range m.len() {
			v := m.at(j)
			n += len(v.text) + len(v.text)/16 + 3
			if v.object != nil {
				n += v.object.size()
			}
		}
	}
	return n
}

// appendName appends the name of a member in JSON: value|Quantity is
// valueQuantity. Names are ours and need no escaping.
func appendName(b []byte, name string) []byte {
	head, typ, choice := strings.Cut(name, "|")
	b = append(b, head...)
	if choice {
		b = append(b, typ[0]&^0x20)
		b = append(b, typ[1:]...)
	}
	return b
}

func (v *value) appendJSON(b []byte) []byte {
	switch {
	case v.object != nil:
		return v.object.AppendJSON(b)
	case v.from.literal:
		return append(b, v.text...)
	}
	return appendString(b, v.text)
}

// appendString appends a JSON string. Nothing is escaped but what must be, so
// that narratives stay readable; bytes that are not UTF-8 become U+FFFD, which
// adapters see to it never happens.
func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if plain[c] {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				b = append(append(b, s[start:i]...), "\ufffd"...)
				start = i + 1
			}
			i += size
			continue
		}
		b = append(b, s[start:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		i++
		start = i
	}
	return append(append(b, s[start:]...), '"')
}
