package rest

import (
	"net/http"
	"strings"
)

// A preference is what Prefer asks for (RFC 7240, R4 http.html#ops and
// search.html#errors). Values that are not known are ignored, as the RFC wants:
// a common client sends return=presentation by mistake.
type preference struct {
	returns  string // "minimal", "representation", "OperationOutcome"; empty for no wish
	handling string // "strict", "lenient"; empty for no wish
}

func prefer(h http.Header) (p preference) {
	for _, header := range h["Prefer"] {
		for item := range strings.FieldsFuncSeq(header, func(c rune) bool { return c == ',' || c == ';' }) {
			name, value, _ := strings.Cut(strings.TrimSpace(item), "=")
			value = strings.Trim(strings.TrimSpace(value), `"`)
			switch strings.ToLower(strings.TrimSpace(name)) {
			case "return":
				switch value {
				case "minimal", "representation", "OperationOutcome":
					p.returns = value
				}
			case "handling":
				switch value {
				case "strict", "lenient":
					p.handling = value
				}
			}
		}
	}
	return p
}
