package search

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestTextOrder(t *testing.T) {
	text := rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.RuneFrom([]rune{0, 1, 2, 3, 'a'})))
	rapid.Check(t, func(t *rapid.T) {
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		ea, eb := append(appendText(nil, a), end), append(appendText(nil, b), end)
		if got, want := bytes.Compare(ea, eb), strings.Compare(a, b); got != want {
			t.Fatalf("%q %q: bytes %d, text %d", a, b, got, want)
		}
		if bytes.IndexByte(ea, 0) >= 0 || bytes.IndexByte(ea, end) != len(ea)-1 {
			t.Fatalf("%x", ea)
		}
	})
}

func TestPartExact(t *testing.T) {
	long := strings.Repeat("x", wide)
	for _, c := range []struct {
		a, b string
		same bool
	}{{long, long, true}, {long, long + "y", false}, {long + "y", long + "z", false}, {long + "y", long + "y", true}, {"", "", true}} {
		ea, eb := appendPart(nil, c.a, wide), appendPart(nil, c.b, wide)
		if bytes.Equal(ea, eb) != c.same {
			t.Errorf("%d and %d bytes: %v", len(c.a), len(c.b), !c.same)
		}
		if len(ea) > wide || len(eb) > wide {
			t.Errorf("%d, %d bytes", len(ea), len(eb))
		}
	}
	sum := sha256.Sum256([]byte(long + "y"))
	if e := appendPart(nil, long+"y", wide); string(e) != long[:wide-44]+"\xff"+base64.RawURLEncoding.EncodeToString(sum[:]) {
		t.Errorf("%q", e)
	}
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "  ": "", "Dupont": "dupont", "LÉGER": "leger", "Jean-Pierre": "jean pierre", "  JEAN\t\n pierre.": "jean pierre",
		"O'Connor": "o connor", "L’Haÿ-les-Roses": "l hay les roses", "Œuvré": "oeuvre", "Straße": "strasse", "ΣΊΣΥΦΟΣ": "σισυφοσ",
		"Σίσυφος": "σισυφοσ", "Łódź": "lodz", "e\u0301": "e", "ﬁn": "fin", "A\u00a0B": "a b", "x\x00\x01y": "x y", "C+": "c+", "İstanbul": "istanbul",
		"Ørsted": "orsted", "¿Qué?": "que",
	} {
		if got := string(appendFold([]byte("#"), in)); got != "#"+want {
			t.Errorf("%q → %q, want %q", in, got[1:], want)
		}
	}
}

// Folding twice is folding once, and what differs only in case or composition
// folds to the same.
func TestFoldIdempotent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		once := string(appendFold(nil, s))
		if twice := string(appendFold(nil, once)); twice != once {
			t.Fatalf("%q → %q → %q", s, once, twice)
		}
		for i := range len(once) {
			if once[i] <= escape {
				t.Fatalf("%q holds %d", once, once[i])
			}
		}
	})
}
