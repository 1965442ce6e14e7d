package draft

import "encoding/base64"

// A Content is what a Binary holds: bytes, or the base64 of them as the source
// has it, white space and all, so that a large file is neither decoded nor
// copied on its way. The zero Content is none.
type Content struct {
	Bytes  []byte // not to be modified
	Base64 string // CheckBase64 says whether it may be used
}

// Empty reports whether there is no content.
func (c Content) Empty() bool { return len(c.Bytes) == 0 && c.Base64 == "" }

// appendBase64 appends the base64 without white space, as FHIR has it.
func (c Content) appendBase64(b []byte) []byte {
	if c.Base64 == "" {
		return base64.StdEncoding.AppendEncode(b, c.Bytes)
	}
	start := 0
	for i := range len(c.Base64) {
		if isSpace(c.Base64[i]) {
			b = append(b, c.Base64[start:i]...)
			start = i + 1
		}
	}
	return append(b, c.Base64[start:]...)
}

// size is room enough for the base64.
func (c Content) size() int {
	return base64.StdEncoding.EncodedLen(len(c.Bytes)) + len(c.Base64)
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }

// CheckBase64 returns how many bytes a base64 text stands for (RFC 4648 §4),
// and whether it is one: whole groups of four, padding at the end only. White
// space counts for nothing. Nothing is decoded.
func CheckBase64(s string) (size int, ok bool) {
	digits, padding := 0, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '+', c == '/':
			if padding > 0 {
				return 0, false
			}
			digits++
		case c == '=':
			padding++
		case !isSpace(c):
			return 0, false
		}
	}
	if padding > 2 || (digits+padding)%4 != 0 || digits == 0 {
		return 0, false
	}
	return digits * 3 / 4, true
}
