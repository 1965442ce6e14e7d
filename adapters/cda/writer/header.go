package writer

import (
	"strings"

	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/conceptmap"
)

// The extensions by which package cda keeps what Composition has no element for.
const (
	versionExtension  = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Composition.version"
	documentExtension = "http://hl7.org/fhir/uv/fhir-clinical-document/StructureDefinition/"
	baseExtension     = "http://hl7.org/fhir/StructureDefinition/"
	authorTime        = "https://interop.esante.gouv.fr/ig/document/core/StructureDefinition/fr-author-time"
	performerEvent    = "https://interop.esante.gouv.fr/ig/document/core/StructureDefinition/fr-performer-event"
)

// header writes everything before the body (CI-SIS Structuration minimale §3).
func (w *writer) header(root *element, c, patient resource) {
	date := c.Get("date").Text()
	root.add(el("realmCode", "code", "FR"), el("typeId", "root", "2.16.840.1.113883.1.3", "extension", "POCD_HD000040"))
	root.add(templates("2.16.840.1.113883.2.8.2.1", cisis+".1.1")...)
	for _, t := range w.kind.templates {
		root.add(el("templateId", "root", t[0], "extension", t[1]))
	}
	root.add(el("id", "root", rootOf(w.Identifier())))
	root.add(w.concept("code", "", c.Get("type")), leaf("title", c.Get("title").Text()))
	root.add(point("effectiveTime", date).or(null("effectiveTime", "UNK")))
	root.add(w.secret.element(w.oid(w.secret.system)), el("languageCode", "code", language(c.Get("language").Text())))
	set := id(c.Get("identifier"))
	if set == nil {
		set = el("id", "root", rootOf(w.Identifier()))
	}
	set.name = "setId"
	root.add(set)
	version := extension(c.node, versionExtension).Text()
	if version == "" {
		version = "1"
	}
	root.add(el("versionNumber", "value", version))
	root.add(w.recordTarget(patient))
	w.authors(root, c, c.Get("author"), date)
	w.participations(root, c)
	root.add(w.custodian(c))
	w.team(root, c)
	w.attesters(root, c)
	w.events(root, c)
	w.relatedDocuments(root, c)
	if encounter, ok := w.find(c, c.Get("encounter")); ok {
		root.add(w.encompassing(encounter))
	}
}

// language is BCP 47; the CI-SIS wants a country with it.
func language(tag string) string {
	switch tag {
	case "", "fr":
		return "fr-FR"
	}
	return tag
}

// authors writes the authors of a document or a section, each with his time or
// that of the document.
func (w *writer) authors(parent *element, c resource, list node, date string) {
	for a := range list.Items() {
		party := w.assigned("assignedAuthor", c, a)
		if party == nil {
			continue
		}
		at := extension(a, authorTime).Text()
		if at == "" {
			at = date
		}
		parent.add(el("author").add(w.function(a), point("time", at).or(null("time", "UNK")), party))
	}
}

// function is what somebody did in a participation.
func (w *writer) function(reference node) *element {
	return w.optional("functionCode", "", extension(reference, baseExtension+"event-performerFunction"))
}

// custodian is the organisation that keeps the document. The schema wants one
// with an id.
func (w *writer) custodian(c resource) *element {
	organization := el("representedCustodianOrganization").add(null("id", "UNK"))
	if r, ok := w.find(c, c.Get("custodian")); ok && r.typ() == "Organization" {
		organization = w.organization("representedCustodianOrganization", r)
		seen := map[string]bool{} // one telecom and one address (POCD_MT000040.CustodianOrganization)
		kept := organization.children[:0:0]
		for _, child := range organization.children {
			if child.name == "id" || (child.name == "name" || child.name == "telecom" || child.name == "addr") && !seen[child.name] {
				kept = append(kept, child)
			}
			seen[child.name] = true
		}
		organization.children = kept
	}
	return el("custodian").add(el("assignedCustodian").add(organization))
}

// attesters writes who answers for the document. The CI-SIS wants a
// legalAuthenticator of every document; one that nobody answers for has none, and
// is preliminary when it is read again.
func (w *writer) attesters(root *element, c resource) {
	for a := range c.Get("attester").Items() {
		name := map[string]string{"legal": "legalAuthenticator", "professional": "authenticator"}[a.Get("mode").Text()]
		party := w.assigned("assignedEntity", c, a.Get("party"))
		if name == "" || party == nil {
			continue
		}
		root.add(el(name).add(point("time", a.Get("time").Text()).or(null("time", "UNK")), el("signatureCode", "code", "S"), party))
	}
}

// participations writes what package cda keeps as extensions.
func (w *writer) participations(root *element, c resource) {
	for e := range c.Get("extension").Items() {
		name, document := strings.CutPrefix(e.Get("url").Text(), documentExtension)
		party, code := extension(e, "party"), extension(e, "type").Get("coding").First().Get("code").Text()
		p := el("").set("typeCode", "").add(w.optional("functionCode", "", extension(e, "function")), w.participationTime(e))
		switch {
		case !document && e.Get("url").Text() == baseExtension+"event-basedOn":
			root.add(w.order(c, value(e)))
			continue
		case name == "consent-extension":
			root.add(w.authorization(c, value(e)))
			continue
		case name == "data-enterer-extension":
			p.name = "dataEnterer"
			p.add(w.assigned("assignedEntity", c, party))
		case name == "informant-extension":
			p = w.informant(c, party)
		case name == "information-recipient-extension":
			p = el("informationRecipient", "typeCode", code).add(w.assigned("intendedRecipient", c, party))
		case name == "ParticipantExtension":
			p.name = "participant"
			p.set("typeCode", code).add(w.assigned("associatedEntity", c, party))
		default:
			continue
		}
		if p != nil && len(p.children) > 0 {
			root.add(p)
		}
	}
}

