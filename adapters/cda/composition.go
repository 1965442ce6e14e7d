package cda

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/cordee-sante/cordee/adapters"
)

// confidentialities are the codes that Composition.confidentiality may have
// (v3-ConfidentialityClassification).
var confidentialities = map[string]string{"U": "U", "L": "L", "M": "M", "N": "N", "R": "R", "V": "V"}

// label puts what a confidentialityCode says on everything that is made until
// end is called: R and V, and the French statuses that hide a document from the
// patient, his representatives or professionals. N, the normal, is no label.
func (c *conversion) label(n *node) (end func()) {
	label := coding(n)
	if label == nil || n.Attr("code") == "N" {
		return func() {}
	}
	if c.composition != nil { // of a part: the whole is as secret as its parts
		c.composition.Object.Object("meta").Add("security", label)
	}
	return c.Label(label)
}

// startComposition begins the Composition and the DocumentReference, so that
// what follows can be hung into them.
func (c *conversion) startComposition() {
	c.effective = c.dateTime(c.root.Element("effectiveTime"))
	c.composition = c.New("Composition")
	c.Edition(c.composition, c.root.Element("versionNumber").Attr("value"))
	c.original = c.Original("application/xml")
}

// header reads everything between recordTarget and body (CI-SIS Structuration
// minimale §3; ANS ConceptMap FRHeaderDocument).
func (c *conversion) header() {
	o := &c.composition.Object
	root := c.root
	o.Set("language", language(root.Element("languageCode")), mark(root.Element("languageCode")))
	c.version(o)
	setID, id := root.Element("setId"), root.Element("id")
	o.Put("identifier", identifier(firstElement(root, "setId", "id")))
	if setID == nil {
		o.Note("identifier", mark(id))
	}
	o.Set("status", c.status())
	o.Put("type", c.coded(root.Element("code")))
	if !o.Has("type") {
		o.Put("type", c.absentConcept(root.Element("code")))
	}
	c.subject(o, "subject")
	c.componentOf(o)
	o.Set("date", c.effective, mark(root.Element("effectiveTime")))
	if c.effective == "" { // required, and the time of reception would make every sending differ
		o.Put("_date", c.absentConcept(root.Element("effectiveTime")))
	}
	c.authors(o)
	c.title(o)
	level := root.Element("confidentialityCode")
	if code := confidentialities[level.Attr("code")]; code != "" {
		o.Set("confidentiality", code, mark(level))
	}
	c.attesters(o)
	if custodian := root.Element("custodian", "assignedCustodian"); custodian != nil {
		if r := c.organizationOf(custodian); r != nil {
			o.Put("custodian", c.Reference(r))
		}
	}
	c.relatedDocuments(o)
	c.events(o)
	c.participations(o)
	c.describeOriginal(o)
}

// status is final once somebody answers for the document in law, preliminary
// before.
func (c *conversion) status() string {
	if c.root.Element("legalAuthenticator", "assignedEntity") != nil {
		return "final"
	}
	return "preliminary"
}

// title is required; a document without one has that of its type.
func (c *conversion) title(o *object) {
	text, from := words(c.root.Element("title"))
	if text == "" {
		if text = strings.TrimSpace(c.root.Element("code").Attr("displayName")); text == "" {
			text = "Document"
		}
	}
	o.Set("title", text, from...)
}

// authorTime is the extension of the ANS for the time of a participation.
const authorTime = "https://interop.esante.gouv.fr/ig/document/core/StructureDefinition/fr-author-time"

// version is the number among the versions of a setId, which R4 has no element
// for.
func (c *conversion) version(o *object) {
	n := c.root.Element("versionNumber")
	if v := n.Attr("value"); v != "" {
		o.Add("extension", extension("http://hl7.org/fhir/5.0/StructureDefinition/extension-Composition.version").Set("value|string", v, mark(n)))
	}
}

