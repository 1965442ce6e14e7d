package cda

import "github.com/cordee-sante/cordee/adapters"

// The extensions of HL7's clinical document guide for the participations that
// Composition has no element for, as the ANS maps them.
const documentExtension = "http://hl7.org/fhir/uv/fhir-clinical-document/StructureDefinition/"

// participations adds dataEnterer, informant, informationRecipient,
// participant, inFulfillmentOf and authorization as extensions.
func (c *conversion) participations(o *object) {
	for n := range c.root.Elements("dataEnterer") {
		c.participation(o, "data-enterer-extension", "ENT", n, c.party(n.Element("assignedEntity")))
	}
	for n := range c.root.Elements("informant") {
		c.participation(o, "informant-extension", "INF", n, c.informer(n))
	}
	for n := range c.root.Elements("informationRecipient") {
		code := n.Attr("typeCode")
		if code == "" {
			code = "PRCP"
		}
		c.participation(o, "information-recipient-extension", code, n, c.party(n.Element("intendedRecipient")))
	}
	for n := range c.root.Elements("participant") {
		party := c.associated(n.Element("associatedEntity"))
		role := c.coded(n.Element("functionCode"))
		if role == nil {
			role = participationRole(n.Attr("typeCode"))
		}
		c.joins(party, role)
		c.participation(o, "ParticipantExtension", n.Attr("typeCode"), n, party)
	}
	for n := range c.root.Elements("inFulfillmentOf") {
		c.order(o, n.Element("order"))
	}
	for n := range c.root.Elements("authorization") {
		c.authorization(o, n.Element("consent"))
	}
}

// participation adds one participation with its type, function, time and party.
func (c *conversion) participation(o *object, name, typeCode string, n *node, party *object) {
	if party == nil {
		return
	}
	e := extension(documentExtension + name)
	e.Add("extension", extension("type").Put("value|CodeableConcept", concept(adapters.System(oidParticipationType), token(typeCode))))
	if function := c.coded(n.Element("functionCode")); function != nil {
		e.Add("extension", extension("function").Put("value|CodeableConcept", function))
	}
	t := n.Element("time")
	if at := c.dateTime(t); at != "" {
		e.Add("extension", extension("time").Set("value|dateTime", at, mark(t)))
	} else if p := c.period(t); !p.Empty() {
		e.Add("extension", extension("time").Put("value|Period", p))
	}
	e.Add("extension", extension("party").Put("value|Reference", party))
	o.Add("extension", e)
}

// personal are the classes of associatedEntity that are people around the
// patient; all others are professionals or organisations.
var personal = map[string]bool{"ECON": true, "NOK": true, "CAREGIVER": true, "PRS": true, "GUARD": true, "CON": true, "AGNT": true, "QUAL": true}

// associated makes the participant of a document.
func (c *conversion) associated(n *node) *object {
	if personal[n.Attr("classCode")] && n.Element("id").Attr("root") != adapters.OIDProfessional {
		if r := c.relatedPerson(n); r != nil {
			return c.Reference(r)
		}
	}
	return c.party(n)
}

// order adds the prescription that the document answers to.
func (c *conversion) order(o *object, n *node) {
	r := new(object)
	identifiers(r, n)
	if number := n.Element("ps3-20:accessionNumber"); number != nil {
		r.Add("identifier", identifier(number))
	}
	if !r.Has("identifier") {
		return
	}
	request := c.New("ServiceRequest", n.Path())
	request.Merge(r)
	request.Set("status", "unknown").Set("intent", "order")
	request.Put("code", c.coded(n.Element("code")))
	priority := n.Element("priorityCode")
	request.Set("priority", c.known(priority, toPriority), mark(priority))
	c.subject(&request.Object, "subject")
	o.Add("extension", extension(baseExtension+"event-basedOn").Put("value|Reference", c.Reference(request)))
}

// authorization adds a consent that the document was written under. Only what
// it says is kept: it grants nothing here.
func (c *conversion) authorization(o *object, n *node) {
	code := c.coded(n.Element("code"))
	if code == nil {
		return
	}
	consent := c.New("Consent", n.Path())
	identifiers(&consent.Object, n)
	consent.Set("status", "inactive")
	consent.Put("scope", concept("http://terminology.hl7.org/CodeSystem/consentscope", "treatment"))
	consent.Add("category", code)
	c.subject(&consent.Object, "patient")
	consent.Put("policyRule", c.absentConcept(nil))
	o.Add("extension", extension(documentExtension+"consent-extension").Put("value|Reference", c.Reference(consent)))
}
