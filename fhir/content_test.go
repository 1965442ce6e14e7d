package fhir_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"pgregory.net/rapid"
)

// TestContent: what is beside a body reads as its data, and is hashed as that.
func TestContent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		content := rapid.SliceOf(rapid.Byte()).Draw(t, "content")
		r := fhir.Resource{Body: []byte(`{"resourceType":"Binary","id":"b"}`), Content: content}
		whole := fhir.Whole(r.Body, content)
		var back struct {
			ID   string
			Data []byte
		}
		if err := json.Unmarshal(whole, &back); err != nil || back.ID != "b" || !bytes.Equal(back.Data, content) {
			t.Fatalf("%x became %s: %v", content, whole, err)
		}
		if r.Sum() != sha256.Sum256(whole) {
			t.Fatalf("the sum is not that of %s", whole)
		}
	})
}