// participationTime is the time of a participation.
func (w *writer) participationTime(e node) *element {
	t := extension(e, "time")
	if t.Get("start").Exists() || t.Get("end").Exists() {
		p := period("time", t)
		p.attrs = append([]string{"xsi:type", "IVL_TS"}, p.attrs...)
		return p
	}
	return point("time", t.Text())
}

// informant is who gave information: somebody close to the patient, or a
// professional.
func (w *writer) informant(from resource, reference node) *element {
	r, ok := w.find(from, reference)
	switch {
	case !ok:
		return nil
	case r.typ() == "RelatedPerson":
		return el("informant").add(w.related("relatedEntity", "relatedPerson", r))
	}
	return el("informant").add(w.assigned("assignedEntity", from, reference))
}

// events writes what was done, and by whom.
func (w *writer) events(root *element, c resource) {
	for e := range c.Get("event").Items() {
		act := el("serviceEvent")
		for d := range e.Get("detail").Items() {
			act.add(id(d.Get("identifier")))
		}
		if code := e.Get("code").First(); code.Exists() {
			act.add(w.concept("code", "", code))
		}
		act.add(period("effectiveTime", e.Get("period")))
		for p := range e.Get("extension").Items() {
			if p.Get("url").Text() != performerEvent {
				continue
			}
			reference := value(p)
			if party := w.assigned("assignedEntity", c, reference); party != nil {
				act.add(el("performer", "typeCode", "PRF").add(w.function(reference), point("time", extension(reference, authorTime).Text()), party))
			}
		}
		if !act.empty() {
			root.add(el("documentationOf").add(act))
		}
	}
}

// relatedDocuments writes which documents this one replaces, completes or is
// made from.
func (w *writer) relatedDocuments(root *element, c resource) {
	for r := range c.Get("relatesTo").Items() {
		code := w.fixedBy("ActRelationshipType", conceptmap.DocumentRelation, r.Get("code").Text())
		if target := id(r.Get("targetIdentifier")); code != "" && target != nil {
			root.add(el("relatedDocument", "typeCode", code).add(el("parentDocument").add(target)))
		}
	}
}

// order is the prescription that the document answers to.
func (w *writer) order(c resource, reference node) *element {
	r, ok := w.find(c, reference)
	if !ok {
		return nil
	}
	o := el("order").add(ids(r)...).add(w.optional("code", "", r.Get("code")), w.priority(r))
	return el("inFulfillmentOf").add(o)
}

// authorization is the consent that the document was written under.
func (w *writer) authorization(c resource, reference node) *element {
	r, ok := w.find(c, reference)
	if !ok {
		return nil
	}
	return el("authorization").add(el("consent").add(ids(r)...).add(w.concept("code", "", r.Get("category").First()), completed()))
}

// encompassing is the encounter within which the document was written.
func (w *writer) encompassing(r resource) *element {
	e := el("encompassingEncounter")
	for i := range r.Get("identifier").Items() {
		e.add(id(i))
	}
	class := el("code")
	switch coded := w.coding(class, r.Get("class")); {
	case coded && r.At("class", "system").Text() != adapters.System("2.16.840.1.113883.5.1008"):
		for t := range r.Get("type").Items() {
			translation := el("translation")
			if w.coding(translation, t.Get("coding").First()) {
				class.add(translation)
			}
		}
		e.add(class)
	default:
		e.add(w.optional("code", "", r.Get("type").First()))
	}
	e.add(period("effectiveTime", r.Get("period")).or(null("effectiveTime", "UNK")))
	e.add(w.optional("dischargeDispositionCode", "", r.At("hospitalization", "dischargeDisposition")))
	for p := range r.Get("participant").Items() {
		code := p.Get("type").First().Get("coding").First().Get("code").Text()
		party := w.assigned("assignedEntity", r, p.Get("individual"))
		switch {
		case party == nil:
		case code == "RESP":
			e.add(el("responsibleParty").add(party))
		default:
			e.add(el("encounterParticipant", "typeCode", code).add(period("time", p.Get("period")), party))
		}
	}
	return el("componentOf").add(e.add(w.facility(r)))
}

// facility is where the encounter took place.
func (w *writer) facility(r resource) *element {
	f := el("healthCareFacility")
	if place, ok := w.find(r, r.Get("location").First().Get("location")); ok {
		for i := range place.Get("identifier").Items() {
			f.add(id(i))
		}
		f.add(w.optional("code", "", place.Get("type").First()))
		location := el("location").add(leaf("name", place.Get("name").Text()))
		if a := place.Get("address"); a.Exists() {
			location.add(w.address(a))
		}
		if !location.empty() {
			f.add(location)
		}
	}
	if provider, ok := w.find(r, r.Get("serviceProvider")); ok {
		f.add(w.organization("serviceProviderOrganization", provider))
	}
	if f.empty() {
		return nil
	}
	return el("location").add(f)
}