// authors adds Composition.author, with the time of each and what he is to the
// patient as extensions.
func (c *conversion) authors(o *object) {
	for author := range c.root.Elements("author") {
		reference := c.party(author.Element("assignedAuthor"))
		if reference == nil {
			continue
		}
		c.joins(reference, participationRole("AUT"))
		o.Add("author", c.authored(reference, author))
	}
	if !o.Has("author") {
		o.Add("author", c.absentConcept(nil))
	}
}

// authored returns the Reference with the time and the function of an author.
func (c *conversion) authored(reference *object, author *node) *object {
	r := new(object)
	at := author.Element("time")
	if t := c.dateTime(at); t != "" {
		r.Add("extension", extension(authorTime).Set("value|dateTime", t, mark(at)))
	}
	if function := c.coded(author.Element("functionCode")); function != nil {
		r.Add("extension", extension(baseExtension+"event-performerFunction").Put("value|CodeableConcept", function))
	}
	return r.Set("reference", reference.Text("reference"))
}

// attesters adds who answers for the document in law, and who attests that it
// is right.
func (c *conversion) attesters(o *object) {
	for _, role := range [][2]string{{"legalAuthenticator", "legal"}, {"authenticator", "professional"}} {
		for n := range c.root.Elements(role[0]) {
			signature, at := n.Element("signatureCode"), n.Element("time")
			a := new(object).Set("mode", role[1], mark(signature))
			a.Set("time", c.dateTime(at), mark(at))
			a.Put("party", c.party(n.Element("assignedEntity")))
			if written := n.Element("sdtc:signatureText"); written.Attr("representation") == "B64" {
				if data, from := words(written); isBase64(data) {
					a.Add("extension", extension(adapters.Canonical+"/StructureDefinition/signature").Set("value|base64Binary", data, from...))
				}
			}
			o.Add("attester", a)
		}
	}
}

// isBase64 reports whether a short text is base64 as FHIR takes it.
func isBase64(s string) bool {
	_, err := base64.StdEncoding.Strict().DecodeString(s)
	return s != "" && err == nil
}

// relatedDocuments adds the documents that this one replaces, completes or is
// made from, by their identifier: they may never have been sent here.
func (c *conversion) relatedDocuments(o *object) {
	for n := range c.root.Elements("relatedDocument") {
		parent := n.Element("parentDocument")
		code := c.attributed(toDocumentRelation, "ActRelationshipType", n.Attr("typeCode"))
		target := identifier(firstElement(parent, "id", "setId"))
		if code == "" || target == nil {
			continue
		}
		if code == "replaces" {
			c.Replaces(adapters.Token{System: target.Text("system"), Value: target.Text("value")})
		}
		o.Add("relatesTo", new(object).Set("code", code).Put("target|Identifier", target))
		c.original.Add("relatesTo", new(object).Set("code", code).Put("target", new(object).Put("identifier", identifier(firstElement(parent, "id", "setId")))))
	}
}

// events adds the acts that the document is about.
func (c *conversion) events(o *object) {
	for n := range c.root.Elements("documentationOf") {
		act := n.Element("serviceEvent")
		e := new(object)
		for performer := range act.Elements("performer") {
			if party := c.party(performer.Element("assignedEntity")); party != nil {
				c.joins(party, participationRole("PRF"))
				e.Add("extension", c.eventPerformer(party, performer))
			}
		}
		e.Add("code", c.coded(act.Element("code")))
		e.Put("period", c.period(act.Element("effectiveTime")))
		for id := range act.Elements("id") {
			if i := identifier(id); i != nil {
				e.Add("detail", new(object).Put("identifier", i))
			}
		}
		if status := act.Element("lab:statusCode"); status != nil {
			o.Set("status", c.attributed(toCompositionStatus, "ActStatus", status.Attr("code")), mark(status))
		}
		o.Add("event", e)
	}
}

