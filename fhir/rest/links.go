package rest

import (
	"strconv"

	"github.com/cordee-sante/cordee/fhir/search"
)

// encode writes pairs as the query of a URL, in their order.
func encode(pairs []search.Pair) string { return string(appendQuery(nil, pairs)) }

func appendQuery(b []byte, pairs []search.Pair) []byte {
	for i, p := range pairs {
		if i > 0 {
			b = append(b, '&')
		}
		b = appendEscaped(b, p.Name)
		b = append(b, '=')
		b = appendEscaped(b, p.Value)
	}
	return b
}

// appendEscaped escapes all but the unreserved characters and those that a
// query may hold as they are and that fill those of FHIR (RFC 3986 §3.4).
func appendEscaped(b []byte, s string) []byte {
	const hex = "0123456789ABCDEF"
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9',
			c == '-', c == '.', c == '_', c == '~', c == ':', c == ',', c == '/', c == '$', c == '*':
			b = append(b, c)
		default:
			b = append(b, '%', hex[c>>4], hex[c&15])
		}
	}
	return b
}

// pageLinks are the self and next links of a page: the parameters that were
// used, the page size that was used, and the sealed cursor. They are built from
// the base, and hold nothing of the request's Host or forwarding headers (N05).
func (s *Server) pageLinks(path string, used []search.Pair, count int, cursor, next string) (self, following string) {
	b := make([]byte, 0, 256)
	b = append(append(b, s.base...), path...)
	plain := len(b)
	b = append(b, '?')
	for _, p := range used {
		if p.Name != "_cursor" && (p.Name != "_count" || count == 0) {
			b = append(appendQuery(b, []search.Pair{p}), '&')
		}
	}
	if count > 0 {
		b = append(strconv.AppendInt(append(b, "_count="...), int64(count), 10), '&')
	}
	common := len(b)
	if next != "" {
		following = string(appendEscaped(append(b, "_cursor="...), next))
	}
	switch {
	case cursor != "":
		return string(appendEscaped(append(b, "_cursor="...), cursor)), following
	case common == plain+1:
		return string(b[:plain]), following
	}
	return string(b[:common-1]), following
}
