package cda

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestBase64 compares with the standard library, on texts near to base64.
func TestBase64(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[A-Za-z0-9+/= \t\n]{0,24}[=-]{0,3}`).Draw(t, "text")
		want, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(s), ""))
		data, ok := decodeBase64(s)
		if ok != (err == nil && len(want) > 0) || ok && !bytes.Equal(data, want) {
			t.Fatalf("%q: got %q, %t; the library has %q, %v", s, data, ok, want, err)
		}
	})
}
