package cda

import (
	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/draft"
)

// links are the elements through which a statement holds others.
var links = [...]string{"entryRelationship", "component"}

// find returns the statement of that kind which n holds and nothing has taken, or
// nil. One that is negated is no part of anything: it would say the contrary. The
// words of a comment stay what they are.
func (c *conversion) find(n *node, k kind) *node {
	for _, name := range links {
		for link := range n.Elements(name) {
			for s := range link.Elements("") {
				if !c.taken[s] && kindOf(s) == k && (k == comment || !isNegated(s)) {
					return s
				}
			}
		}
	}
	return nil
}

// take returns that statement, once.
func (c *conversion) take(n *node, k kind) *node {
	s := c.find(n, k)
	if s != nil {
		c.taken[s] = true
	}
	return s
}

// takeKnown returns that statement when the ConceptMaps know its value, with the
// code of the target system. One that says anything else stays for byClass: what it
// says is not lost because an element has no room for it.
func (c *conversion) takeKnown(n *node, k kind, target string) (s *node, code string) {
	if s = c.find(n, k); s == nil {
		return nil, ""
	}
	if code, _ = c.required(s.Element("value"), target); code == "" {
		return nil, ""
	}
	c.taken[s] = true
	return s, code
}

// head are the origins of the code and the state of a small statement, which the
// element that is made of its value says by being what it is, after others.
func head(n *node, others ...origin) []origin {
	code := n.Element("code")
	from := append(others, mark(code), mark(n.Element("statusCode")))
	for t := range code.Elements("translation") {
		from = append(from, mark(t))
	}
	return from
}

// attribute returns the CodeableConcept of a small observation that is no more
// than an attribute of the one around it (severity, health status), nil when
// there is none whose value is a concept or words.
func (c *conversion) attribute(of *node, k kind) *object {
	n := c.find(of, k)
	value := n.Element("value")
	if n == nil || value.Attr("value") != "" || value.Element("low") != nil || value.Element("high") != nil {
		return nil
	}
	o := c.conceptOf(n)
	c.taken[n] = o != nil
	return o
}

// conceptOf returns what a small observation says, by its value, its text or
// both. Its code and its state are said by the element that it becomes.
func (c *conversion) conceptOf(n *node) *object {
	value := n.Element("value")
	o := c.coded(value)
	text, from := c.text(n.Element("text"))
	if o == nil {
		if text == "" {
			text, from = c.text(value)
		}
		if text == "" {
			return nil
		}
		o = new(object)
	}
	switch before := o.Text("text"); {
	case before == "":
		o.Set("text", text, from...)
	case before == text:
		o.Note("text", from...)
	}
	return o.Mark(head(n)...)
}

// entryText says what the text of a statement says: it is the wording of the
// concept in that element when that has none or the same, and a note otherwise.
func (c *conversion) entryText(r *draft.Resource, n *node, name string) {
	text, from := c.text(n.Element("text"))
	if text == "" {
		return
	}
	o := r.Object.Object(name)
	switch {
	case o != nil && o.Text("text") == text:
		o.Note("text", from...)
	case r.Type == "Observation" && o.Has("coding"): // the words may be those of the finding, not of what was looked at
		switch {
		case o.Object("coding").Text("display") != text:
			r.Add("note", new(object).Set("text", text, from...))
		case o.Has("text"): // its original text says it in other words
			o.Object("coding").Note("display", from...)
		default:
			o.Set("text", text, from...)
		}
	case o != nil && o.Text("text") == "":
		o.Set("text", text, from...)
	default:
		addNote(r, new(object).Set("text", text, from...))
	}
}

// addNote adds an Annotation, in an extension to the types that have no note.
func addNote(r *draft.Resource, note *object) {
	if hasNote[r.Type] {
		r.Add("note", note)
		return
	}
	r.Add("extension", extension(adapters.Canonical+"/StructureDefinition/note").Put("value|Annotation", note))
}

// hasNote are the resource types of which a statement may become one that have
// note in R4.
var hasNote = map[string]bool{"AllergyIntolerance": true, "CarePlan": true, "CareTeam": true, "Condition": true, "DeviceUseStatement": true, "DeviceRequest": true,
	"FamilyMemberHistory": true, "Goal": true, "ImagingStudy": true, "Immunization": true, "Media": true, "MedicationAdministration": true, "MedicationDispense": true,
	"MedicationRequest": true, "MedicationStatement": true, "Observation": true, "Procedure": true, "ServiceRequest": true, "Specimen": true, "Task": true}

// comments adds what FR-Commentaire-ER says as notes.
func (c *conversion) comments(r *draft.Resource, n *node) {
	for s := c.take(n, comment); s != nil; s = c.take(n, comment) {
		note := new(object)
		text, from := c.text(s.Element("text"))
		author := s.Element("author")
		if party := c.party(author.Element("assignedAuthor")); party != nil && c.isOneOf(party, "Practitioner", "Patient", "RelatedPerson", "Organization") {
			note.Put("author|Reference", party)
		}
		at := firstElement(author, "time")
		if at == nil {
			at = s.Element("effectiveTime")
		}
		note.Set("time", c.dateTime(at), mark(at))
		c.made[s] = r
		if text == "" { // it points to nothing: there is a comment that says nothing
			r.Mark(head(s)...)
			continue
		}
		addNote(r, note.Set("text", text, from...).Mark(head(s)...))
	}
}

