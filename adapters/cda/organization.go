package cda

import (
	"strings"

	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/draft"
)

// organizationOf makes the organisation that a party belongs to, nil when none
// is described.
func (c *conversion) organizationOf(n *node) *draft.Resource {
	return c.organizationResource(firstElement(n, "representedOrganization", "scopingOrganization", "receivedOrganization",
		"representedCustodianOrganization", "scopingEntity"))
}

// organization makes an organisation and returns the Reference to it.
func (c *conversion) organization(n *node) *object {
	if r := c.organizationResource(n); r != nil {
		return c.Reference(r)
	}
	return nil
}

// organizationResource makes an organisation. It is matched by its national
// identifier, or else by an identifier under an OID; one that has only a name
// belongs to the document (R4 invariant org-1 asks for either).
func (c *conversion) organizationResource(n *node) *draft.Resource {
	if n == nil {
		return nil
	}
	o := new(object)
	var tokens []adapters.Token
	for id := range n.Elements("id") {
		if id.Attr("root") == adapters.OIDStructure && id.Attr("extension") != "" {
			national := adapters.ParseStructure(strings.TrimSpace(id.Attr("extension")), c.in.Mode, mark(id))
			if national.Wrong {
				c.warn(adapters.WrongStructure(id.Path()))
			}
			for _, i := range national.Identifiers {
				o.Add("identifier", i)
			}
			tokens = append(tokens, national.Tokens...)
			continue
		}
		i := identifier(id)
		if o.Add("identifier", i); i.Text("system") != "" {
			tokens = append(tokens, adapters.Token{System: i.Text("system"), Value: i.Text("value")})
		}
	}
	o.Add("type", c.coded(n.Element("standardIndustryClassCode")))
	o.Add("type", c.coded(n.Element("code")))
	for name := range n.Elements("name") {
		text, from := words(name)
		if o.Has("name") && o.Text("name") != text {
			o.AddText("alias", text, from...)
			continue
		}
		if o.Has("name") {
			o.Note("name", from...)
			continue
		}
		o.Set("name", text, from...)
	}
	if desc := n.Element("desc"); desc != nil && !o.Has("name") {
		text, from := words(desc)
		o.Set("name", text, from...)
	}
	c.telecoms(o, n)
	c.addresses(o, n)
	whole := n.Element("asOrganizationPartOf", "wholeOrganization")
	o.Put("partOf", c.organization(whole))
	if !o.Has("identifier") && !o.Has("name") {
		return nil
	}
	r := c.shared("Organization", n, tokens, o)
	if name, from := words(n.Element("name")); name != "" && r.Text("name") != name { // known here under another name
		r.Merge(new(object).AddText("alias", name, from...))
	}
	return r
}
