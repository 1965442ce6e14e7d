package cda

import (
	"fmt"
	"regexp"

	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/fhir"
)

const (
	coreExtension = "https://hl7.fr/ig/fhir/core/StructureDefinition/"
	baseExtension = "http://hl7.org/fhir/StructureDefinition/"
)

// recordTarget makes the Patient. A document is about exactly one.
func (c *conversion) recordTarget() error {
	var role *node
	n := 0
	for target := range c.root.Elements("recordTarget") {
		if role = target.Element("patientRole"); role != nil {
			n++
		}
	}
	if n != 1 {
		return fault(c.doc, c.root, "cda.patients",
			fhir.T("The document has %d patients.", "Le document compte %d patients.", n),
			fhir.T("A document is about exactly one patient: one recordTarget with a patientRole.", "Un document concerne exactement un patient : un recordTarget et son patientRole."))
	}
	warned := len(c.Report.Warnings)
	ins, at, err := c.ins(role)
	wrongKey := len(c.Report.Warnings) > warned
	switch {
	case err != nil && at == nil:
		return err
	case err != nil:
		c.unidentified = err
		c.patient = c.New("Patient")
	default:
		c.patient, _ = c.Match("Patient", adapters.Token{System: ins.System, Value: ins.Value})
	}
	c.fillPatient(role, ins, err == nil, at)
	c.reliability(wrongKey)
	return nil
}

// ins returns the national identifier of the patient and the id it was read
// from. Two that differ fail for good: the document contradicts itself.
func (c *conversion) ins(role *node) (ins adapters.INS, at *node, err error) {
	at = role
	for id := range role.Elements("id") {
		if !adapters.IsINS(id.Attr("root")) {
			continue
		}
		if at != role && at.Attr("extension") != id.Attr("extension") {
			return ins, nil, fault(c.doc, id, "cda.two-ins",
				fhir.T("The document gives its patient two national identifiers.", "Le document donne deux identités nationales à son patient."),
				fhir.T("Keep the one that is in force.", "Gardez celle qui est en vigueur."))
		}
		if at == role {
			at = id
		}
	}
	line, column := c.doc.Position(at.Offset)
	ins, warnings, err := adapters.ParseINS(at.Attr("root"), at.Attr("extension"), fmt.Sprintf("%s (%d:%d)", at.Path(), line, column), c.in.Mode)
	c.warn(warnings...)
	return ins, at, err
}

func (c *conversion) fillPatient(role *node, ins adapters.INS, identified bool, at *node) {
	p := &c.patient.Object
	patient := role.Element("patient")
	c.birthPlace(p, patient)
	for id := range role.Elements("id") {
		switch {
		case identified && id == at:
			p.Add("identifier", ins.Identifier(mark(id)))
		case identified && adapters.IsINS(id.Attr("root")): // the same once more
			p.Objects("identifier")[0].Note("value", mark(id))
		default:
			p.Add("identifier", c.localIdentifier(id))
		}
	}
	for name := range patient.Elements("name") {
		c.patientNames(p, name)
	}
	c.telecoms(p, role)
	gender := patient.Element("administrativeGenderCode")
	p.Set("gender", c.known(gender, toGender), mark(gender))
	c.birth(p, patient)
	c.death(p, patient)
	c.addresses(p, role)
	p.Put("maritalStatus", c.coded(patient.Element("maritalStatusCode")))
	for guardian := range patient.Elements("guardian") {
		p.Add("contact", c.contact(guardian))
		c.guardian(guardian)
	}
	for spoken := range patient.Elements("languageCommunication") {
		code := spoken.Element("languageCode")
		o := new(object)
		if tag := language(code); tag != "" {
			o.Put("language", concept("urn:ietf:bcp:47", tag, mark(code)))
		}
		if preferred := spoken.Element("preferenceInd"); o.Has("language") && preferred.Attr("value") != "" {
			o.Literal("preferred", boolean(preferred), mark(preferred))
		}
		p.Add("communication", o)
	}
	if provider := role.Element("providerOrganization"); provider != nil {
		p.Put("managingOrganization", c.organization(provider))
	}
}

// localIdentifier is an identifier of the patient in one structure (IPP).
func (c *conversion) localIdentifier(id *node) *object {
	o := identifier(id)
	if o == nil || !o.Has("system") {
		return o
	}
	return adapters.TypedIdentifier(adapters.V2IdentifierTypes, "PI", o.Text("system"), o.Text("value"), "usual", mark(id))
}

// patientNames adds the names of a PN: the official one of birth (BR) with the
// list of given names of the civil register, the one in use (CL), or the one
// of marriage (SP); without qualifiers the name as it is.
func (c *conversion) patientNames(p *object, n *node) {
	if !qualified(n) {
		p.Add("name", c.humanName(n))
		return
	}
	official := new(object).Set("use", "official")
	usual := new(object).Set("use", "usual")
	var married string
	var marriedFrom []origin
	for part := range n.Elements("") {
		text, from := words(part)
		switch part.Name + "@" + part.Attr("qualifier") {
		case "family@BR":
			official.Set("family", text, from...)
		case "given@BR":
			official.AddText("given", text, from...)
		case "given@":
			list := extension(coreExtension+"fr-core-patient-birth-list-given-name").Set("value|string", text, from...)
			if text != "" {
				official.Add("extension", list)
			}
		case "family@CL", "family@":
			usual.Set("family", text, from...)
		case "family@SP":
			married, marriedFrom = text, from
		case "given@CL":
			usual.AddText("given", text, from...)
		default:
			if part.Name == "prefix" || part.Name == "suffix" {
				usual.AddText(part.Name, text, from...)
			}
		}
	}
	switch usual.Text("family") {
	case "":
		usual.Set("family", married, marriedFrom...)
	case married:
		usual.Note("family", marriedFrom...)
	default:
		if married != "" {
			usual.Put("_family", new(object).Add("extension", extension(baseExtension+"humanname-partner-name").Set("value|string", married, marriedFrom...)))
		}
	}
	for _, name := range []*object{official, usual} {
		if name.Has("family") || name.Has("given") || name.Has("extension") || name.Has("prefix") || name.Has("suffix") {
			p.Add("name", name)
		}
	}
}

