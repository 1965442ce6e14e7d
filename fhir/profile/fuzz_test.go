package profile

import (
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// FuzzValidate validates whatever can be parsed. It must not panic, keep to
// the limit, and say where each problem is.
func FuzzValidate(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "r4", "*.json"))
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	for _, seed := range []string{observation, patient(`"name":[{"given":["a",null],"_given":[null,{"id":"x"}]}]`), patient(`"_birthDate":{}`), patient(`"extension":[{}]`),
		narrated(inDiv(`<p style="a">b</p>`)), observed(`"contained":[{"id":"x"}],"subject":{"reference":"#x","type":"/"}`), `{"resourceType":"Bundle","entry":[{"resource":null}]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		doc, err := fhirjson.Parse(text)
		if err != nil {
			return
		}
		issues := Validate(doc)
		if len(issues) > maxIssues+1 {
			t.Fatalf("%d issues", len(issues))
		}
		for _, i := range issues {
			if i.ID == "" || i.Text.EN == "" || i.Text.FR == "" || i.At == "" && doc.Root().Kind() == fhirjson.Object {
				t.Fatalf("%+v", i)
			}
		}
	})
}

// refusedByScan are the characters that no parsed document holds.
func refusedByScan(r rune) bool { return r < ' ' && r != '\t' && r != '\n' && r != '\r' }

// FuzzNarrative scans any text as a narrative. What passes must be XML to a
// parser of others too, and hold nothing but what txt-1 allows.
func FuzzNarrative(f *testing.F) {
	for _, seed := range []string{"", "<", inDiv("a"), inDiv(`<a href="x">&#233;</a><!-- c --><br/>`), inDiv(`<p style="a:url(data:image/png,b)">c</p>`), `<div xmlns='`,
		inDiv(`a<!--><script>b</script>-->`), inDiv(`<p title="a" class='b'>c</p>`)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		x := xhtml{text: text}
		if !utf8.ValidString(text) || strings.ContainsFunc(text, refusedByScan) || x.scan() != nil {
			return
		}
		dec := xml.NewDecoder(strings.NewReader(text))
		for {
			token, err := dec.Token()
			if err == io.EOF {
				return
			}
			if err != nil {
				t.Fatalf("%q passes: %v", text, err)
			}
			switch token := token.(type) {
			case xml.StartElement:
				if !allowedElements[token.Name.Local] || token.Name.Space != xhtmlNamespace {
					t.Fatalf("%q passes with %v", text, token.Name)
				}
				for _, a := range token.Attr {
					if strings.HasPrefix(a.Name.Local, "on") || strings.Contains(strings.ToLower(a.Value), "javascript:") && a.Name.Local == "href" {
						t.Fatalf("%q passes with %v", text, a)
					}
				}
			case xml.ProcInst, xml.Directive:
				t.Fatalf("%q passes", text)
			}
		}
	})
}
