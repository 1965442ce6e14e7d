package fhirjson

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestRewrite compares with what Parse makes of the spliced text.
func TestRewrite(t *testing.T) {
	texts := []string{
		`{"resourceType":"Observation","subject":{"reference":"urn:uuid:1"},"performer":[{"reference":"a"},{"reference":""}],"value":1.50,"ok":true}`,
		" {\n \"a\" : [ \"x\\n\", null, {\"b\\u0041\": \"é\"}, [], {} ] , \"c\" : \"last\" } ",
		`"alone"`,
	}
	rapid.Check(t, func(t *rapid.T) {
		doc, err := Parse([]byte(rapid.SampledFrom(texts).Draw(t, "text")))
		if err != nil {
			t.Fatal(err)
		}
		var edits []Edit
		for i := range doc.nodes {
			n := Node{doc, int32(i)}
			switch {
			case n.Kind() == String && rapid.Bool().Draw(t, "replace"):
				edits = append(edits, Replace(n, Quote(rapid.StringMatching(`[a-zé"\\ ]{0,12}`).Draw(t, "by"))))
			case n.Kind() == Number && rapid.IntRange(0, 9).Draw(t, "other") == 0:
				edits = append(edits, Replace(n, "12"))
			}
		}
		slices.Reverse(edits)
		want, err := Parse(Splice(doc, edits...))
		if err != nil {
			t.Fatal(err)
		}
		got, err := Rewrite(doc, edits...)
		if err != nil || got.text != want.text || !slices.Equal(got.nodes, want.nodes) {
			t.Fatalf("%s: %v\n%v\n%v", got.text, err, got.nodes, want.nodes)
		}
	})
}
