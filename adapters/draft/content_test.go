package draft_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/adapters/draft"
	"pgregory.net/rapid"
)

// TestBase64 compares with the standard library, on texts near to base64.
func TestBase64(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[A-Za-z0-9+/= \n]{0,24}[=-]{0,3}`).Draw(t, "text")
		plain := strings.Join(strings.Fields(s), "")
		data, err := base64.StdEncoding.DecodeString(plain)
		size, ok := draft.CheckBase64(s)
		if ok != (err == nil && len(data) > 0) || ok && size != len(data) {
			t.Fatalf("%q: got %d, %t; the library has %d bytes, %v", s, size, ok, len(data), err)
		}
		if !ok {
			return
		}
		for _, content := range []draft.Content{{Base64: s}, {Bytes: data}} {
			r := draft.New("Binary", "b")
			r.Data = content
			var back struct{ Data []byte }
			if err := json.Unmarshal(r.JSON(), &back); err != nil || string(back.Data) != string(data) {
				t.Fatalf("%q became %s: %v", s, r.JSON(), err)
			}
		}
	})
}
