package cda_test

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/adaptertest"
	"github.com/cordee-sante/cordee/adapters/cda"
	"golang.org/x/text/encoding/charmap"
)

const v3 = "urn:hl7-org:v3"

// census goes through a document on its own, with the standard library, and
// counts its items by the rule of docs/formats/cda.md. It returns the words of
// its narrative as well.
type census struct {
	items int
	words map[string]int
}

func take(t *testing.T, data []byte) census {
	t.Helper()
	c := census{words: map[string]int{}}
	d := xml.NewDecoder(bytes.NewReader(data))
	d.CharsetReader = func(name string, r io.Reader) (io.Reader, error) {
		if strings.EqualFold(name, "iso-8859-15") {
			return charmap.ISO8859_15.NewDecoder().Reader(r), nil
		}
		return nil, fmt.Errorf("charset %s", name)
	}
	var open []xml.StartElement
	inside, narrative := 0, 0 // depth of ClinicalDocument and of section/text, 0 outside
	for {
		token, err := d.Token()
		if err == io.EOF {
			return c
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			if inside > 0 && narrative == 0 && says(token) {
				c.items++
			}
			open = append(open, token.Copy())
			switch {
			case inside == 0 && token.Name.Local == "ClinicalDocument":
				inside = len(open)
			case narrative == 0 && len(open) > 1 && token.Name == (xml.Name{Space: v3, Local: "text"}) && open[len(open)-2].Name.Local == "section":
				narrative = len(open)
			}
		case xml.EndElement:
			if len(open) == narrative {
				narrative = 0
			}
			if len(open) == inside {
				inside = 0
			}
			open = open[:len(open)-1]
		case xml.CharData:
			if inside == 0 || len(bytes.Trim(token, " \t\r\n")) == 0 {
				continue
			}
			c.items++
			if narrative > 0 {
				for word := range strings.FieldsSeq(string(token)) {
					c.words[word]++
				}
			}
		}
	}
}

// says reports whether an element is an item by its attributes.
func says(e xml.StartElement) bool {
	a := map[string]string{}
	for _, attr := range e.Attr {
		if attr.Name.Space == "" {
			a[attr.Name.Local] = attr.Value
		}
	}
	own := e.Name.Space == v3
	switch name := e.Name.Local; {
	case own && (name == "templateId" || name == "typeId" || name == "realmCode"):
		return false
	case own && (name == "id" || name == "setId"):
		return a["root"] != "" || a["extension"] != ""
	case own && name == "reference":
		return a["value"] != "" && a["value"] != "#"
	}
	return a["code"] != "" || a["displayName"] != "" || a["value"] != "" || a["negationInd"] == "true"
}

// TestNothingIsLost: the report has every item that the standard library finds,
// and every word of the narrative is in the Composition.
func TestNothingIsLost(t *testing.T) {
	names, _ := filepath.Glob("testdata/*.golden.json")
	for _, name := range names {
		name = strings.TrimSuffix(name, ".golden.json") + ".xml"
		t.Run(filepath.Base(name), func(t *testing.T) { nothingIsLost(t, name) })
	}
}

func nothingIsLost(t *testing.T, name string) adapters.Conversion {
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	c, err := cda.Adapter{}.Convert(context.Background(), adaptertest.Input(data))
	if err != nil {
		t.Fatal(err)
	}
	want := take(t, data)
	if len(c.Report.Items) != want.items {
		t.Errorf("the report has %d items, the document %d", len(c.Report.Items), want.items)
	}
	kept := narrativeWords(t, c)
	for word, n := range want.words {
		if kept[word] < n {
			t.Errorf("%q comes %d times in the narrative and %d in the Composition", word, n, kept[word])
		}
	}
	return c
}

// narrativeWords counts the words in the div of every section.
func narrativeWords(t *testing.T, c adapters.Conversion) map[string]int {
	t.Helper()
	words := map[string]int{}
	for _, div := range divs(t, c) {
		d := xml.NewDecoder(strings.NewReader(div))
		for {
			token, err := d.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("the narrative is not well-formed: %v\n%s", err, div)
			}
			if text, ok := token.(xml.CharData); ok {
				for word := range strings.FieldsSeq(string(text)) {
					words[word]++
				}
			}
		}
	}
	return words
}
