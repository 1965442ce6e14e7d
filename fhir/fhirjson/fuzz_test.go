package fhirjson

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// FuzzParse compares the scan with two parsers of others, and checks what the
// rest of the gateway relies on: spans nest, and splicing gives back the text.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{`{}`, `[]`, `"é\u00e9\ud83d\ude00"`, `-1.50e+7`, `true`, `[null]`, `{"a":null}`, "\ufeff{}", "{\"a\":\"\xe9\"}",
		`{"resourceType":"Patient","id":"p","meta":{"versionId":"1","tag":[{"code":"x"}]},"name":[{"given":["A",null],"_given":[null,{"id":"x"}]}]}`,
		`{"a":1,"A":2}`, `{"a":1,"a":2}`, `["\ud800"]`, `["\u0000"]`, ` { "id" : "x" , "meta" : { } } `, `[[[[[[[[[[]]]]]]]]]]`, `01`, `1.`, `[1,]`, `{"a" 1}`, `tru`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		doc, err := Parse(text)
		valid := json.Valid(text)
		if err != nil {
			if e := refused(t, string(text), Limits{}).Issues[0]; valid && strings.HasPrefix(e.ID, "json.syntax") {
				t.Fatalf("refused, but valid: %s", e.At)
			}
			return
		}
		if !valid || !utf8.Valid(text) || !jsontext.Value(text).IsValid() {
			t.Fatal("accepted, but not valid")
		}
		checkSpans(t, doc, doc.Root(), 0, len(text))
		if string(Splice(doc)) != string(text) {
			t.Fatal("Splice without edits changes the text")
		}
		var want any
		dec := json.NewDecoder(strings.NewReader(string(text)))
		dec.UseNumber()
		if err := dec.Decode(&want); err != nil {
			t.Fatal(err)
		}
		checkEqual(t, doc.Root(), want)
		checkMeta(t, doc)
	})
}

// checkSpans requires that children lie in their parent, one after the other.
func checkSpans(t *testing.T, doc *Doc, n Node, from, to int) int {
	start, end := n.Span()
	if start < from || end > to || start >= end {
		t.Fatalf("span %d–%d is not in %d–%d", start, end, from, to)
	}
	pos := start + 1
	for m := n.First(); m.Exists(); m = m.Next() {
		pos = checkSpans(t, doc, m, pos, end-1)
	}
	return end
}

func checkEqual(t *testing.T, n Node, want any) {
	switch want := want.(type) {
	case map[string]any:
		if n.Kind() != Object || n.Len() != len(want) {
			t.Fatalf("%s: %d members, want %d", n.Kind(), n.Len(), len(want))
		}
		for m := range n.Members() {
			checkEqual(t, m, want[m.Name()])
		}
	case []any:
		if n.Kind() != Array || n.Len() != len(want) {
			t.Fatalf("%s: %d items, want %d", n.Kind(), n.Len(), len(want))
		}
		i := 0
		for m := range n.Items() {
			checkEqual(t, m, want[i])
			i++
		}
	case string:
		if n.Kind() != String || n.Text() != want {
			t.Fatalf("%s %q, want %q", n.Kind(), n.Text(), want)
		}
		if again := parse(t, Quote(want)).Root().Text(); again != want {
			t.Fatalf("quoted: %q, want %q", again, want)
		}
	case json.Number:
		if n.Kind() != Number || n.Text() != want.String() {
			t.Fatalf("%s %s, want %s", n.Kind(), n.Text(), want)
		}
	case bool:
		if n.Kind() != Bool || (n.Text() == "true") != want {
			t.Fatalf("%s %s, want %t", n.Kind(), n.Text(), want)
		}
	case nil:
		if n.Kind() != Null {
			t.Fatalf("%s, want null", n.Kind())
		}
	}
}

// checkMeta requires of any object that SetMeta sets, and StripMeta undoes it.
func checkMeta(t *testing.T, doc *Doc) {
	if meta := doc.Root().Get("meta"); doc.Root().Kind() != Object || meta.Exists() && meta.Kind() != Object {
		return
	}
	if doc.Root().Len() > 500 || doc.Root().Get("meta").Len() > 500 {
		return // two more members would be over the limit
	}
	if hasVariant(doc.Root(), "id", "meta") || hasVariant(doc.Root().Get("meta"), "versionId", "lastUpdated") {
		return // package profile refuses such a body long before
	}
	set := parse(t, string(SetMeta(doc, "p1", "7", noon)))
	if got := set.Root().Get("id").Text() + set.Root().At("meta", "versionId").Text(); got != "p17" {
		t.Fatalf("SetMeta: id and version are %s", got)
	}
	if a, b := StripMeta(doc), StripMeta(set); string(a) != string(b) {
		t.Fatalf("StripMeta: %s, after SetMeta %s", a, b)
	}
	parse(t, string(StripMeta(set)))
}

// hasVariant reports whether an object has a member whose name differs from one
// of the names only in case.
func hasVariant(object Node, names ...string) bool {
	for m := range object.Members() {
		for _, name := range names {
			if m.Name() != name && strings.EqualFold(m.Name(), name) {
				return true
			}
		}
	}
	return false
}
