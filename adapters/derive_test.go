package adapters

import (
	"regexp"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"pgregory.net/rapid"
)

func TestDerive(t *testing.T) {
	seen := map[string][]string{}
	urn := regexp.MustCompile(`^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOf(rapid.StringN(0, 5, -1)).Draw(t, "parts")
		id := DeriveID(parts...)
		if !fhir.ValidID(id) || !urn.MatchString(DeriveURN(parts...)) || id != DeriveID(parts...) {
			t.Fatalf("%q is no id", id)
		}
		if other, ok := seen[id]; ok && strings.Join(other, "\x00") != strings.Join(parts, "\x00") {
			t.Fatalf("%q and %q have the same id", other, parts)
		}
		seen[id] = parts
	})
	if DeriveID("ab", "c") == DeriveID("a", "bc") || DeriveID("a", "") == DeriveID("a") {
		t.Error("parts run into each other")
	}
}
