package adapters

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"pgregory.net/rapid"
)

func TestParseINS(t *testing.T) {
	const right, wrong = "247050001203496", "247050001203497"
	for _, tt := range []struct {
		name, oid, value string
		mode             Mode
		id               string // of the refusal
		warned           bool
	}{
		{name: "test identity in production", oid: "1.2.250.1.213.1.4.10", value: right, id: "identity.test-ins"},
		{name: "demonstration identity in production", oid: "1.2.250.1.213.1.4.11", value: right, id: "identity.test-ins"},
		{name: "wrong key in production", oid: "1.2.250.1.213.1.4.8", value: wrong, id: "identity.ins-key"},
		{name: "undocumented authority", oid: "1.2.250.1.213.1.4.13", value: right, mode: Integration, id: "identity.not-ins"},
		{name: "local identifier", oid: "1.2.3", value: right, mode: Integration, id: "identity.not-ins"},
		{name: "without key", oid: "1.2.250.1.213.1.4.8", value: right[:13], mode: Integration, id: "identity.malformed-ins"},
		{name: "letters", oid: "1.2.250.1.213.1.4.8", value: "24705000120349X", mode: Integration, id: "identity.malformed-ins"},
		{name: "unknown sex digit", oid: "1.2.250.1.213.1.4.8", value: "947050001203496", mode: Integration, id: "identity.malformed-ins"},
		{name: "empty", oid: "1.2.250.1.213.1.4.8", id: "identity.malformed-ins"},

		{name: "in production", oid: "1.2.250.1.213.1.4.8", value: right},
		{name: "temporary in production", oid: "1.2.250.1.213.1.4.9", value: right},
		{name: "Corsica 2A", oid: "1.2.250.1.213.1.4.8", value: "180122A00400150"},
		{name: "Corsica 2B", oid: "1.2.250.1.213.1.4.8", value: "180122B00400177"},
		{name: "test identity in integration", oid: "1.2.250.1.213.1.4.10", value: right, mode: Integration},
		{name: "wrong key in integration", oid: "1.2.250.1.213.1.4.8", value: wrong, mode: Integration, warned: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ins, warnings, err := ParseINS(tt.oid, tt.value, "/x", tt.mode)
			if tt.id != "" {
				var e *fhir.Error
				if !errors.As(err, &e) || e.Kind != fhir.Unprocessable || e.Issues[0].ID != tt.id || e.Issues[0].At != "/x" {
					t.Fatalf("got %v, want %s", err, tt.id)
				}
				if text := fmt.Sprint(e, e.Issues); tt.value != "" && strings.Contains(text, tt.value) {
					t.Error("the refusal shows the identifier")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if ins.System != "urn:oid:"+tt.oid || ins.Value != tt.value || (len(warnings) > 0) != tt.warned {
				t.Errorf("got %+v, warnings %v", ins, warnings)
			}
		})
	}
}

// TestKeyFindsErrors: the key finds every single wrong digit and every swap of
// neighbours, which are the errors that people make.
func TestKeyFindsErrors(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := []byte(fmt.Sprintf("2%012d", rapid.Int64Range(0, 999_999_999_999).Draw(t, "number")))
		key := insKey(string(n))
		at := rapid.IntRange(1, 12).Draw(t, "at")
		other := append([]byte(nil), n...)
		other[at] = byte('0' + (int(other[at]-'0')+rapid.IntRange(1, 9).Draw(t, "by"))%10)
		if insKey(string(other)) == key {
			t.Fatalf("%s and %s have the same key", n, other)
		}
		if at < 12 && n[at] != n[at+1] {
			n[at], n[at+1] = n[at+1], n[at]
			if insKey(string(n)) == key {
				t.Fatalf("the swap in %s has the same key", n)
			}
		}
	})
}

func TestParseProfessional(t *testing.T) {
	for _, tt := range []struct {
		value  string
		mode   Mode
		tokens string
	}{
		{"89990000203", Production, "[{https://rpps.esante.gouv.fr 89990000203} {urn:oid:1.2.250.1.71.4.2.1 889990000203}]"},
		{"889990000203", Production, "[{https://rpps.esante.gouv.fr 89990000203} {urn:oid:1.2.250.1.71.4.2.1 889990000203}]"},
		{"889990000204", Production, "[]"}, // wrong Luhn digit: matches nobody
		{"889990000204", Integration, "[{https://rpps.esante.gouv.fr 89990000204} {urn:oid:1.2.250.1.71.4.2.1 889990000204}]"},
		{"0123456789", Production, "[{https://adeli.esante.gouv.fr 123456789} {urn:oid:1.2.250.1.71.4.2.1 0123456789}]"},
		{"3750100018/0042", Production, "[{urn:oid:1.2.250.1.71.4.2.1 3750100018/0042}]"},
	} {
		n := ParseProfessional(tt.value, tt.mode)
		if got := fmt.Sprint(n.Tokens); got != tt.tokens || len(n.Identifiers) == 0 {
			t.Errorf("%s: got %s, want %s", tt.value, got, tt.tokens)
		}
	}
}

func TestParseStructure(t *testing.T) {
	for _, tt := range []struct {
		value  string
		mode   Mode
		tokens string
	}{
		{"", Production, "[]"},
		{"1300017985", Production, "[{urn:oid:1.2.250.1.71.4.2.2 1300017985} {https://finess.esante.gouv.fr 300017985}]"},
		{"1300017986", Production, "[]"}, // wrong Luhn digit: matches none
		{"1300017986", Integration, "[{urn:oid:1.2.250.1.71.4.2.2 1300017986} {https://finess.esante.gouv.fr 300017986}]"},
		{"12A0000012", Production, "[{urn:oid:1.2.250.1.71.4.2.2 12A0000012} {https://finess.esante.gouv.fr 2A0000012}]"},
		{"12C0000012", Production, "[]"},
		{"2801234567", Production, "[]"},
		{"2801234567", Integration, "[{urn:oid:1.2.250.1.71.4.2.2 2801234567} {https://sirene.fr 801234567}]"},
		{"2356000000", Production, "[{urn:oid:1.2.250.1.71.4.2.2 2356000000} {https://sirene.fr 356000000}]"},
		{"335600000000048", Production, "[{urn:oid:1.2.250.1.71.4.2.2 335600000000048} {https://sirene.fr 35600000000048}]"},
		{"335600000000006", Production, "[{urn:oid:1.2.250.1.71.4.2.2 335600000000006} {https://sirene.fr 35600000000006}]"}, // La Poste: the digits add up to 20
		{"335600000000007", Production, "[]"},
		{"312345678900011", Production, "[]"},
		{"999", Production, "[{urn:oid:1.2.250.1.71.4.2.2 999}]"},
	} {
		n := ParseStructure(tt.value, tt.mode)
		if got := fmt.Sprint(n.Tokens); got != tt.tokens || n.Wrong != (got == "[]" && tt.value != "") {
			t.Errorf("%s: got %s, want %s", tt.value, got, tt.tokens)
		}
	}
}