// eventPerformer is the extension of the ANS for who did the act.
func (c *conversion) eventPerformer(party *object, performer *node) *object {
	if function := c.coded(performer.Element("functionCode")); function != nil {
		party.Add("extension", extension(baseExtension+"event-performerFunction").Put("value|CodeableConcept", function))
	}
	at := performer.Element("time")
	for _, end := range []string{"high", "low"} {
		if at.Attr("value") == "" && at.Element(end) != nil {
			at = at.Element(end)
		}
	}
	if t := c.dateTime(at); t != "" {
		party.Add("extension", extension(authorTime).Set("value|dateTime", t, mark(at)))
	}
	e := extension("https://interop.esante.gouv.fr/ig/document/core/StructureDefinition/fr-performer-event")
	return e.Put("value|Reference", party)
}

// describeOriginal fills in the DocumentReference of the document itself.
func (c *conversion) describeOriginal(o *object) {
	d := &c.original.Object
	id, level := c.root.Element("id"), c.root.Element("confidentialityCode")
	d.Put("masterIdentifier", identifier(id))
	d.Add("identifier", identifier(c.root.Element("setId")))
	for _, name := range []string{"id", "setId"} {
		if i := identifier(c.root.Element(name)); i != nil {
			c.Identified(adapters.Token{System: i.Text("system"), Value: i.Text("value")})
		}
	}
	d.Set("docStatus", o.Text("status"))
	d.Put("type", c.coded(c.root.Element("code")))
	c.subject(d, "subject")
	if t := c.instant(c.root.Element("effectiveTime")); t != "" {
		d.Set("date", t, mark(c.root.Element("effectiveTime")))
	}
	for _, author := range o.Objects("author") {
		if reference := author.Text("reference"); reference != "" {
			d.Add("author", new(object).Set("reference", reference))
		}
	}
	if legal := o.Object("attester"); legal.Text("mode") == "legal" {
		if party := legal.Object("party"); c.isOneOf(party, "Practitioner", "PractitionerRole", "Organization") {
			d.Put("authenticator", new(object).Set("reference", party.Text("reference")))
		}
	}
	if custodian := o.Object("custodian"); custodian != nil {
		d.Put("custodian", new(object).Set("reference", custodian.Text("reference")))
	}
	d.Set("description", o.Text("title"))
	if label := coding(level); label != nil {
		d.Add("securityLabel", new(object).Add("coding", label))
	}
	attachment := c.OriginalAttachment("application/xml")
	attachment.Set("language", o.Text("language")).Set("title", o.Text("title"))
	d.Add("content", new(object).Put("attachment", attachment))
	context := new(object)
	if c.encounter != nil {
		context.Add("encounter", c.Reference(c.encounter))
	}
	if event := o.Object("event"); event.Object("period") != nil {
		context.Put("period", event.Object("period"))
	}
	d.Put("context", context)
}

// isOneOf reports whether a reference leads to one of those types: the targets
// of an element of R4.
func (c *conversion) isOneOf(reference *object, types ...string) bool {
	return slices.Contains(types, c.TypeOf(reference))
}

// documentKind returns the kind of the document: by a template of the CI-SIS
// that has a name here, or else by one of IHE or HL7. at is the template of a
// kind that has none.
func documentKind(root *node) (kind string, at *node) {
	for t := range root.Elements("templateId") {
		oid := t.Attr("root")
		name, known := documents[oid]
		switch {
		case oid == "2.16.840.1.113883.2.8.2.1" || oid == "1.2.250.1.213.1.1.1.1": // of every document
		case known && (kind == "" || at != nil || strings.HasPrefix(oid, cisisDocument)):
			kind, at = name+" ("+oid+")", nil
			if strings.HasPrefix(oid, cisisDocument) {
				return kind, nil
			}
		case kind == "" && adapters.IsOID(oid):
			kind, at = oid, t
		}
	}
	return kind, at
}
