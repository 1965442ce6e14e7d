package cda

import (
	"strings"
	"unicode"

	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/xmltree"
)

// coded returns the CodeableConcept of a CD, CE or CV: the code, its
// translations, and as text the original text, which may stand in the narrative
// of the section. It is nil when the node says nothing.
func (c *conversion) coded(n *node) *object {
	if n == nil {
		return nil
	}
	o := new(object)
	codings(o, n, 2)
	text, from := c.text(firstElement(n, "originalText", "pharm:originalText"))
	if text == "" { // of an SC
		text, from = ownText(n)
	}
	if text == "" && !o.Has("coding") {
		text = strings.TrimSpace(n.Attr("displayName"))
	}
	if shown := xmltree.Squeeze(n.Attr("displayName")); shown != "" && token(n.Attr("code")) == "" { // a code that was left out, with its name
		if shown == xmltree.Squeeze(text) {
			from = append(from, mark(n))
		} else {
			o.Add("coding", new(object).Set("system", adapters.System(n.Attr("codeSystem"))).Set("display", shown, mark(n)))
		}
	}
	o.Set("text", text, from...)
	if o.Empty() && n.Element("qualifier") == nil {
		return nil
	}
	for t := range n.Elements("translation") {
		if again, from := c.text(t.Element("originalText")); again != "" && again == text {
			o.Note("text", from...)
		}
	}
	for q := range n.Elements("qualifier") {
		o.Add("extension", c.qualifier(q))
	}
	if o.Empty() {
		return nil
	}
	return o
}

// codings adds the codings of a code and of its translations, which may have some
// themselves.
func codings(o *object, n *node, depth int) {
	o.Add("coding", coding(n))
	if depth == 0 {
		return
	}
	for t := range n.Elements("translation") {
		codings(o, t, depth-1)
	}
}

// qualifier is what a CD says more closely, a side or a stage for instance,
// which a CodeableConcept has no element for.
func (c *conversion) qualifier(n *node) *object {
	name, value := c.coded(n.Element("name")), c.coded(n.Element("value"))
	if name == nil && value == nil {
		return nil
	}
	e := extension(adapters.Canonical + "/StructureDefinition/qualifier")
	if name != nil {
		e.Add("extension", extension("name").Put("value|CodeableConcept", name))
	}
	if value != nil {
		e.Add("extension", extension("value").Put("value|CodeableConcept", value))
	}
	return e
}

// coding returns the Coding of a code, nil when it has none.
func coding(n *node) *object {
	code := token(n.Attr("code"))
	if code == "" {
		return nil
	}
	return new(object).Set("system", adapters.System(n.Attr("codeSystem"))).
		Set("version", n.Attr("codeSystemVersion")).
		Set("code", code, mark(n)).
		Set("display", xmltree.Squeeze(n.Attr("displayName")))
}

// token returns s as a FHIR code: no white space at the ends, none but single
// spaces inside (R4 datatypes.html#code). It is empty for what cannot be one.
func token(s string) string {
	s = xmltree.Squeeze(s)
	if strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) && r != ' ' }) {
		return ""
	}
	return s
}

// language returns the code of a languageCode, which FHIR takes as BCP 47.
func language(n *node) string {
	code := token(n.Attr("code"))
	if strings.Contains(code, " ") {
		return ""
	}
	return code
}

// translated is the concept of a code that FHIR requires, with the code of the
// document beside it where that is another one.
func (c *conversion) translated(system, code string, value *node) *object {
	o := concept(system, code, mark(value))
	own := c.coded(value)
	for _, coding := range own.Objects("coding") {
		if coding.Text("code") != code {
			o.Add("coding", coding)
		}
	}
	o.Copy(own, "text")
	o.Copy(own, "extension")
	return o
}

// sourceCoding is the extension of an element of type code for the code of the
// document that it was made of.
const sourceCoding = adapters.Canonical + "/StructureDefinition/source-coding"

// asCode sets an element of type code to what a small observation says, with the
// codes of the document in extensions where they are other ones.
func (c *conversion) asCode(o *object, name, code string, s *node) {
	value := s.Element("value")
	from := head(s, mark(value))
	beside := c.sourceCodes(code, value)
	for _, ed := range []*node{s.Element("text"), value.Element("originalText")} {
		words, said := c.text(ed)
		if written, _ := ownText(ed); written == "" { // they stand in the narrative
			from = append(from, said...)
		} else {
			beside.Add("extension", extension(baseExtension+"originalText").Set("value|string", words, said...))
		}
	}
	o.Set(name, code, from...)
	o.Put("_"+name, beside)
}

// besides adds what the document said to an element of type code, in extensions.
func (c *conversion) besides(o *object, name, code string, value *node) {
	o.Put("_"+name, c.sourceCodes(code, value))
}

// sourceCodes are the extensions with the codes and qualifiers that a code was made
// of.
func (c *conversion) sourceCodes(code string, value *node) *object {
	beside, own := new(object), c.coded(value)
	for _, coding := range own.Objects("coding") {
		if coding.Text("code") != code {
			beside.Add("extension", extension(sourceCoding).Put("value|Coding", coding))
		}
	}
	for _, e := range own.Objects("extension") {
		beside.Add("extension", e)
	}
	return beside
}

// text returns the text of an ED or ST: written in it, or in the narrative of
// the section that its reference points into. The origins are those of the
// reference and of the text written here.
func (c *conversion) text(n *node) (string, []origin) {
	if n == nil {
		return "", nil
	}
	var from []origin
	for child := range n.Nodes() {
		if child.IsText() && child.Mark != 0 {
			from = append(from, child.Mark)
		}
	}
	written := ""
	if len(from) > 0 {
		written = n.String()
	}
	reference := firstElement(n, "reference", "pharm:reference")
	target := c.anchor(reference.Attr("value"))
	switch {
	case mark(reference) == 0 || isOutside(reference.Attr("value")):
	case target == nil:
		c.Refuse(mark(reference), "cda.dangling-reference")
	default:
		said := target.String()
		if written == "" || strings.Contains(said, written) {
			return said, append(from, mark(reference))
		}
		return written, append(from, mark(reference)) // what it points at stays in the narrative
	}
	return written, from
}

// isOutside reports whether a reference is the URL of something outside the
// document.
func isOutside(reference string) bool { return strings.Contains(reference, ":") && reference[0] != '#' }
