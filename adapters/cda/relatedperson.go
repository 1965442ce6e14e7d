package cda

import (
	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/draft"
)

// relatedPerson makes the person that a relatedEntity or a family-like
// associatedEntity describes: the one to call (ECON), the one to trust (NOK), a
// parent. It is nil when neither name nor number is given.
func (c *conversion) relatedPerson(n *node) *draft.Resource {
	o := new(object)
	for id := range n.Elements("id") {
		o.Add("identifier", identifier(id))
	}
	c.subject(o, "patient")
	if class := token(n.Attr("classCode")); class != "" {
		o.Add("relationship", concept(adapters.System(oidRoleClass), class))
	}
	o.Add("relationship", c.coded(n.Element("code")))
	for name := range firstElement(n, "relatedPerson", "associatedPerson").Elements("name") {
		o.Add("name", c.humanName(name))
	}
	c.telecoms(o, n)
	c.addresses(o, n)
	if t := n.Element("effectiveTime"); t != nil {
		o.Put("period", c.period(t))
	}
	if !o.Has("name") && !o.Has("telecom") && !o.Has("identifier") && !o.Has("address") {
		return nil
	}
	r := c.New("RelatedPerson", n.Path())
	r.Merge(o)
	return r
}

// informer makes whoever an informant names, professional or not, and returns
// the Reference.
func (c *conversion) informer(n *node) *object {
	if related := n.Element("relatedEntity"); related != nil {
		if r := c.relatedPerson(related); r != nil {
			return c.Reference(r)
		}
		return nil
	}
	return c.party(n.Element("assignedEntity"))
}
