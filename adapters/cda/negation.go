package cda

import (
	"slices"

	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/draft"
)

// negatedURL is the extension for what a negated statement says is not so. It
// stands on an element that says it in words as well, so that who does not know
// the extension is not told the contrary.
const negatedURL = adapters.Canonical + "/StructureDefinition/negated-value"

// negatedValue sets the value of an observation that is negated: the contrary
// of an indicator, false for a finding that has no value, and words for all
// else. A search by the value finds nothing that is not so.
func (c *conversion) negatedValue(r *draft.Resource, n *node) {
	said := new(object)
	value := n.Element("value")
	c.value(said, value)
	switch {
	case said.Has("value|boolean"):
		contrary := map[string]string{"true": "false", "false": "true"}[said.Text("value|boolean")]
		r.Literal("value|boolean", contrary, mark(n), mark(value))
	case value.Attr("code") == "" && value.Attr("value") == "" && value.String() == "" && value.Element("low") == nil && value.Element("high") == nil:
		r.Literal("value|boolean", "false", mark(n))
	default:
		text, e := c.notSo(said)
		if text == "" { // it cannot be read: without a value nothing is said to be so
			r.Put("dataAbsentReason", concept(toAbsentReason, "error").Mark(mark(n)))
			return
		}
		r.Set("value|string", text, mark(n))
		r.Put("_value|string", new(object).Add("extension", e))
	}
}

// notSo returns words for a value that is not so, and the extension with it.
func (c *conversion) notSo(said *object) (string, *object) {
	e := extension(negatedURL)
	words := ""
	for _, typ := range valueTypes {
		if !said.Has("value|" + typ) {
			continue
		}
		e.Move(said, "value|"+typ, "value|"+typ)
		switch o := e.Object("value|" + typ); {
		case typ == "CodeableConcept":
			words = describe(o)
		case typ == "Quantity":
			words = o.Text("comparator") + o.Text("value") + " " + o.Text("unit")
		case o == nil:
			words = e.Text("value|" + typ)
		}
	}
	switch {
	case !hasValue(e):
		return "", nil
	case words == "": // a range, a ratio: the extension has it
		words = "?"
	}
	return "Non : " + words, e
}

func hasValue(o *object) bool {
	return slices.ContainsFunc(valueTypes, func(typ string) bool { return o.Has("value|" + typ) })
}

// notHad adds what a relative does not have to the history: as a note with the
// condition in an extension, for FamilyMemberHistory has no other place.
func (c *conversion) notHad(r *draft.Resource, n *node) {
	code := c.coded(n.Element("value"))
	if code == nil {
		code = c.wording(n)
	}
	name := describe(code)
	if name == "" {
		return
	}
	note := new(object).Add("extension", extension(negatedURL).Put("value|CodeableConcept", code.Mark(head(n, mark(n))...)))
	r.Add("note", note.Set("text", "Non : "+name))
	if text, from := c.text(n.Element("text")); text != "" {
		r.Add("note", new(object).Set("text", text, from...))
	}
}
