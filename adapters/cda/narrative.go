package cda

import (
	"slices"
	"strings"
)

// Narrative blocks of CDA (HL7 CDA R2 §4.3.5) become the XHTML that FHIR allows
// (R4 narrative.html#rules). Only elements and attributes that are named here
// are written, so nothing that runs, loads or hides comes through (P08); what
// stands inside an element that is not named is kept.

// htmlNames are the elements of CDA's narrative by their name in XHTML.
var htmlNames = map[string]string{
	"content": "span", "paragraph": "p", "list": "ul", "item": "li", "linkHtml": "a", "br": "br", "sub": "sub", "sup": "sup",
	"table": "table", "caption": "caption", "colgroup": "colgroup", "col": "col", "thead": "thead", "tfoot": "tfoot", "tbody": "tbody",
	"tr": "tr", "th": "th", "td": "td", "footnote": "span", "footnoteRef": "span",
}

// htmlAttributes are the attributes that are copied, by element.
var htmlAttributes = map[string][]string{
	"table": {"border", "cellpadding", "cellspacing", "summary", "width"},
	"th":    {"colspan", "rowspan", "align", "valign", "abbr", "scope"},
	"td":    {"colspan", "rowspan", "align", "valign", "abbr", "scope"},
	"tr":    {"align", "valign"}, "thead": {"align", "valign"}, "tbody": {"align", "valign"}, "tfoot": {"align", "valign"},
	"col": {"span", "align", "width"}, "colgroup": {"span", "align", "width"},
}

// styles are the styleCodes of CDA that FHIR's narrative style sheet has, as
// the element that shows them.
var styles = map[string]string{"Bold": "b", "Italics": "i", "Emphasis": "em", "Underline": "u"}

// narrative returns the Narrative of a section's text, nil when it says
// nothing. Its items are kept as narrative.
func (c *conversion) narrative(n *node) *object {
	var from []origin
	for t := range n.All() {
		if t.Mark == 0 {
			continue
		}
		from = append(from, t.Mark)
		c.Keep(t.Mark)
	}
	if len(from) == 0 {
		return nil
	}
	w := htmlWriter{c: c, b: make([]byte, 0, 1024)}
	w.b = append(w.b, `<div xmlns="http://www.w3.org/1999/xhtml">`...)
	w.children(n)
	w.b = append(w.b, "</div>"...)
	return new(object).Set("status", "additional").Set("div", string(w.b), from...)
}

// htmlWriter writes XHTML.
type htmlWriter struct {
	c *conversion
	b []byte
}

func (w *htmlWriter) children(n *node) {
	for child := range n.Nodes() {
		switch {
		case child.IsText():
			w.text(child.Text)
		case child.Name == "renderMultiMedia":
			w.media(child)
		default:
			w.element(child)
		}
	}
}

// element writes an element, or only what is in it when its name is unknown.
func (w *htmlWriter) element(n *node) {
	name := htmlNames[n.Name]
	if name == "" {
		w.children(n)
		return
	}
	if n.Name == "list" && n.Attr("listType") == "ordered" {
		name = "ol"
	}
	if name == "caption" && n.Parent().Name != "table" {
		name = "b" // the caption of a list or paragraph
	}
	w.b = append(append(w.b, '<'), name...)
	w.attribute("id", anchorID(n.Attr("ID")))
	for _, a := range htmlAttributes[n.Name] {
		if n.HasAttr(a) {
			w.attribute(a, n.Attr(a))
		}
	}
	if name == "a" && safeLink(n.Attr("href")) {
		w.attribute("href", n.Attr("href"))
	}
	if n.Attr("revised") == "delete" { // XHTML of FHIR has no del
		w.attribute("style", "text-decoration: line-through")
	}
	if name == "br" || name == "col" {
		w.b = append(w.b, "/>"...)
		return
	}
	w.b = append(w.b, '>')
	var open []string
	for style := range strings.FieldsSeq(n.Attr("styleCode")) {
		if tag := styles[style]; tag != "" && !blockLevel(name) && !slices.Contains(open, tag) {
			open = append(open, tag)
			w.b = append(append(append(w.b, '<'), tag...), '>')
		}
	}
	w.children(n)
	for _, tag := range slices.Backward(open) {
		w.b = append(append(append(w.b, "</"...), tag...), '>')
	}
	w.b = append(append(append(w.b, "</"...), name...), '>')
}

// blockLevel elements hold other blocks, which inline styles may not surround.
func blockLevel(name string) bool {
	switch name {
	case "table", "thead", "tbody", "tfoot", "tr", "colgroup", "ul", "ol", "li", "td", "th":
		return true
	}
	return false
}

// attribute writes an attribute that is not empty, or zero.
func (w *htmlWriter) attribute(name, value string) {
	if value == "" {
		return
	}
	w.b = append(append(append(w.b, ' '), name...), `="`...)
	w.escape(value)
	w.b = append(w.b, '"')
}

// text writes character data: a run of white space as one space.
func (w *htmlWriter) text(s string) {
	if strings.TrimLeft(s, " \t\r\n") == "" {
		if !strings.Contains(s, "\n") || len(w.b) > 0 && w.b[len(w.b)-1] != '>' {
			w.b = append(w.b, ' ')
		} else {
			w.b = append(w.b, '\n')
		}
		return
	}
	w.escape(s)
}

func (w *htmlWriter) escape(s string) {
	for i := range len(s) {
		switch s[i] {
		case '<':
			w.b = append(w.b, "&lt;"...)
		case '>':
			w.b = append(w.b, "&gt;"...)
		case '&':
			w.b = append(w.b, "&amp;"...)
		case '"':
			w.b = append(w.b, "&quot;"...)
		default:
			w.b = append(w.b, s[i])
		}
	}
}

// media stands for a picture that the section's entries hold: the text says
// that there is one. The picture itself is a resource beside the narrative.
func (w *htmlWriter) media(n *node) {
	w.b = append(w.b, `<span class="media">`...)
	w.children(n)
	w.b = append(w.b, "</span>"...)
}

// safeLink reports whether an address may be followed from a narrative.
func safeLink(href string) bool {
	scheme, _, found := strings.Cut(href, ":")
	if !found {
		return strings.HasPrefix(href, "#")
	}
	switch strings.ToLower(scheme) {
	case "http", "https", "mailto", "tel":
		return true
	}
	return false
}

// anchorID returns an ID that XHTML takes; others are dropped, since nothing
// but this document refers to them.
func anchorID(id string) string {
	for i := range len(id) {
		c := id[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.') {
			return ""
		}
	}
	return id
}