// withRelated finishes a resource with the comments and references of its
// statement, and maps every other statement that it holds. What is made of
// those is tied to it where R4 has a place for that, and follows it in the list.
func (c *conversion) withRelated(r *draft.Resource, n *node) []*draft.Resource {
	c.comments(r, n)
	if r.Type != "Observation" {
		c.examined(r, n)
	}
	list := []*draft.Resource{r}
	for _, name := range links {
		for link := range n.Elements(name) {
			for s := range link.Elements("") {
				if kindOf(s) == internalReference {
					c.reason(r, s)
					continue
				}
				if c.taken[s] && (c.made[s] == nil || c.made[s] == r) && r.Type != "FamilyMemberHistory" {
					list = append(list, c.withRelated(r, s)[1:]...) // a part of r; what it holds is said of r
					continue
				}
				for i, child := range c.statement(s) {
					if i == 0 {
						c.tie(r, child, link.Attr("typeCode"))
					}
					list = append(list, child)
				}
			}
		}
	}
	c.shareSpecimen(r, list)
	return list
}

// shareSpecimen says of the members of a battery what was examined, where they
// do not say it themselves: it was the specimen of the battery.
func (c *conversion) shareSpecimen(r *draft.Resource, list []*draft.Resource) {
	specimen := r.Object.Object("specimen")
	if specimen == nil || r.Type != "Observation" {
		return
	}
	for _, member := range list {
		if member.Type == "Observation" && !member.Has("specimen") {
			member.Put("specimen", new(object).Set("reference", specimen.Text("reference")))
		}
	}
}

// reason makes an internal reference (FR-Reference-interne) the reason of a
// treatment or act, or else something to look at beside it: the code at once,
// and what it refers to when the whole document has been read.
func (c *conversion) reason(r *draft.Resource, n *node) {
	if c.taken[n] {
		return
	}
	c.taken[n], c.made[n] = true, r
	if code := c.coded(n.Element("code")); code != nil && hasReason[r.Type] {
		r.Add("reasonCode", code)
	}
	c.later = append(c.later, func() {
		for id := range n.Elements("id") {
			target := c.byID[id.Attr("root")+"^"+id.Attr("extension")]
			if target == nil || target == r {
				continue
			}
			reference := c.Reference(target).Mark(mark(id), mark(n.Element("statusCode")))
			if hasReason[r.Type] && reasonTypes[target.Type] {
				r.Add("reasonReference", reference)
			} else {
				r.Add("extension", extension(baseExtension+"workflow-supportingInfo").Put("value|Reference", reference))
			}
			return
		}
	})
}

var (
	hasReason = map[string]bool{"MedicationStatement": true, "MedicationAdministration": true, "MedicationRequest": true, "Procedure": true, "ServiceRequest": true, "Immunization": true,
		"DeviceUseStatement": true, "Encounter": true, "DeviceRequest": true}
	reasonTypes = map[string]bool{"Condition": true, "Observation": true, "DiagnosticReport": true}
)

// tie refers from a resource to one that its statement held, or back.
func (c *conversion) tie(r, child *draft.Resource, typeCode string) {
	key := r.Type + ">" + child.Type
	switch key {
	case "Observation>Specimen":
		c.tieSpecimen(r, child)
	case "Observation>Observation", "Observation>QuestionnaireResponse":
		if typeCode == "SPRT" || typeCode == "XCRPT" {
			r.Add("derivedFrom", c.Reference(child))
			return
		}
		r.Add("hasMember", c.Reference(child))
	case "Observation>DocumentReference", "Observation>Media", "Observation>ImagingStudy":
		r.Add("derivedFrom", c.Reference(child))
	case "Procedure>Observation", "MedicationStatement>Observation", "Immunization>Observation", "Procedure>Procedure", "MedicationAdministration>Observation", "Procedure>MedicationAdministration":
		child.Add("partOf", c.Reference(r))
	case "Condition>Observation", "Condition>DocumentReference", "Condition>Procedure":
		r.Add("evidence", new(object).Add("detail", c.Reference(child)))
	case "MedicationRequest>Observation", "MedicationRequest>DocumentReference":
		r.Add("supportingInformation", c.Reference(child))
	case "DeviceRequest>Observation", "DeviceRequest>Condition", "ServiceRequest>DocumentReference", "ServiceRequest>Procedure":
		r.Add("supportingInfo", c.Reference(child))
	case "Goal>Goal", "Goal>ServiceRequest", "Goal>Task", "Goal>Procedure", "Goal>Encounter":
		child.Add("extension", extension(baseExtension+"resource-pertainsToGoal").Put("value|Reference", c.Reference(r)))
	case "Consent>DocumentReference":
		if !r.Has("source|Reference") {
			r.Put("source|Reference", c.Reference(child))
		}
	case "Procedure>Condition", "MedicationStatement>Condition", "MedicationAdministration>Condition", "MedicationRequest>Condition",
		"ServiceRequest>Condition", "Encounter>Condition", "ServiceRequest>Observation", "DeviceUseStatement>Condition", "DeviceUseStatement>Observation":
		r.Add("reasonReference", c.Reference(child))
	case "Immunization>Condition":
		r.Add("reasonReference", c.Reference(child))
	case "Encounter>Observation":
		child.Put("encounter", c.Reference(r))
	case "Goal>Observation":
		r.Add("outcomeReference", c.Reference(child))
	}
}
