package cda

import (
	"strings"

	"github.com/cordee-sante/cordee/adapters"
)

// number goes through the document once and gives every item of it its number
// in the report, which is kept in Node.Mark.
//
// An item is an element that says something by its attributes (a code, a value,
// an identifier, negation) or a run of text that is not blank. What only says
// how to read the document (templateId, typeId, realmCode, classCode, moodCode,
// typeCode, xsi:type) is none, and neither is an element that says no more than
// why it is empty (nullFlavor).
func (c *conversion) number() {
	c.numberBelow(c.root, false)
	lines := c.doc.Lines()
	c.Lines = func(p adapters.Place) int { return lines(p.(*node).Offset) }
}

// numberBelow numbers what is below n; narrative is set inside section/text.
func (c *conversion) numberBelow(n *node, narrative bool) {
	for child := range n.Nodes() {
		if child.IsBlank() {
			continue
		}
		if kind := itemKind(child, narrative); kind != 0 {
			child.Mark = c.Item(kind, child)
		}
		c.numberBelow(child, narrative || isNarrative(child))
	}
}

// malformed says why an item could not be mapped whatever it means, empty when
// its form is right.
func (c *conversion) malformed(n *node) string {
	switch kind := itemKind(n, false); {
	case xsiType(n) == "TEL" || xsiType(n) == "URL":
		return ""
	case kind == adapters.KindDate && c.dateTime(n) == "":
		return "cda.malformed-date"
	case kind == adapters.KindQuantity && decimal(n.Attr("value")) == "":
		return "cda.malformed-number"
	}
	return ""
}

// isNarrative reports whether a node is the text of a section.
func isNarrative(n *node) bool { return n.Name == "text" && n.Parent().Name == "section" }

// itemKind says what item a node is, empty for none.
func itemKind(n *node, narrative bool) adapters.ItemKind {
	switch {
	case n.IsText():
		return textKind(n.Parent(), narrative)
	case narrative:
		return 0
	}
	switch n.Name {
	case "templateId", "typeId", "realmCode":
		return 0
	case "id", "setId":
		if n.Attr("root") != "" || n.Attr("extension") != "" {
			return adapters.KindIdentifier
		}
		return 0
	case "reference":
		if v := n.Attr("value"); v != "" && v != "#" {
			return adapters.KindReference
		}
		return 0
	case "telecom":
		if n.Attr("value") != "" {
			return adapters.KindTelecom
		}
		return 0
	}
	switch {
	case n.Attr("code") != "" || n.Attr("displayName") != "":
		return adapters.KindCode
	case n.Attr("value") != "":
		return valueKind(n)
	case n.Attr("negationInd") == "true":
		return adapters.KindIndicator
	}
	return 0
}

// valueKind tells times from quantities and indicators by the shape that CDA
// gives them: only a quantity has a unit, only a time is 4 to 24 digits under a
// name of time.
func valueKind(n *node) adapters.ItemKind {
	v := n.Attr("value")
	typ := xsiType(n)
	switch {
	case v == "true" || v == "false":
		return adapters.KindIndicator
	case strings.HasSuffix(typ, "TS"), typ == "" && !n.HasAttr("unit") && timeName(n):
		return adapters.KindDate
	}
	return adapters.KindQuantity
}

func timeName(n *node) bool {
	switch n.Name {
	case "effectiveTime", "time", "birthTime", "availabilityTime", "sdtc:deceasedTime", "pharm:expirationTime":
		return true
	case "low", "high", "center":
		return timeName(n.Parent()) || strings.HasSuffix(xsiType(n.Parent()), "TS")
	}
	return false
}

// textKind tells a run of text by the element it stands in.
func textKind(in *node, narrative bool) adapters.ItemKind {
	if narrative {
		return adapters.KindText
	}
	switch in.Name {
	case "name", "family", "given", "prefix", "suffix":
		return adapters.KindName
	case "addr", "houseNumber", "streetName", "streetNameType", "streetAddressLine", "postalCode", "city", "country", "county", "state",
		"unitID", "additionalLocator", "precinct", "postBox", "houseNumberNumeric", "delimiter":
		return adapters.KindAddress
	}
	if in.Attr("representation") == "B64" {
		return adapters.KindMedia
	}
	return adapters.KindText
}

// xsiType returns the data type that a node names, without prefix.
func xsiType(n *node) string {
	t := n.Attr("xsi:type")
	return t[strings.LastIndexByte(t, ':')+1:]
}
