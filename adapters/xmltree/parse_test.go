package xmltree_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/cordee-sante/cordee/adapters/xmltree"
	"github.com/cordee-sante/cordee/fhir"
)

var config = xmltree.Config{Prefixes: map[string]string{"urn:hl7-org:v3": "", "urn:hl7-org:sdtc": "sdtc",
	"http://www.w3.org/2001/XMLSchema-instance": "xsi"}}

// refused gives for each fault a text and where it must be seen.
var refused = []struct{ name, id, at, text string }{
	{"P07 doctype", "xml.doctype", "/ (1:1)", `<!DOCTYPE a><a/>`},
	{"P07 doctype with entities", "xml.doctype", "/ (2:1)", "<?xml version=\"1.0\"?>\n<!DOCTYPE a [<!ENTITY e \"x\">]><a>&e;</a>"},
	{"P07 doctype cut short", "xml.doctype", "/ (1:1)", `<!DOC`},
	{"P07 entity", "xml.entity", "/{}a (1:4)", `<a>&nbsp;</a>`},
	{"P07 entity in attribute", "xml.entity", "/ (1:7)", `<a b="&x;"/>`},
	{"P07 character reference to control", "xml.entity", "/{}a (1:4)", `<a>&#1;</a>`},
	{"P07 xinclude", "xml.include", "/ (1:46)", `<x xmlns:xi="http://www.w3.org/2001/XInclude" xi:b="1"/>`},
	{"P07 instruction inside", "xml.instruction", "/{}a (1:4)", `<a><?php x?></a>`},
	{"second declaration", "xml.instruction", "/ (1:7)", ` <?xml version="1.0"?><a/>`},
	{"another version", "xml.syntax", "/ (1:1)", `<?xml version="1.1"?><a/>`},
	{"unknown charset", "xml.charset", "/ (1:1)", `<?xml version="1.0" encoding="utf-7"?><a/>`},
	{"utf-16", "xml.charset", "/ (1:1)", "\xff\xfe<\x00a\x00"},
	{"bytes that are not utf-8", "xml.bytes", "/ (2:4)", "<a>\n<b>\xe9</b></a>"},
	{"cp1252 under a false name", "xml.bytes", "/ (1:50)", `<?xml version="1.0" encoding="ISO-8859-1"?><a>l’` + "\x92e</a>"},
	{"control character", "xml.character", "/ (1:4)", "<a>\x00</a>"},
	{"truncated in text", "xml.truncated", "/{}a/{}b (1:8)", `<a><b>x`},
	{"truncated in tag", "xml.truncated", "/{}a (1:10)", `<a><b c="`},
	{"truncated in name", "xml.truncated", "/{}a (1:7)", `<a><bc`},
	{"truncated in comment", "xml.truncated", "/{}a (1:9)", `<a><!-- `},
	{"empty", "xml.truncated", "/ (1:1)", ``},
	{"only a declaration", "xml.truncated", "/ (1:22)", `<?xml version="1.0"?>`},
	{"mismatch", "xml.mismatch", "/{}a/{}b (1:7)", `<a><b></a>`},
	{"end without start", "xml.mismatch", "/ (1:1)", `</a>`},
	{"two roots", "xml.syntax", "/ (1:7)", `<a/><b/>`},
	{"text around the root", "xml.syntax", "/ (1:5)", `<a/>x`},
	{"attribute twice", "xml.duplicate", "/ (1:9)", `<a b="" b=""/>`},
	{"attribute twice by namespace", "xml.duplicate", "/ (1:43)", `<a xmlns:p="urn:x" xmlns:q="urn:x" p:b="" q:b=""/>`},
	{"namespace twice", "xml.duplicate", "/ (1:31)", `<a xmlns="urn:x" xmlns="urn:y"/>`},
	{"undeclared prefix", "xml.prefix", "/ (1:7)", `<x:a/>`},
	{"prefix out of scope", "xml.prefix", "/{}a (1:28)", `<a><p:b xmlns:p="u"/><p:b/></a>`},
	{"name outside ascii", "xml.name", "/ (1:2)", `<é/>`},
	{"two colons", "xml.name", "/ (1:5)", `<a:b:c/>`},
	{"unquoted", "xml.syntax", "/ (1:6)", `<a b=c/>`},
	{"less-than in attribute", "xml.syntax", "/ (1:7)", `<a b="<"/>`},
	{"dashes in comment", "xml.syntax", "/{}a (1:9)", `<a><!-- -- --></a>`},
	{"cdata end in text", "xml.syntax", "/{}a (1:4)", `<a>]]></a>`},
	{"cdata outside", "xml.syntax", "/ (1:1)", `<![CDATA[x]]>`},
}

