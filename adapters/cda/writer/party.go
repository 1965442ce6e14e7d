package writer

import (
	"strings"

	"github.com/cordee-sante/cordee/adapters"
)

// oidHealthJob is the table of profession and specialty in one code
// (JDV_J01: G15_10/SM26).
const oidHealthJob = "1.2.250.1.213.1.1.4.5"

// shapes are the names of the parts of a party by the element that holds them.
var shapes = map[string]struct{ person, organization, device string }{
	"assignedAuthor":    {"assignedPerson", "representedOrganization", "assignedAuthoringDevice"},
	"assignedEntity":    {"assignedPerson", "representedOrganization", ""},
	"associatedEntity":  {"associatedPerson", "scopingOrganization", ""},
	"participantRole":   {"playingEntity", "scopingEntity", "playingDevice"},
	"intendedRecipient": {"informationRecipient", "receivedOrganization", ""},
}

// assigned is whoever a Reference leads to, as a party of that name; nil when
// he is not in the document.
func (w *writer) assigned(name string, from resource, reference node) *element {
	r, ok := w.find(from, reference)
	if !ok {
		return nil
	}
	e := el(name)
	if name == "associatedEntity" {
		e.set("classCode", "PROV")
	}
	shape := shapes[name]
	switch r.typ() {
	case "PractitionerRole":
		practitioner, _ := w.find(r, r.Get("practitioner"))
		w.professional(e, shape.person, practitioner, r)
		if o, ok := w.find(r, r.Get("organization")); ok {
			e.add(w.organization(shape.organization, o))
		}
	case "Practitioner":
		w.professional(e, shape.person, r, resource{})
	case "Organization":
		e.add(null("id", "NA"), w.organization(shape.organization, r))
	case "Patient":
		e.add(ids(r)[0], el(shape.person).add(w.names(r.node)...))
	case "Device":
		if shape.device == "" {
			return nil
		}
		w.device(e, shape.device, r)
	case "RelatedPerson":
		if name == "associatedEntity" {
			return w.related(name, shape.person, r)
		}
		e.add(ids(r)...).add(w.addresses(r.node)...).add(w.telecoms(r.node)...).add(el(shape.person).add(w.names(r.node)...))
	default:
		return nil
	}
	return e
}

// professional writes a person with what he is in his organisation.
func (w *writer) professional(e *element, person string, r, role resource) {
	numbers := nationalIDs(r.node, professionalRegisters)
	if len(numbers) == 0 {
		numbers = append(numbers, null("id", "UNK"))
	}
	e.add(numbers...)
	if e.name != "intendedRecipient" { // the schema has no code there
		e.add(w.job(role.node))
	}
	places, contacts := w.addresses(r.node), w.telecoms(r.node)
	if len(places) == 0 {
		places = w.addresses(role.node)
	}
	if len(contacts) == 0 {
		contacts = w.telecoms(role.node)
	}
	e.add(places...).add(contacts...)
	if list := w.names(r.node); len(list) > 0 {
		e.add(el(person).add(list...))
	}
}

// job is the profession with the specialty: as it came, or put together from
// the tables of both.
func (w *writer) job(role node) *element {
	code := role.Get("code").First()
	if !code.Exists() {
		return nil
	}
	e := el("code")
	profession, known := "", false
	var translations []*element
	for c := range code.Get("coding").Items() {
		switch {
		case c.Get("system").Text() == adapters.SystemProfession:
			profession = c.Get("code").Text()
		case !known:
			known = w.coding(e, c)
		default:
			if t := el("translation"); w.coding(t, c) {
				translations = append(translations, t)
			}
		}
	}
	if !known && profession != "" {
		specialty := ""
		for c := range role.Get("specialty").First().Get("coding").Items() {
			if strings.HasPrefix(c.Get("code").Text(), "SM") {
				specialty = "/" + c.Get("code").Text()
			}
		}
		e.set("code", "G15_"+profession+specialty, "displayName", code.Get("text").Text(), "codeSystem", oidHealthJob)
		return e
	}
	text := w.original(code.Get("text").Text())
	if !known {
		e.set("nullFlavor", "OTH")
	}
	return e.add(text).add(translations...)
}

