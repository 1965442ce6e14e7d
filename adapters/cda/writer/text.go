package writer

import (
	"encoding/xml"
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/adapters/xmltree"
)

// The XHTML of a FHIR narrative becomes the narrative block of CDA (HL7 CDA R2
// §4.3.5): the inverse of what package cda reads, so that one which came from
// CDA goes back as it was. What stands inside an element that CDA has no name
// for is kept.

// blocks are the elements of CDA by their name in XHTML.
var blocks = map[string]string{"span": "content", "p": "paragraph", "ul": "list", "ol": "list", "li": "item", "a": "linkHtml", "br": "br", "sub": "sub", "sup": "sup",
	"table": "table", "caption": "caption", "colgroup": "colgroup", "col": "col", "thead": "thead", "tfoot": "tfoot", "tbody": "tbody", "tr": "tr", "th": "th", "td": "td",
	"b": "content", "strong": "content", "i": "content", "em": "content", "u": "content",
	"h1": "paragraph", "h2": "paragraph", "h3": "paragraph", "h4": "paragraph", "h5": "paragraph", "h6": "paragraph"}

// styles are the styleCodes of elements that show something.
var styles = map[string]string{"b": "Bold", "strong": "Bold", "i": "Italics", "em": "Emphasis", "u": "Underline",
	"h1": "Bold", "h2": "Bold", "h3": "Bold", "h4": "Bold", "h5": "Bold", "h6": "Bold"}

// attributes are those that CDA has too.
var attributes = map[string]bool{"border": true, "cellpadding": true, "cellspacing": true, "summary": true, "width": true, "colspan": true, "rowspan": true,
	"align": true, "valign": true, "abbr": true, "scope": true, "span": true}

// narrative returns the text of a section, nil when there is none, and notes
// the ids in it. XHTML that cannot be read is left out: the gateway stores none.
func (w *writer) narrative(div string) *element {
	w.anchors = map[string]string{}
	if div == "" {
		return nil
	}
	d := xml.NewDecoder(strings.NewReader(div))
	d.Entity = xml.HTMLEntity
	text := el("text")
	text.mixed = true
	open := []*element{text}
	depth := 0
	for {
		token, err := d.Token()
		if err != nil {
			break
		}
		switch t := token.(type) {
		case xml.StartElement:
			e := block(t)
			if depth++; depth == 1 || e == nil {
				open = append(open, open[len(open)-1]) // the div itself, or one that CDA has not
				continue
			}
			open[len(open)-1].add(e)
			open = append(open, e)
		case xml.EndElement:
			open = open[:len(open)-1]
			depth--
		case xml.CharData:
			if e := open[len(open)-1]; depth > 0 {
				e.children = append(e.children, &element{text: string(t)})
			}
		}
	}
	tidy(text)
	w.anchor(text)
	return text
}

// block returns the element of CDA for one of XHTML, nil for none.
func block(t xml.StartElement) *element {
	name := blocks[t.Name.Local]
	if name == "" {
		return nil
	}
	e := el(name)
	if t.Name.Local == "ol" {
		e.set("listType", "ordered")
	}
	for _, a := range t.Attr {
		switch {
		case a.Name.Local == "id":
			e.set("ID", a.Value)
		case a.Name.Local == "href" && name == "linkHtml":
			e.set("href", a.Value)
		case a.Name.Local == "style" && strings.Contains(a.Value, "line-through"):
			e.set("revised", "delete")
		case attributes[a.Name.Local] && name != "content" && name != "paragraph":
			e.set(a.Name.Local, a.Value)
		}
	}
	e.style = styles[t.Name.Local] != "" && name == "content"
	return e.set("styleCode", styles[t.Name.Local])
}

// tidy gives a style to the element around that has nothing else in it, since
// CDA has it as an attribute, and a body to rows that have none.
func tidy(e *element) {
	for _, c := range e.children {
		tidy(c)
	}
	if len(e.children) == 1 && (e.name == "content" || e.name == "paragraph") {
		if c := e.children[0]; c.style && len(c.attrs) == 2 {
			if i := slices.Index(e.attrs, "styleCode"); i >= 0 {
				e.attrs[i+1] += " " + c.attrs[1]
			} else {
				e.set("styleCode", c.attrs[1])
			}
			e.children = c.children
		}
	}
	if e.name == "table" && slices.ContainsFunc(e.children, func(c *element) bool { return c.name == "tr" }) {
		body := el("tbody")
		e.children = slices.DeleteFunc(e.children, func(c *element) bool {
			if c.name == "tr" {
				body.add(c)
			}
			return c.name == "tr"
		})
		e.add(body)
	}
}

// anchor notes what the elements with an id say, the first of those that say
// the same.
func (w *writer) anchor(e *element) {
	if i := slices.Index(e.attrs, "ID"); i >= 0 && i%2 == 0 {
		said := squeeze(content(e))
		if _, taken := w.anchors[said]; said != "" && !taken {
			w.anchors[said] = e.attrs[i+1]
		}
	}
	for _, c := range e.children {
		w.anchor(c)
	}
}

// content is the text in an element.
func content(e *element) string {
	if e.name == "" {
		return e.text
	}
	var b strings.Builder
	for _, c := range e.children {
		b.WriteString(content(c))
	}
	return b.String()
}

func squeeze(s string) string { return xmltree.Squeeze(s) }
