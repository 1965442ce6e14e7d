package cda

import (
	"time"

	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/draft"
)

// children are the codes of RoleCode by which a document of a mother names her
// child.
var children = map[string]bool{"CHILD": true, "NCHILD": true, "SON": true, "NSON": true, "DAU": true, "NDAU": true, "SONC": true, "DAUC": true}

// newborn makes the second patient of a document about a birth: the child of
// the patient, who is linked with both sides by RelatedPerson. The same child is
// described in several parts of a document; twins are told apart by what is
// said of them. It is nil when the subject is nobody's child, or nothing but
// that.
func (c *conversion) newborn(n *node) *draft.Resource {
	person := n.Element("subject")
	if !children[n.Element("code").Attr("code")] || person.Element("birthTime").Attr("value") == "" && person.Element("name") == nil {
		return nil
	}
	key := newbornKey(n, person)
	r := c.newborns[key]
	if r == nil {
		r = c.New("Patient", "newborn", key)
		c.newborns[key] = r
		c.kinship(n, r, key)
	}
	r.Mark(mark(n.Element("code")))
	o := new(object)
	for id := range n.Elements("sdtc:id") {
		o.Add("identifier", identifier(id))
	}
	for name := range person.Elements("name") {
		c.patientNames(o, name)
	}
	c.telecoms(o, n)
	gender := person.Element("administrativeGenderCode")
	o.Set("gender", c.known(gender, toGender), mark(gender))
	c.birth(o, person)
	c.death(o, person)
	c.addresses(o, n)
	r.Merge(o)
	return r
}

// newbornKey tells the children of one birth apart.
func newbornKey(n, person *node) string {
	if id := n.Element("sdtc:id"); id.Attr("root") != "" {
		return id.Attr("root") + "^" + id.Attr("extension")
	}
	return person.Element("name").String() + "^" + person.Element("birthTime").Attr("value") + "^" +
		person.Element("administrativeGenderCode").Attr("code") + "^" + person.Element("sdtc:multipleBirthOrderNumber").Attr("value")
}

// kinship links a parent and a newborn: a RelatedPerson of the child that is the
// patient, with his national identifier, and one of the patient that is the child.
func (c *conversion) kinship(n *node, child *draft.Resource, key string) {
	role := map[string]string{"female": "MTH", "male": "FTH"}[c.patient.Text("gender")]
	if role == "" {
		role = "PRN"
	}
	parent := c.New("RelatedPerson", "parent", key)
	if ids := c.patient.Objects("identifier"); c.unidentified == nil && len(ids) > 0 {
		parent.Add("identifier", ids[0])
	}
	parent.Put("patient", c.Reference(child))
	parent.Add("relationship", concept(adapters.System(oidRoleCode), role))
	parent.Copy(&c.patient.Object, "name")
	parent.Add("extension", extension(relatedPatient).Put("value|Reference", c.Reference(c.patient)))
	kin := c.New("RelatedPerson", "child", key)
	kin.Put("patient", c.Reference(c.patient))
	kin.Add("relationship", c.coded(n.Element("code")))
	kin.Add("extension", extension(relatedPatient).Put("value|Reference", c.Reference(child)))
}

const (
	oidRoleCode = "2.16.840.1.113883.5.111"

	// relatedPatient is the extension that says which Patient a RelatedPerson is.
	relatedPatient = adapters.Canonical + "/StructureDefinition/related-patient"
)

// justBorn reports whether a child was born within two months before the
// document was written: then it is the newborn that the document is about, and
// otherwise an earlier child in the history of the mother.
func (c *conversion) justBorn(n *node) bool {
	born, err := time.Parse(time.DateOnly, dayOf(c.date(n.Element("subject", "birthTime"))))
	written, err2 := time.Parse(time.DateOnly, dayOf(c.effective))
	const newbornDays = 60
	return err == nil && err2 == nil && written.Sub(born).Abs() <= newbornDays*24*time.Hour
}

// birthOf maps FR-Naissance: what was observed at a birth. It is about the
// newborn when the document is, and else about the mother with the child as
// focus.
func birthOf(c *conversion, n *node) []*draft.Resource {
	if related := n.Element("subject", "relatedSubject"); c.justBorn(related) {
		if child := c.newborn(related); child != nil {
			outer := c.about
			c.about = child
			defer func() { c.about = outer }()
		}
	}
	return panelOf(c, n, "")
}

// relative makes the RelatedPerson of a subject who is not the patient.
func (c *conversion) relatedSubject(n *node) *draft.Resource {
	p := c.New("RelatedPerson", n.Path())
	p.Put("patient", c.Reference(c.patient))
	p.Add("relationship", c.coded(n.Element("code")))
	person := n.Element("subject")
	for name := range person.Elements("name") {
		p.Add("name", c.humanName(name))
	}
	c.telecoms(&p.Object, n)
	gender, birth := person.Element("administrativeGenderCode"), person.Element("birthTime")
	p.Set("gender", c.known(gender, toGender), mark(gender))
	p.Set("birthDate", c.date(birth), mark(birth))
	c.addresses(&p.Object, n)
	return p
}

// focus says that an observation looks at somebody else than its subject, and
// so do those that it holds, until end is called.
func (c *conversion) focus(n *node) (end func()) {
	outer, about := c.focused, c.about
	related := n.Element("subject", "relatedSubject")
	switch {
	case related == nil:
	case c.about == nil:
		c.focused = c.Reference(c.relatedSubject(related))
	default: // of a newborn: the same, or his twin
		if child := c.newborn(related); child != nil {
			c.about = child
		}
	}
	return func() { c.focused, c.about = outer, about }
}