func TestP07Refused(t *testing.T) {
	for _, tt := range refused {
		t.Run(tt.name, func(t *testing.T) {
			_, err := xmltree.Parse([]byte(tt.text), config)
			var e *fhir.Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v, want %s", err, tt.id)
			}
			if got := e.Issues[0]; got.ID != tt.id || got.At != tt.at {
				t.Errorf("got %s at %q, want %s at %q", got.ID, got.At, tt.id, tt.at)
			}
		})
	}
}

func TestP03Limits(t *testing.T) {
	limited := xmltree.Config{Bytes: 200, Depth: 3, Nodes: 5, Attrs: 2}
	for id, text := range map[string]string{
		"xml.size":       "<a>" + strings.Repeat(" ", 200) + "</a>",
		"xml.depth":      "<a><a><a><a/></a></a></a>",
		"xml.nodes":      "<a><b/><b/><b/><b/><b/></a>",
		"xml.attributes": `<a b="" c="" d=""/>`,
	} {
		_, err := xmltree.Parse([]byte(text), limited)
		var e *fhir.Error
		if !errors.As(err, &e) || e.Issues[0].ID != id {
			t.Errorf("got %v, want %s", err, id)
		}
	}
	deep := strings.Repeat("<a>", 200_000)
	if _, err := xmltree.Parse([]byte(deep), xmltree.Config{}); err == nil {
		t.Error("200,000 levels were accepted")
	}
}

