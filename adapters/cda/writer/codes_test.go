package writer_test

import (
	"bytes"
	"encoding/xml"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/cordee-sante/cordee/adapters/adaptertest"
)

// entryCodes are the codes and quantities of the entries of a document, as the XML
// has them: code|system and value|unit, with how often.
func entryCodes(t *testing.T, data []byte) map[string]int {
	t.Helper()
	codes := map[string]int{}
	d := xml.NewDecoder(bytes.NewReader(data))
	depth, entry := 0, 0
	for {
		token, err := d.Token()
		if err == io.EOF {
			return codes
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			if depth++; token.Name.Local == "entry" && entry == 0 {
				entry = depth
			}
			a := map[string]string{}
			for _, attr := range token.Attr {
				a[attr.Name.Local] = attr.Value
			}
			switch {
			case entry == 0:
			case a["code"] != "" && a["codeSystem"] != "":
				codes[strings.Join(strings.Fields(a["code"]), " ")+"|"+a["codeSystem"]]++
			case a["value"] != "" && a["unit"] != "":
				codes[strings.TrimPrefix(a["value"], "+")+"|"+a["unit"]]++
			}
		case xml.EndElement:
			if depth == entry {
				entry = 0
			}
			depth--
		}
	}
}

// untold are codes that need not come again: those of statements that are all of
// one kind, which FHIR says by the type of the resource or the name of the element;
// and those of comments that are entries, and of what was no value.
var untold = regexp.MustCompile(`^(DRUG|SEV|64572001|G-1009|GEN-31[89]|MED-80[13]|94030-4|48767-8|4234[89]-[13]|7,5|confirmed)\|`)

// TestCodesOfCDA compares the documents themselves: the codes and quantities of the
// entries that came are those of the entries that go out.
func TestCodesOfCDA(t *testing.T) {
	names, _ := filepath.Glob("../testdata/*.golden.json")
	for i := range names {
		names[i] = strings.TrimSuffix(names[i], ".golden.json") + ".xml"
	}
	t.Run("own", func(t *testing.T) { codesOfCDA(t, names) })
	t.Run("published", func(t *testing.T) { codesOfCDA(t, adaptertest.Shared(t, "samples/cda/fr/*.xml")) })
}

func written(t *testing.T, data []byte) []byte {
	c := read(t, data)
	return writeWith(t, bundle(t, c), c.Changes)
}

func codesOfCDA(t *testing.T, names []string) {
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if !utf8.Valid(data) {
				t.Skip("another charset")
			}
			before := entryCodes(t, data)
			after := entryCodes(t, written(t, data))
			for _, code := range slices.Sorted(maps.Keys(before)) {
				if after[code] == 0 && !untold.MatchString(code) {
					t.Errorf("%s", code)
				}
			}
		})
	}
}
