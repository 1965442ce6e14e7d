package fhirjson

import (
	"errors"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
)

// refused parses the text and returns the error it must have.
func refused(t *testing.T, text string, limits Limits) *fhir.Error {
	t.Helper()
	_, err := ParseLimits([]byte(text), limits)
	var e *fhir.Error
	if !errors.As(err, &e) || len(e.Issues) != 1 {
		t.Fatalf("%.60q: got %v, want a *fhir.Error of one issue", text, err)
	}
	if i := e.Issues[0]; i.Text.EN == "" || i.Text.FR == "" || i.Hint.EN == "" || i.Hint.FR == "" {
		t.Errorf("%s: a sentence is missing", i.ID)
	}
	return e
}

type refusal struct {
	name, text string
	id         string
	code       fhir.IssueCode
	at         string
}

func testRefusals(t *testing.T, limits Limits, refusals []refusal) {
	for _, r := range refusals {
		t.Run(r.name, func(t *testing.T) {
			e := refused(t, r.text, limits)
			if i := e.Issues[0]; i.ID != r.id || i.Code != r.code || i.At != r.at {
				t.Errorf("got %s [%s] at %s, want %s [%s] at %s", i.ID, i.Code, i.At, r.id, r.code, r.at)
			}
			if e.Kind != fhir.Malformed {
				t.Errorf("kind %s, want malformed", e.Kind)
			}
		})
	}
}

