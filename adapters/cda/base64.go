package cda

import (
	"encoding/base64"
	"io"
	"strings"
)

// decodeBase64 returns the bytes that a base64 text stands for (RFC 4648 §4), and
// whether it is one: whole groups of four, padding at the end only, and something in
// it. White space counts for nothing. No more is set aside than the bytes take.
func decodeBase64(s string) ([]byte, bool) {
	digits, ok := countBase64(s)
	if !ok {
		return nil, false
	}
	data := make([]byte, digits*3/4)
	_, err := io.ReadFull(base64.NewDecoder(base64.StdEncoding, &unspaced{strings.NewReader(s)}), data)
	return data, err == nil
}

// countBase64 returns how many digits a base64 text has, and whether it is one.
func countBase64(s string) (digits int, ok bool) {
	padding := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '+', c == '/':
			if padding > 0 {
				return 0, false
			}
			digits++
		case c == '=':
			padding++
		case c != ' ' && c != '\n' && c != '\r' && c != '\t':
			return 0, false
		}
	}
	return digits, padding <= 2 && (digits+padding)%4 == 0 && digits > 0
}

// unspaced leaves blanks and tabs out of what it reads; the decoder does so with
// line ends.
type unspaced struct{ from io.Reader }

func (u *unspaced) Read(p []byte) (int, error) {
	n, err := u.from.Read(p)
	kept := 0
	for _, c := range p[:n] {
		if c != ' ' && c != '\t' {
			p[kept] = c
			kept++
		}
	}
	return kept, err
}