// device is software that is the author.
func (w *writer) device(e *element, shape string, r resource) {
	e.add(ids(r)...)
	e.add(w.optional("code", "", r.Get("type")))
	d := el(shape)
	for n := range r.Get("deviceName").Items() {
		name := "softwareName"
		if n.Get("type").Text() == "model-name" {
			name = "manufacturerModelName"
		}
		d.add(leaf(name, n.Get("name").Text()))
	}
	if d.children == nil {
		d.add(null("softwareName", "UNK"))
	}
	e.add(d)
	if owner, ok := w.find(r, r.Get("owner")); ok {
		e.add(w.organization("representedOrganization", owner))
	}
}

// related is somebody close to the patient.
func (w *writer) related(name, person string, r resource) *element {
	class := "PRS"
	e := el(name)
	if name == "associatedEntity" {
		for i := range r.Get("identifier").Items() {
			e.add(id(i))
		}
	}
	for relationship := range r.Get("relationship").Items() {
		first := relationship.Get("coding").First()
		if first.Get("system").Text() == adapters.System("2.16.840.1.113883.5.110") {
			class = first.Get("code").Text()
			continue
		}
		e.add(w.concept("code", "", relationship))
	}
	e.set("classCode", class)
	e.add(w.addresses(r.node)...).add(w.telecoms(r.node)...)
	if name == "relatedEntity" {
		e.add(period("effectiveTime", r.Get("period")))
	}
	if list := w.names(r.node); len(list) > 0 {
		e.add(el(person).add(list...))
	}
	return e
}

// register is how a national number is written: under which OID, with which
// digit in front.
type register struct{ oid, prefix string }

// The registers that FR Core names by a URL of their own, by that.
var (
	professionalRegisters = map[string]register{"urn:oid:" + adapters.OIDProfessional: {adapters.OIDProfessional, ""},
		adapters.SystemRPPS: {adapters.OIDProfessional, "8"}, adapters.SystemADELI: {adapters.OIDProfessional, "0"}}
	structureRegisters = map[string]register{"urn:oid:" + adapters.OIDStructure: {adapters.OIDStructure, ""},
		adapters.SystemFINESS: {adapters.OIDStructure, "1"}, adapters.SystemSIRENE: {adapters.OIDStructure, "2"},
		adapters.SystemADELIRang: {adapters.OIDStructure, "0"}, adapters.SystemRPPSRang: {adapters.OIDStructure, "4"}}
)

// nationalIDs are the ids of a professional or structure, each number once: FR
// Core has the national form beside that of the register.
func nationalIDs(n node, registers map[string]register) (list []*element) {
	seen := map[string]bool{}
	for i := range n.Get("identifier").Items() {
		reg, national := registers[i.Get("system").Text()]
		if !national {
			if e := id(i); e != nil {
				list = append(list, e)
			}
			continue
		}
		number := i.Get("value").Text()
		if i.Get("system").Text() == adapters.SystemSIRENE && len(number) == 14 {
			reg.prefix = "3"
		}
		if number = reg.prefix + number; number != "" && !seen[number] {
			list = append(list, el("id", "root", reg.oid, "extension", number))
		}
		seen[number] = true
	}
	return list
}

// organization is an organisation under that name.
func (w *writer) organization(name string, r resource) *element {
	e := el(name).add(nationalIDs(r.node, structureRegisters)...)
	e.add(leaf("name", r.Get("name").Text()))
	for alias := range r.Get("alias").Items() {
		e.add(leaf("name", alias.Text()))
	}
	e.add(w.telecoms(r.node)...).add(w.addresses(r.node)...)
	e.add(w.optional("standardIndustryClassCode", "", r.Get("type").First()))
	if whole, ok := w.find(r, r.Get("partOf")); ok && w.depth < maxDepth && !strings.HasPrefix(name, "represented"+"Custodian") {
		w.depth++
		e.add(el("asOrganizationPartOf").add(w.organization("wholeOrganization", whole)))
		w.depth--
	}
	return e
}
