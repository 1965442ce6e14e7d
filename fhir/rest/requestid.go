package rest

import (
	"context"
	"crypto/rand"
	"net/http"
)

// maxRequestID bounds what a client may send as X-Request-Id: it comes back in
// a header, in logs and in the trail.
const maxRequestID = 64

// RequestID returns the id of the request, as in X-Request-Id and in the
// diagnostics of errors; empty outside an Envelope.
func RequestID(ctx context.Context) string {
	if x := exchangeOf(ctx); x != nil {
		return x.id
	}
	return ""
}

// identify returns the id of the request: the client's when it is safe (R4
// http.html#custom), else a new one, and then in correlation what is safe of
// the client's, for X-Correlation-Id.
func identify(r *http.Request) (id, correlation string) {
	sent := r.Header["X-Request-Id"]
	if len(sent) == 0 {
		return rand.Text(), ""
	}
	if safe := sanitise(sent[0]); len(sent) == 1 && safe == sent[0] && safe != "" {
		return safe, ""
	} else {
		return rand.Text(), safe
	}
}

// sanitise keeps the characters that no header, log or page can misread.
func sanitise(s string) string {
	clean := true
	for i := range len(s) {
		clean = clean && safeInID(s[i])
	}
	if clean && len(s) <= maxRequestID {
		return s
	}
	b := make([]byte, 0, maxRequestID)
	for i := 0; i < len(s) && len(b) < maxRequestID; i++ {
		if safeInID(s[i]) {
			b = append(b, s[i])
		}
	}
	return string(b)
}

func safeInID(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_' || c == ':'
}
