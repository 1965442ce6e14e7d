package cda

import (
	"slices"
	"strings"
)

// humanName returns the HumanName of a person who is not the patient, nil when
// nothing is said.
func (c *conversion) humanName(n *node) *object {
	if n == nil {
		return nil
	}
	o := new(object).Set("use", c.attributed(toNameUse, "EntityNameUse", n.Attr("use")))
	family, from := families(n)
	o.Set("family", family, from...)
	for _, part := range []string{"given", "prefix", "suffix"} {
		for p := range n.Elements(part) {
			text, from := words(p)
			o.AddText(part, text, from...)
		}
	}
	if !o.Has("family") && !o.Has("given") {
		if text, from := ownText(n); text != "" {
			o.Set("text", text, from...)
		}
	} else if between := delimiters(n); len(between) > 0 { // they have no part of their own
		o.Set("text", n.String(), between...)
	}
	if valid := n.Element("validTime"); valid != nil {
		o.Put("period", c.period(valid))
	}
	if o.Empty() {
		return nil
	}
	return o
}

// delimiters are the runs of what stands between the parts of a name.
func delimiters(n *node) (from []origin) {
	for d := range n.Elements("delimiter") {
		_, runs := words(d)
		from = append(from, runs...)
	}
	return from
}

// families returns the family names as one, each once: FHIR has a single
// element where CDA may write several.
func families(n *node) (string, []origin) {
	var texts []string
	var all []origin
	for part := range n.Elements("family") {
		text, from := words(part)
		if text != "" && !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
		all = append(all, from...)
	}
	return strings.Join(texts, " "), all
}

// words returns the text of a leaf as it is written, white space squeezed, with
// the origins of its runs.
func words(n *node) (string, []origin) {
	if n == nil {
		return "", nil
	}
	var from []origin
	for child := range n.All() {
		if child.IsText() && child.Mark != 0 {
			from = append(from, child.Mark)
		}
	}
	if len(from) == 0 {
		return "", nil
	}
	return n.String(), from
}

// ownText returns the text that stands directly in an element.
func ownText(n *node) (string, []origin) {
	var from []origin
	var b strings.Builder
	for child := range n.Nodes() {
		if child.IsText() && child.Mark != 0 {
			from = append(from, child.Mark)
			b.WriteString(child.Text)
		}
	}
	return strings.Join(strings.Fields(b.String()), " "), from
}
