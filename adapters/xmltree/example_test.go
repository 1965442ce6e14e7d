package xmltree_test

import (
	"fmt"

	"github.com/cordee-sante/cordee/adapters/xmltree"
)

// Elements are found by name; every node knows where it stands.
func ExampleParse() {
	doc, err := xmltree.Parse([]byte("<a xmlns='urn:x'>\n  <b n='1'/>\n  <b n='2'>two</b>\n</a>"), xmltree.Config{Prefixes: map[string]string{"urn:x": ""}})
	if err != nil {
		panic(err)
	}
	for b := range doc.Root.Elements("b") {
		line, column := doc.Position(b.Offset)
		fmt.Printf("%s n=%s %q at %d:%d\n", b.Path(), b.Attr("n"), b.String(), line, column)
	}
	_, err = xmltree.Parse([]byte("<a>\n  <b></a>"), xmltree.Config{})
	fmt.Println(err)
	// Output:
	// /a/b[1] n=1 "" at 2:3
	// /a/b[2] n=2 "two" at 3:3
	// xmltree.Parse: unprocessable: xml.mismatch
}