// qualified reports whether a name has parts of birth, use or marriage.
func qualified(n *node) bool {
	for part := range n.Elements("") {
		switch part.Attr("qualifier") {
		case "BR", "CL", "SP":
			return true
		}
	}
	return false
}

// birth sets birthDate, with the time of birth as its extension.
func (c *conversion) birth(p *object, patient *node) {
	n := patient.Element("birthTime")
	p.Set("birthDate", c.date(n), mark(n))
	if t := c.instant(n); t != "" {
		p.Put("_birthDate", new(object).Add("extension", extension(baseExtension+"patient-birthTime").Set("value|dateTime", t, mark(n))))
	}
}

// death reads the extensions of HL7's structured documents group.
func (c *conversion) death(p *object, patient *node) {
	at, indicator := patient.Element("sdtc:deceasedTime"), patient.Element("sdtc:deceasedInd")
	switch t := c.dateTime(at); {
	case t != "":
		p.Set("deceased|dateTime", t, mark(at), mark(indicator))
	default:
		p.Literal("deceased|boolean", boolean(indicator), mark(indicator))
	}
	order, multiple := patient.Element("sdtc:multipleBirthOrderNumber"), patient.Element("sdtc:multipleBirthInd")
	if k := integer(order.Attr("value")); k != "" {
		p.Literal("multipleBirth|integer", k, mark(order), mark(multiple))
		return
	}
	p.Literal("multipleBirth|boolean", boolean(multiple), mark(multiple))
}

// insee is the code of a commune, or of a country for births abroad.
var insee = regexp.MustCompile(`^(\d\d|2[AB])\d{3}$`)

// birthPlace sets the extension with the place of birth and its INSEE code,
// which CI-SIS documents write as county.
func (c *conversion) birthPlace(p *object, patient *node) {
	n := patient.Element("birthplace", "place", "addr")
	a := c.address(n)
	if a == nil {
		return
	}
	if code := a.Text("district"); insee.MatchString(code) {
		place := new(object).Add("extension", extension(coreExtension+"fr-core-address-insee-code").
			Put("value|Coding", new(object).Set("system", adapters.SystemCommune).Set("code", code, mark(firstText(n.Element("county"))))))
		for _, name := range []string{"use", "text", "line", "city", "state", "postalCode", "country"} {
			place.Copy(a, name)
		}
		a = place
	}
	if name, from := words(patient.Element("birthplace", "place", "name")); name != "" && !a.Has("text") {
		a.Set("text", name, from...)
	}
	p.Add("extension", extension(baseExtension+"patient-birthPlace").Put("value|Address", a))
}

func firstText(n *node) *node {
	for t := range n.Nodes() {
		if t.IsText() && t.Mark != 0 {
			return t
		}
	}
	return nil
}

// contact is the legal representative of the patient. It is nil when he cannot
// be told or reached (R4 invariant pat-1).
func (c *conversion) contact(n *node) *object {
	o := new(object)
	o.Add("relationship", c.coded(n.Element("code")))
	o.Add("relationship", concept(adapters.System(oidRoleClass), "GUARD"))
	o.Put("name", c.humanName(n.Element("guardianPerson", "name")))
	c.telecoms(o, n)
	o.Put("address", c.address(n.Element("addr")))
	if organization := n.Element("guardianOrganization"); organization != nil {
		o.Put("organization", c.organization(organization))
	}
	if !o.Has("name") && !o.Has("telecom") && !o.Has("address") && !o.Has("organization") {
		return nil
	}
	return o
}

// guardian makes the RelatedPerson of a legal representative who has an
// identifier, which Patient.contact has no room for: of a child, the mother or
// father, by whose national identifier the two patients are linked.
func (c *conversion) guardian(n *node) {
	if n.Element("id") == nil {
		return
	}
	o := new(object)
	for id := range n.Elements("id") {
		o.Add("identifier", identifier(id))
	}
	if !o.Has("identifier") {
		return
	}
	r := c.New("RelatedPerson", n.Path())
	r.Merge(o)
	c.subject(&r.Object, "patient")
	r.Add("relationship", concept(adapters.System(oidRoleClass), "GUARD"))
	r.Add("relationship", c.coded(n.Element("code")))
	r.Add("name", c.humanName(n.Element("guardianPerson", "name")))
	c.telecoms(&r.Object, n)
	c.addresses(&r.Object, n)
}

// boolean returns the literal of a BL, empty for anything else.
func boolean(n *node) string {
	if v := n.Attr("value"); v == "true" || v == "false" {
		return v
	}
	return ""
}
