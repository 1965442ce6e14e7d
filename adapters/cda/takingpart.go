package cda

import (
	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/draft"
)

// participantURL is the extension for who or what takes part in a statement in a
// way that the resource has no element for: type, function, time, and the actor,
// or role and entity of a thing.
const participantURL = adapters.Canonical + "/StructureDefinition/participant"

// participationCodes are the codes of ParticipationType that the elements of CDA
// stand for.
var participationCodes = map[string]string{"author": "AUT", "performer": "PRF", "informant": "INF", "responsibleParty": "RESP", "dataEnterer": "ENT",
	"authenticator": "AUTHEN", "legalAuthenticator": "LA", "subject": "SBJ"}

// takingPart is the extension for a participation, nil when it names nobody and
// nothing.
func (c *conversion) takingPart(n *node) *object {
	e := extension(participantURL)
	code := token(n.Attr("typeCode"))
	if code == "" {
		code = participationCodes[n.Name]
	}
	if code != "" {
		e.Add("extension", extension("type").Put("value|CodeableConcept", concept(adapters.System(oidParticipationType), code)))
	}
	if function := c.coded(n.Element("functionCode")); function != nil {
		e.Add("extension", extension("function").Put("value|CodeableConcept", function))
	}
	at := n.Element("time")
	if t := c.dateTime(at); t != "" {
		e.Add("extension", extension("time").Set("value|dateTime", t, mark(at)))
	} else if p := c.period(at); !p.Empty() {
		e.Add("extension", extension("time").Put("value|Period", p))
	}
	if actor := c.someone(n); actor != nil {
		return e.Add("extension", extension("actor").Put("value|Reference", actor))
	}
	if c.something(e, n.Element("participantRole")) {
		return e
	}
	return nil
}

// something adds what a role that no person plays says of a thing, and reports
// whether that is anything.
func (c *conversion) something(e *object, role *node) bool {
	entity := role.Element("playingEntity")
	before := len(e.Objects("extension"))
	for id := range role.Elements("id") {
		if i := identifier(id); i != nil {
			e.Add("extension", extension("identifier").Put("value|Identifier", i))
		}
	}
	if code := c.coded(role.Element("code")); code != nil {
		e.Add("extension", extension("role").Put("value|CodeableConcept", code))
	}
	code := c.coded(entity.Element("code"))
	name, from := words(entity.Element("name"))
	desc, of := c.text(entity.Element("desc"))
	for _, said := range []struct {
		text string
		from []origin
	}{{name, from}, {desc, of}} {
		switch {
		case said.text == "":
		case code == nil:
			code = new(object).Set("text", said.text, said.from...)
		case code.Text("text") == "":
			code.Set("text", said.text, said.from...)
		case code.Text("text") == said.text:
			code.Note("text", said.from...)
		}
	}
	if code != nil {
		e.Add("extension", extension("entity").Put("value|CodeableConcept", code))
	}
	return len(e.Objects("extension")) > before
}

// someone makes whom a participation names, nil when that is no person,
// organisation, device or place.
func (c *conversion) someone(n *node) *object {
	switch {
	case n.Name == "informant":
		return c.informer(n)
	case n.Name == "subject":
		return nil
	}
	role := firstElement(n, "assignedAuthor", "assignedEntity", "participantRole", "associatedEntity")
	if role == nil {
		return nil
	}
	if n.Attr("typeCode") == "LOC" {
		if place := c.participantLocation(role); place != nil {
			return place.Object("location")
		}
		return nil
	}
	if thing := role.Element("playingEntity"); thing != nil && !isPerson(role, thing) {
		return nil
	}
	return c.party(role)
}

// isPerson tells somebody from something that a participantRole plays.
func isPerson(role, entity *node) bool {
	name := entity.Element("name")
	return entity.Attr("classCode") == "PSN" || name.Element("family") != nil || name.Element("given") != nil ||
		role.Element("id").Attr("root") == adapters.OIDProfessional
}

// devices refers to the devices that a statement names, where the resource has an
// element for them.
func (c *conversion) devices(r *draft.Resource, n *node) {
	for p := range n.Elements("participant") {
		role := p.Element("participantRole")
		if p.Attr("typeCode") != "DEV" || role.Element("playingDevice") == nil {
			continue
		}
		device := c.implementOf(role, p.Path())
		switch {
		case r.Type == "Procedure":
			r.Add("usedReference", c.Reference(device))
		case r.Type == "MedicationAdministration":
			r.Add("device", c.Reference(device))
		case r.Type == "Observation" && !r.Has("device"):
			r.Put("device", c.Reference(device))
		default:
			r.Add("extension", extension(baseExtension+"workflow-supportingInfo").Put("value|Reference", c.Reference(device)))
		}
	}
}
