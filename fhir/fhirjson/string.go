package fhirjson

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// plain says which bytes stand for themselves in a string: ASCII but for
// controls, the quote and the backslash.
var plain = func() (t [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// str reads a string from its opening quote to its closing one.
func (s *scanner) str() (escaped bool, err error) {
	text, i := s.text, s.pos+1
	for {
		for i < len(text) && plain[text[i]] {
			i++
		}
		if i >= len(text) {
			s.pos = len(text)
			return escaped, s.fail(faultEnd)
		}
		switch c := text[i]; {
		case c == '"':
			s.pos = i + 1
			return escaped, nil
		case c == '\\':
			escaped = true
			s.pos = i
			if err := s.escape(); err != nil {
				return escaped, err
			}
			i = s.pos
		case c < ' ':
			s.pos = i
			return escaped, s.fail(faultControl)
		default:
			_, size := utf8.DecodeRuneInString(text[i:])
			if size == 1 { // RuneError of a real U+FFFD is three bytes long
				s.pos = i
				return escaped, s.fail(faultUTF8)
			}
			i += size
		}
	}
}

// validRune reports whether a character of UTF-8 starts at pos.
func (s *scanner) validRune() bool {
	r, size := utf8.DecodeRuneInString(s.text[s.pos:])
	return r != utf8.RuneError || size != 1
}

// escape reads one escape sequence, or two that make a surrogate pair.
func (s *scanner) escape() error {
	if s.pos+1 >= len(s.text) {
		return s.fail(faultEnd)
	}
	switch s.text[s.pos+1] {
	case '"', '\\', '/', 'n', 'r', 't':
		s.pos += 2
		return nil
	case 'b', 'f':
		return s.fail(faultControl)
	case 'u':
	default:
		return s.fail(faultSyntax)
	}
	r, ok := hex4(s.text[s.pos:])
	switch {
	case !ok:
		return s.fail(faultSyntax)
	case r < ' ' && r != '\t' && r != '\n' && r != '\r':
		return s.fail(faultControl)
	case utf16.IsSurrogate(r):
		low, ok := hex4(s.text[s.pos+6:])
		if !ok || utf16.DecodeRune(r, low) == utf8.RuneError {
			return s.fail(faultSurrogate)
		}
		s.pos += 6
	}
	s.pos += 6
	return nil
}

// hex4 returns the character of the \uXXXX that the text starts with.
func hex4(text string) (r rune, ok bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	for _, c := range []byte(text[2:6]) {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// unquote resolves the escapes of a string that was scanned.
func unquote(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	for {
		i := strings.IndexByte(text, '\\')
		if i < 0 {
			b.WriteString(text)
			return b.String()
		}
		b.WriteString(text[:i])
		text = text[i:]
		switch c := text[1]; c {
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 't':
			b.WriteByte('\t')
		case 'u':
			r, _ := hex4(text)
			text = text[6:]
			if utf16.IsSurrogate(r) {
				low, _ := hex4(text)
				r = utf16.DecodeRune(r, low)
				text = text[6:]
			}
			b.WriteRune(r)
			continue
		default:
			b.WriteByte(c)
		}
		text = text[2:]
	}
}

// Quote returns s as a JSON string, as AppendQuote writes it.
func Quote(s string) string { return string(AppendQuote(nil, s)) }

// AppendQuote appends s as a JSON string. Nothing is escaped but what must be,
// so that narratives stay readable. Characters that Parse refuses come out
// escaped, and bytes that are not UTF-8 as U+FFFD.
func AppendQuote(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	start := 0
	for i := 0; ; {
		for i < len(s) && plain[s[i]] {
			i++
		}
		if i == len(s) {
			break
		}
		c := s[i]
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