func TestCharsets(t *testing.T) {
	for name, b := range map[string]string{"": "é€", "UTF-8": "é€", "ISO-8859-15": "\xe9\xa4", "windows-1252": "\xe9\x80"} {
		text := "<a>" + b + "</a>"
		if name != "" {
			text = `<?xml version="1.0" encoding="` + name + `"?>` + text
		}
		doc, err := xmltree.Parse([]byte(text), config)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := doc.Root.String(); got != "é€" {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

func TestTree(t *testing.T) {
	text := "\xef\xbb\xbf<?xml version='1.0'?>\r\n<?xml-stylesheet href='x'?><!-- c -->\n" +
		`<p:Doc xmlns:p="urn:hl7-org:v3" xmlns:x="http://www.w3.org/2001/XMLSchema-instance" xmlns:s="urn:hl7-org:sdtc">` +
		"<p:a  x:type='CD' v = \"1&amp;\n2\">t&#233;<![CDATA[<>]]>\r\n u</p:a ><p:a/><s:b/><q:c xmlns:q='urn:other'/></p:Doc>\n"
	doc, err := xmltree.Parse([]byte(text), config)
	if err != nil {
		t.Fatal(err)
	}
	root := doc.Root
	a := root.Element("a")
	if got := a.Attr("xsi:type") + "|" + a.Attr("v") + "|" + a.String(); got != "CD|1& 2|té<> u" {
		t.Errorf("got %q", got)
	}
	var paths []string
	for n := range root.All() {
		paths = append(paths, n.Path())
	}
	want := "/Doc /Doc/a[1] /Doc/a[1]/text()[1] /Doc/a[1]/text()[2] /Doc/a[1]/text()[3] /Doc/a[2] /Doc/sdtc:b /Doc/{urn:other}c"
	if got := strings.Join(paths, " "); got != want {
		t.Errorf("paths\n got %s\nwant %s", got, want)
	}
	if line, column := doc.Position(a.Offset); line != 3 || column != 112 {
		t.Errorf("position %d:%d", line, column)
	}
	lines := doc.Lines()
	if lines(root.Offset) != 3 || lines(a.Offset) != 3 || lines(int32(len(doc.Text))) != 6 {
		t.Error("lines do not ascend as the text does")
	}
	if root.Element("a", "none", "more") != nil || root.Element("none").Attr("x") != "" || a.Parent() != root {
		t.Error("selectors do not answer for what is not there")
	}
}

func TestMixed(t *testing.T) {
	c := config
	c.Mixed = "text"
	for text, want := range map[string]string{
		"<a> <b>x</b> <b>y</b> </a>":                       "xy",
		"<text> <b>x</b> <b>y</b> </text>":                 "x y",
		"<a><text><b>x</b>\n<b>y</b></text> <b>z</b> </a>": "x yz",
	} {
		doc, err := xmltree.Parse([]byte("<r xmlns='urn:hl7-org:v3'>"+text+"</r>"), c)
		if err != nil || doc.Root.String() != want {
			t.Errorf("%s: got %q, %v, want %q", text, doc.Root.String(), err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, tt := range refused {
		f.Add([]byte(tt.text))
	}
	f.Add([]byte(`<a xmlns="urn:hl7-org:v3" b="1">x<b/>y<![CDATA[z]]></a>`))
	f.Add([]byte(`<?xml version="1.0" encoding="ISO-8859-1"?><a>` + "\xe9</a>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := xmltree.Parse(data, config)
		if err != nil {
			return
		}
		if got, want := flat(doc.Root), std(t, doc.Text); got != want {
			t.Errorf("read\n%s\nthe standard library reads\n%s", got, want)
		}
	})
}

// flat writes a tree as one line per node.
func flat(root *xmltree.Node) string {
	var b strings.Builder
	for n := range root.All() {
		if n.IsText() {
			if !n.IsBlank() { // layout outside mixed content has no node
				fmt.Fprintf(&b, "%q\n", n.Text)
			}
			continue
		}
		fmt.Fprintf(&b, "<%s", n.Name[strings.LastIndexAny(n.Name, ":}")+1:])
		for _, a := range n.Attrs {
			fmt.Fprintf(&b, " %s=%q", a.Name[strings.LastIndexAny(a.Name, ":}")+1:], a.Value)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// std writes the same of what encoding/xml reads: whatever this package
// accepts, the standard library accepts and understands alike.
func std(t *testing.T, text string) string {
	var b strings.Builder
	d := xml.NewDecoder(strings.NewReader(text))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	depth := 0
	for {
		token, err := d.Token()
		if err == io.EOF {
			return b.String()
		}
		if err != nil {
			t.Fatalf("the standard library refuses %q: %v", text, err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			depth++
			fmt.Fprintf(&b, "<%s", token.Name.Local)
			for _, a := range token.Attr {
				if a.Name.Space != "xmlns" && a.Name.Local != "xmlns" {
					fmt.Fprintf(&b, " %s=%q", a.Name.Local, strings.NewReplacer("\r\n", " ", "\t", " ", "\n", " ").Replace(a.Value))
				}
			}
			b.WriteString("\n")
		case xml.EndElement:
			depth--
		case xml.CharData:
			if depth > 0 && len(bytes.Trim(token, " \t\r\n")) > 0 {
				fmt.Fprintf(&b, "%q\n", token)
			}
		}
	}
}

func BenchmarkParse(b *testing.B) {
	data := bytes.Repeat([]byte(`<observation classCode="OBS" moodCode="EVN"><code code="74011-8" displayName="Consommation tabagique" codeSystem="2.16.840.1.113883.6.1"/><text><reference value="#tabac"/></text></observation>`), 300)
	data = append(append([]byte(`<ClinicalDocument xmlns="urn:hl7-org:v3">`), data...), "</ClinicalDocument>"...)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := xmltree.Parse(data, config); err != nil {
			b.Fatal(err)
		}
	}
}

// TestAttributesStayTogether: those of one tag do, wherever the memory for them ends,
// and keep their prefixes and values.
func TestAttributesStayTogether(t *testing.T) {
	var b strings.Builder
	b.WriteString(`<a xmlns:p="urn:p">`)
	for i := range 400 {
		b.WriteString(`<b`)
		for j := range i % 8 {
			fmt.Fprintf(&b, ` p:n%d="%d" n%d='%d'`, j, i, j, -i)
		}
		b.WriteString(` xmlns="urn:q"/>`)
	}
	b.WriteString(`</a>`)
	doc, err := xmltree.Parse([]byte(b.String()), xmltree.Config{Prefixes: map[string]string{"urn:p": "own", "urn:q": "", "": ""}})
	if err != nil {
		t.Fatal(err)
	}
	i := 0
	for n := range doc.Root.Elements("b") {
		if len(n.Attrs) != 2*(i%8) {
			t.Fatalf("element %d has %d attributes", i, len(n.Attrs))
		}
		for j := range i % 8 {
			if n.Attr(fmt.Sprint("own:n", j)) != fmt.Sprint(i) || n.Attr(fmt.Sprint("n", j)) != fmt.Sprint(-i) {
				t.Fatalf("element %d: %v", i, n.Attrs)
			}
		}
		i++
	}
	if i != 400 {
		t.Errorf("%d elements", i)
	}
}