func TestSyntax(t *testing.T) {
	testRefusals(t, Limits{}, []refusal{
		{"nothing", "", "json.end", "structure", "line 1, column 1"},
		{"space", " \n ", "json.end", "structure", "line 2, column 2"},
		{"word", "{\"a\":\ntru}", "json.syntax", "structure", "line 2, column 4"},
		{"bare name", "{a:1}", "json.syntax", "structure", "line 1, column 2"},
		{"single quotes", "{'a':1}", "json.syntax", "structure", "line 1, column 2"},
		{"no colon", `{"a" 1}`, "json.syntax", "structure", "line 1, column 6"},
		{"comma at the end", `{"a":1,}`, "json.syntax", "structure", "line 1, column 8"},
		{"comma in an array", `[1,]`, "json.syntax", "structure", "line 1, column 4"},
		{"comma alone", `[,1]`, "json.syntax", "structure", "line 1, column 2"},
		{"wrong bracket", `[1}`, "json.syntax", "structure", "line 1, column 3"},
		{"open object", `{"a":{`, "json.end", "structure", "line 1, column 7"},
		{"open string", `["é`, "json.end", "structure", "line 1, column 4"},
		{"open escape", `["\`, "json.end", "structure", "line 1, column 3"},
		{"wrong escape", `["\x"]`, "json.syntax", "structure", "line 1, column 3"},
		{"wrong hex", `["\u00g0"]`, "json.syntax", "structure", "line 1, column 3"},
		{"two values", "{}\n{}", "json.trailing", "structure", "line 2, column 1"},
		{"comment", "{} // x", "json.trailing", "structure", "line 1, column 4"},
		{"leading zero", `[01]`, "json.syntax", "structure", "line 1, column 3"},
		{"plus", `[+1]`, "json.syntax", "structure", "line 1, column 2"},
		{"point alone", `[1.]`, "json.syntax", "structure", "line 1, column 4"},
		{"no digits before", `[.5]`, "json.syntax", "structure", "line 1, column 2"},
		{"no exponent", `[1e+]`, "json.syntax", "structure", "line 1, column 5"},
		{"minus alone", `[-]`, "json.syntax", "structure", "line 1, column 3"},
		{"NaN", `[NaN]`, "json.syntax", "structure", "line 1, column 2"},
		{"column counts characters", `{"é":"à" x}`, "json.syntax", "structure", "line 1, column 10"},
		{"null member", `{"a":null}`, "json.null", "structure", "line 1, column 6"},
		{"null alone", `null`, "json.null", "structure", "line 1, column 1"},
	})
}

func TestP03Depth(t *testing.T) {
	nest := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	if _, err := Parse([]byte(nest(64))); err != nil {
		t.Errorf("64 levels are refused: %v", err)
	}
	testRefusals(t, Limits{}, []refusal{
		{"arrays", nest(65), "json.depth", "structure", "line 1, column 65"},
		{"objects", strings.Repeat(`{"a":`, 65), "json.depth", "structure", "line 1, column 321"},
		{"far too deep", strings.Repeat("[", 1<<20), "json.depth", "structure", "line 1, column 65"},
	})
	if e := refused(t, nest(600), Limits{Depth: 1 << 30}); e.Issues[0].ID != "json.depth" {
		t.Error("the scan recurses without bound")
	}
}

func TestP04DuplicateNames(t *testing.T) {
	testRefusals(t, Limits{}, []refusal{
		{"twice", `{"id":"a","id":"b"}`, "json.duplicate-name", "structure", "line 1, column 11"},
		{"twice, escaped", `{"id":"a","\u0069d":"b"}`, "json.duplicate-name", "structure", "line 1, column 11"},
		{"twice, deep", `{"a":[{"b":{"c":1,"d":{"c":2},"c":3}}]}`, "json.duplicate-name", "structure", "line 1, column 31"},
		{"case", `{"subject":{},"SUBJECT":{}}`, "json.case-variant-name", "structure", "line 1, column 15"},
		{"case, escaped", `{"subject":{},"\u0053ubject":{}}`, "json.case-variant-name", "structure", "line 1, column 15"},
		{"long s, which encoding/json takes for s", `{"status":1,"ſtatus":2}`, "json.case-variant-name", "structure", "line 1, column 13"},
		{"Kelvin sign, which encoding/json takes for k", `{"K":1,"kind":2,"k":3}`, "json.case-variant-name", "structure", "line 1, column 17"},
		{"not ASCII", `{"É":1,"é":2}`, "json.case-variant-name", "structure", "line 1, column 8"},
	})
	for _, text := range []string{`[{"a":1},{"a":1}]`, `{"a":{"a":{"a":1}},"b":{"a":1}}`, `{"a":{"A":1},"b":1}`, `{"given":[],"_given":[]}`} {
		if _, err := Parse([]byte(text)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestP05Characters(t *testing.T) {
	testRefusals(t, Limits{}, []refusal{
		{"byte order mark", "\ufeff{}", "json.byte-order-mark", "invalid", "line 1, column 1"},
		{"Latin-1", "{\"a\":\"caf\xe9\"}", "json.utf-8", "invalid", "line 1, column 10"},
		{"Latin-1 name", "{\"\xe9\":1}", "json.utf-8", "invalid", "line 1, column 3"},
		{"cut character", "[\"\xc3\"]", "json.utf-8", "invalid", "line 1, column 3"},
		{"overlong slash", "[\"\xc0\xaf\"]", "json.utf-8", "invalid", "line 1, column 3"},
		{"surrogate in UTF-8", "[\"\xed\xa0\x80\"]", "json.utf-8", "invalid", "line 1, column 3"},
		{"outside a string", "[\xff]", "json.utf-8", "invalid", "line 1, column 2"},
		{"high surrogate", `["\ud83d"]`, "json.surrogate", "invalid", "line 1, column 3"},
		{"low surrogate", `["\ude00"]`, "json.surrogate", "invalid", "line 1, column 3"},
		{"two high", `["\ud83d\ud83d"]`, "json.surrogate", "invalid", "line 1, column 3"},
		{"in a name", `{"\ud83d":1}`, "json.surrogate", "invalid", "line 1, column 3"},
		{"NUL", "[\"\x00\"]", "json.control-character", "invalid", "line 1, column 3"},
		{"NUL outside a string", "[\x00]", "json.control-character", "invalid", "line 1, column 2"},
		{"NUL, escaped", `["\u0000"]`, "json.control-character", "invalid", "line 1, column 3"},
		{"escape, escaped", `["\u001b[2J"]`, "json.control-character", "invalid", "line 1, column 3"},
		{"backspace", `["\b"]`, "json.control-character", "invalid", "line 1, column 3"},
		{"form feed", `["\f"]`, "json.control-character", "invalid", "line 1, column 3"},
		{"line feed", "[\"\n\"]", "json.control-character", "invalid", "line 1, column 3"},
	})
	doc, err := Parse([]byte(`["\t\n\r\"\\\/\u00e9\u000a\ud83d\ude00 �"]`))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := doc.Root().First().Text(), "\t\n\r\"\\/é\n😀 \ufffd"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestP06Numbers(t *testing.T) {
	for _, literal := range []string{"0", "-0", "1.00", "1e999999", "-12.50E-07", strings.Repeat("9", 64)} {
		doc, err := Parse([]byte(`{"value":` + literal + `}`))
		if err != nil {
			t.Fatal(err)
		}
		if got := doc.Root().Get("value").Text(); got != literal {
			t.Errorf("got %s, want %s", got, literal)
		}
	}
	testRefusals(t, Limits{}, []refusal{
		{"65 digits", `{"value":` + strings.Repeat("9", 65) + `}`, "json.number-length", "value", "line 1, column 10"},
		{"10,000 digits", `[0.` + strings.Repeat("1", 10000) + `]`, "json.number-length", "value", "line 1, column 2"},
	})
}

func TestLimits(t *testing.T) {
	if e := refused(t, `{"a":1}`, Limits{Bytes: 6}); e.Kind != fhir.TooLarge || e.Issues[0].Code != fhir.CodeTooLong {
		t.Errorf("7 bytes of 6: %v", e)
	}
	if _, err := ParseLimits([]byte(`{"a":1}`), Limits{Bytes: 7}); err != nil {
		t.Error(err)
	}
	testRefusals(t, Limits{Members: 2, Values: 6}, []refusal{
		{"members", `{"a":1,"b":2,"c":3}`, "json.members", "too-costly", "line 1, column 14"},
		{"values", `[1,2,3,4,5,6]`, "json.values", "too-costly", "line 1, column 12"},
	})
	if _, err := ParseLimits([]byte(`[{"a":1},{"a":1}]`), Limits{Members: 1}); err != nil {
		t.Errorf("members of two objects are counted together: %v", err)
	}
}
