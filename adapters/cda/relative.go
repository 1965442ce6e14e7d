package cda

import "github.com/cordee-sante/cordee/adapters/draft"

// relativeOf returns the relatedSubject of a statement that is about somebody
// close to the patient and would else be said of the patient: its own, or that
// of the section. Observations have an element for it (focus), and newborn
// children are patients themselves (newborn.go). It is nil for all others.
func (c *conversion) relativeOf(n *node, k kind) *node {
	switch k {
	case familyHistory, familyProblem, birthEvent, comment, internalReference:
		return nil
	case problem, problemConcern, allergy, allergyConcern:
	default:
		switch n.Name {
		case "observation", "organizer", "observationMedia":
			return nil
		}
	}
	related := n.Element("subject", "relatedSubject")
	if related == nil && c.about == nil {
		if k == problemConcern || k == allergyConcern {
			related = n.Element("entryRelationship", "observation").Element("subject", "relatedSubject")
		}
		if related == nil {
			related = c.section.Element("subject", "relatedSubject")
		}
	}
	if related == nil || children[related.Element("code").Attr("code")] && c.about != nil {
		return nil
	}
	return related
}

// ofRelative maps a statement about a relative: problems to his history, all else
// to resources about a Patient of his own, who is tied to the one of the document
// by a RelatedPerson and has no national identifier.
func (c *conversion) ofRelative(n *node, k kind, related *node) []*draft.Resource {
	switch k {
	case problem:
		return []*draft.Resource{c.relativeHistory(n, n, related)}
	case problemConcern:
		var list []*draft.Resource
		for link := range n.Elements("entryRelationship") {
			if s := link.Element("observation"); s != nil && kindOf(s) == problem && !c.taken[s] {
				list = append(list, c.relativeHistory(s, n, related))
			}
		}
		return list
	}
	outer, outerFocus := c.about, c.focused
	defer func() { c.about, c.focused = outer, outerFocus }()
	if c.about = c.relatives[related]; c.about == nil {
		c.about = c.relativePatient(related)
		c.relatives[related] = c.about
	}
	c.focused = nil
	return c.mapped(n, k)
}

// relativeHistory makes the FamilyMemberHistory of a problem that a relative has.
func (c *conversion) relativeHistory(n, statement, related *node) *draft.Resource {
	r := c.newEntry("FamilyMemberHistory", statement)
	r.Set("status", "completed", append(fixedCode(statement, "CONC"), mark(statement.Element("statusCode")))...)
	r.Put("patient", c.Reference(c.patient))
	c.relative(r, related)
	if statement != n {
		identifiers(&r.Object, statement)
	}
	c.familyProblem(r, n)
	return r
}

// relativePatient makes the Patient that a relative is, and the RelatedPerson of
// the patient that he is, too.
func (c *conversion) relativePatient(related *node) *draft.Resource {
	p := c.relatedSubject(related)
	r := c.New("Patient", "relative", related.Path())
	for _, name := range []string{"name", "telecom", "gender", "birthDate", "address"} {
		r.Copy(&p.Object, name)
	}
	p.Add("extension", extension(relatedPatient).Put("value|Reference", c.Reference(r)))
	return r
}
