package search

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// appendFold appends s as a string search sees it (R4 search.html#string): no
// case, no accents, and every run of spaces and punctuation one space, so that
// "Jean‐Pierre", "JEAN PIERRE" and "jean-pierre" are the same. Neither end has
// a space. Control characters are gone, so that nothing needs an escape.
func appendFold(dst []byte, s string) []byte {
	start := len(dst)
	gap := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= utf8.RuneSelf:
			return foldUnicode(dst[:start], s)
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		case separates[c]:
			gap = true
			continue
		}
		if gap && len(dst) > start {
			dst = append(dst, ' ')
		}
		gap = false
		dst = append(dst, c)
	}
	return dst
}

func foldUnicode(dst []byte, s string) []byte {
	start := len(dst)
	gap := false
	for _, r := range norm.NFKD.String(s) {
		if unicode.Is(unicode.Mn, r) {
			continue
		}
		if r < utf8.RuneSelf && separates[r] || unicode.IsSpace(r) || unicode.IsPunct(r) || unicode.IsControl(r) {
			gap = true
			continue
		}
		if gap && len(dst) > start {
			dst = append(dst, ' ')
		}
		gap = false
		// By way of the upper case, so that the final sigma meets the other.
		r = unicode.ToLower(unicode.ToUpper(r))
		if plain, ok := ligatures[r]; ok {
			dst = append(dst, plain...)
		} else {
			dst = utf8.AppendRune(dst, r)
		}
	}
	return dst
}

// separates tells the ASCII bytes that only separate words: spaces, controls
// and what Unicode calls punctuation.
var separates = func() (t [utf8.RuneSelf]bool) {
	for r := range rune(utf8.RuneSelf) {
		t[r] = unicode.IsSpace(r) || unicode.IsPunct(r) || unicode.IsControl(r)
	}
	return t
}()

// ligatures are the letters that no decomposition of Unicode takes apart, as
// they are typed by someone without them.
var ligatures = map[rune]string{'œ': "oe", 'æ': "ae", 'ß': "ss", 'ẞ': "ss", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'ı': "i"}

// Fold returns s as a string search sees it, for whoever compares names outside
// of a search.
func Fold(s string) string { return string(appendFold(nil, s)) }
