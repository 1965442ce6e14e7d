package cda

import (
	"slices"
	"strings"
)

// street are the parts of an address that make its first line, in the order in
// which a French address is written, and own those that get a line each.
var (
	street = []string{"houseNumber", "houseNumberNumeric", "streetNameType", "streetName", "streetNameBase"}
	own    = []string{"streetAddressLine", "additionalLocator", "unitID", "unitType", "deliveryAddressLine", "precinct"}
	places = [][2]string{{"city", "city"}, {"county", "district"}, {"state", "state"}, {"postalCode", "postalCode"}, {"country", "country"}}
)

// address returns the Address of an AD, nil when nothing is said.
func (c *conversion) address(n *node) *object {
	if n == nil {
		return nil
	}
	o := new(object).Set("use", c.addressUse(n.Attr("use")))
	if text, from := ownText(n); text != "" {
		o.Set("text", text, from...)
	}
	line, from := join(n, street)
	o.AddText("line", line, from...)
	for _, name := range own {
		for part := range n.Elements(name) {
			text, from := words(part)
			o.AddText("line", text, from...)
		}
	}
	c.furtherLines(o, n)
	for _, place := range places {
		text, from := words(n.Element(place[0]))
		o.Set(place[1], text, from...)
	}
	if !o.Has("line") && !o.Has("city") && !o.Has("text") && !o.Has("country") && !o.Has("postalCode") && !o.Has("district") && !o.Has("state") {
		return nil
	}
	return o
}

// furtherLines adds the parts that have no element and no place of their own in a
// line, as lines: in whose care, a post box, a delivery point. What only stands
// between parts is said by there being several.
func (c *conversion) furtherLines(o *object, n *node) {
	for part := range n.Elements("") {
		text, from := words(part)
		switch {
		case slices.Contains(street, part.Name) || slices.Contains(own, part.Name) || isPlace(part.Name):
		case part.Name == "delimiter":
			o.Mark(from...)
		case part.Name == "useablePeriod":
			o.Put("period", c.period(part))
		default:
			o.AddText("line", text, from...)
		}
	}
}

func isPlace(name string) bool {
	return slices.ContainsFunc(places, func(p [2]string) bool { return p[0] == name })
}

// join returns the parts of those names as one text.
func join(n *node, names []string) (string, []origin) {
	var texts []string
	var all []origin
	for _, name := range names {
		for part := range n.Elements(name) {
			if text, from := words(part); text != "" {
				texts, all = append(texts, text), append(all, from...)
			}
		}
	}
	return strings.Join(texts, " "), all
}

// addressUse returns the first use that FHIR has.
func (c *conversion) addressUse(uses string) string {
	for use := range strings.FieldsSeq(uses) {
		if to := c.attributed(toAddressUse, "AddressUse", use); to != "" {
			return to
		}
	}
	return ""
}

// addresses adds the Address of every addr.
func (c *conversion) addresses(o *object, n *node) {
	for a := range n.Elements("addr") {
		o.Add("address", c.address(a))
	}
}
