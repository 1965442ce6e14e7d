package rest

import (
	"net/url"
	"strings"

	"github.com/cordee-sante/cordee/fhir/search"
)

// encode writes pairs as the query of a URL, in their order.
func encode(pairs []search.Pair) string {
	var b strings.Builder
	for i, p := range pairs {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(readable.Replace(url.QueryEscape(p.Name)))
		b.WriteByte('=')
		b.WriteString(readable.Replace(url.QueryEscape(p.Value)))
	}
	return b.String()
}

// readable takes back escapes of characters that a query may hold as they are
// (RFC 3986 §3.4) and that fill those of FHIR.
var readable = strings.NewReplacer("%3A", ":", "%2C", ",", "%2F", "/", "%24", "$")

// link is a URL under the base. It never holds anything of the request's Host
// or forwarding headers (N05).
func (s *Server) link(path string, pairs []search.Pair) string {
	if len(pairs) == 0 {
		return s.base + path
	}
	return s.base + path + "?" + encode(pairs)
}

// pageLinks are the self and next links of a page: the parameters that were
// used, the page size that was used, and for next the sealed cursor.
func (s *Server) pageLinks(path string, used []search.Pair, count int, cursor, next string) (self, following string) {
	pairs := make([]search.Pair, 0, len(used)+2)
	for _, p := range used {
		if p.Name != "_count" && p.Name != "_cursor" {
			pairs = append(pairs, p)
		}
	}
	if count > 0 {
		pairs = append(pairs, search.Pair{Name: "_count", Value: itoa(count)})
	}
	if next != "" {
		following = s.link(path, append(pairs, search.Pair{Name: "_cursor", Value: next}))
	}
	if cursor != "" {
		pairs = append(pairs, search.Pair{Name: "_cursor", Value: cursor})
	}
	return s.link(path, pairs), following
}
