package store

import (
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestWhereWhatIs: the package comment names every file, so that who comes new
// finds their way.
func TestWhereWhatIs(t *testing.T) {
	doc, err := parser.ParseFile(token.NewFileSet(), "doc.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{"doc": true, "store": true}
	for _, word := range regexp.MustCompile("[a-z]+").FindAllString(doc.Doc.Text(), -1) {
		named[word] = true
	}
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		name, is := strings.CutSuffix(f.Name(), ".go")
		if is && !strings.HasSuffix(name, "_test") && !named[name] {
			t.Errorf("%s.go is not on the map in doc.go", name)
		}
	}
}
