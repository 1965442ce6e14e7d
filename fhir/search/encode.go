package search

import (
	"crypto/sha256"
	"encoding/base64"
)

// The bytes that structure a value. Text never holds them: below they are
// escaped, and 0xFF is no byte of UTF-8.
const (
	end    = 0x01 // ends a text that more follows
	escape = 0x02 // the next byte, less two, stands for 0x00, 0x01 or 0x02
	cut    = 0xFF // what follows is not the text but the SHA-256 of the whole
)

// hashLen is the length of a SHA-256 in unpadded base64, which has no zero byte.
const hashLen = 43

// The most bytes that one text takes in a value. Three parts and their ends fit
// into MaxValue: the widest token row is type system, type code and value of an
// identifier.
const (
	wide   = 160 // in a row of its own
	narrow = 64  // within a row of a composite parameter
)

// appendText appends s escaped, so that the order of the bytes, followed by end
// or nothing, is the order of the texts.
func appendText(dst []byte, s string) []byte {
	from := 0
	for i := range len(s) {
		if s[i] <= escape {
			dst = append(dst, s[from:i]...)
			dst = append(dst, escape, s[i]+2)
			from = i + 1
		}
	}
	return append(dst, s[from:]...)
}

// appendPart appends s escaped, in at most limit bytes. Two texts give the same
// bytes only if they are the same, or agree in SHA-256.
func appendPart(dst []byte, s string, limit int) []byte {
	start := len(dst)
	dst = appendText(dst, s)
	if len(dst)-start <= limit {
		return dst
	}
	sum := sha256.Sum256([]byte(s))
	dst = append(dst[:start+limit-1-hashLen], cut)
	return base64.RawURLEncoding.AppendEncode(dst, sum[:])
}

// appendPrefix appends the first limit bytes of the text, then cut if there was
// more: enough for a search by how a text begins.
func appendPrefix(dst, text []byte, limit int) []byte {
	if len(text) <= limit {
		return append(dst, text...)
	}
	return append(append(dst, text[:limit]...), cut)
}

// point is the range of the one value.
func point(value []byte) Range { return Range{Lo: value, Point: true} }

// prefixed is the range of the values that begin with the prefix, whose last
// byte must not be 0xFF.
func prefixed(prefix []byte) Range {
	hi := append([]byte(nil), prefix...)
	hi[len(hi)-1]++
	return Range{Lo: prefix, Hi: hi}
}

// tagged is the range of all rows whose first byte lies between the two.
func tagged(first, last byte) Range { return Range{Lo: []byte{first}, Hi: []byte{last + 1}} }
