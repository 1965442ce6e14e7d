package cda

import (
	"strings"

	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/draft"
)

const (
	oidRoleClass         = "2.16.840.1.113883.5.110"
	oidParticipationType = "2.16.840.1.113883.5.90"
	oidHealthJob         = "1.2.250.1.213.1.1.4.5" // profession and specialty in one code: G15_10/SM26
)

// systemRole is where PractitionerRole has its identifier from: derived from
// whom, where and as what, so that every document means the same resource.
const systemRole = adapters.Canonical + "/NamingSystem/practitioner-role"

// party makes what an assignedAuthor, assignedEntity, associatedEntity,
// intendedRecipient or participantRole describes, and returns the Reference to
// it: the PractitionerRole of a person with a profession or an organisation, the
// Practitioner, the Organization or the Device alone, or the patient. It is nil
// when nobody is described.
func (c *conversion) party(n *node) *object {
	if n == nil {
		return nil
	}
	if id := c.patientID(n); id != nil {
		c.patient.Objects("identifier")[0].Note("value", mark(id))
		return c.Reference(c.patient)
	}
	organization := c.organizationOf(n)
	if device := firstElement(n, "assignedAuthoringDevice", "playingDevice"); device != nil {
		return c.Reference(c.device(n, device, organization))
	}
	person := firstElement(n, "assignedPerson", "associatedPerson", "informationRecipient", "playingEntity")
	if person != nil && person.Name == "playingEntity" && person.Element("code") != nil && !isPerson(n, person) {
		return nil // a thing
	}
	practitioner := c.practitioner(n, person)
	switch {
	case practitioner == nil && organization == nil:
		return nil
	case practitioner == nil:
		return c.Reference(organization)
	case organization == nil && n.Element("code").Attr("code") == "":
		return c.Reference(practitioner)
	}
	return c.Reference(c.practitionerRole(n, practitioner, organization))
}

// patientID returns the id of a party that is the patient's own, or nil. An
// INS of anybody else is left alone.
func (c *conversion) patientID(n *node) *node {
	for id := range n.Elements("id") {
		if c.unidentified == nil && adapters.IsINS(id.Attr("root")) {
			own := c.patient.Objects("identifier")
			if len(own) > 0 && own[0].Text("value") == id.Attr("extension") && own[0].Text("system") == "urn:oid:"+id.Attr("root") {
				return id
			}
		}
	}
	return nil
}

func firstElement(n *node, names ...string) *node {
	for _, name := range names {
		if e := n.Element(name); e != nil {
			return e
		}
	}
	return nil
}

// practitioner makes the professional of a party, nil when none is described.
func (c *conversion) practitioner(n, person *node) *draft.Resource {
	o := new(object)
	var tokens []adapters.Token
	for id := range n.Elements("id") {
		if id.Attr("root") == adapters.OIDProfessional && id.Attr("extension") != "" {
			national := adapters.ParseProfessional(strings.TrimSpace(id.Attr("extension")), c.in.Mode, mark(id))
			for _, i := range national.Identifiers {
				o.Add("identifier", i)
			}
			if tokens = append(tokens, national.Tokens...); national.Tokens == nil {
				c.warn(adapters.WrongNumber(id.Path()))
			}
			continue
		}
		o.Add("identifier", identifier(id))
	}
	if !o.Has("identifier") && person == nil {
		return nil
	}
	for name := range person.Elements("name") {
		o.Add("name", c.humanName(name))
	}
	if o.Empty() {
		return nil
	}
	c.telecoms(o, n)
	c.addresses(o, n)
	return c.shared("Practitioner", n, tokens, o)
}

// shared adds a resource that is matched by its identifiers, merges it into one
// that the document described before, or gives it to the document alone when
// nothing identifies it.
func (c *conversion) shared(resourceType string, n *node, tokens []adapters.Token, o *object) *draft.Resource {
	if len(tokens) == 0 {
		r := c.New(resourceType, n.Path())
		r.Merge(o)
		return r
	}
	r, _ := c.Match(resourceType, tokens...)
	r.Merge(o)
	return r
}

// practitionerRole makes the role of a professional in an organisation.
func (c *conversion) practitionerRole(n *node, practitioner, organization *draft.Resource) *draft.Resource {
	o := new(object)
	o.Put("practitioner", c.Reference(practitioner))
	who, where := resourceKey(practitioner), ""
	if organization != nil {
		o.Put("organization", c.Reference(organization))
		where = resourceKey(organization)
	}
	job := n.Element("code")
	code := c.coded(job)
	if code == nil && c.roles[who+" "+where] != nil { // the same person in the same place
		return c.roles[who+" "+where]
	}
	if code != nil {
		profession, specialty := splitJob(job)
		code.Add("coding", profession)
		o.Add("code", code)
		o.Add("specialty", specialty)
	}
	if practitioner.ID != "" || organization != nil && organization.ID != "" { // not identified: no business of other documents
		return c.shared("PractitionerRole", n, nil, o)
	}
	token := adapters.Token{System: systemRole, Value: adapters.DeriveID(who, where, job.Attr("codeSystem"), job.Attr("code"))}
	identified := new(object).Add("identifier", new(object).Set("system", token.System).Set("value", token.Value))
	identified.Merge(o)
	r := c.shared("PractitionerRole", n, []adapters.Token{token}, identified)
	c.roles[who+" "+where] = r
	return r
}

// resourceKey is what a shared resource is told apart by.
func resourceKey(r *draft.Resource) string {
	id := r.Object.Object("identifier")
	return id.Text("system") + "|" + id.Text("value")
}

// splitJob returns the profession and specialty that a code such as
// G15_10/SM26 holds, as codes of their own tables; nil for what it does not.
func splitJob(n *node) (profession, specialty *object) {
	if n.Attr("codeSystem") != oidHealthJob {
		return nil, nil
	}
	job, skill, _ := strings.Cut(n.Attr("code"), "/")
	if code, ok := strings.CutPrefix(job, "G15_"); ok && code != "" {
		profession = new(object).Set("system", adapters.SystemProfession).Set("code", code)
	}
	if strings.HasPrefix(skill, "SM") {
		specialty = concept(adapters.SystemSpecialty, skill, mark(n))
	}
	return profession, specialty
}

// device makes the software that is an author.
func (c *conversion) device(n, device *node, owner *draft.Resource) *draft.Resource {
	o := new(object)
	for id := range n.Elements("id") {
		o.Add("identifier", identifier(id))
	}
	for _, name := range [][2]string{{"softwareName", "user-friendly-name"}, {"manufacturerModelName", "model-name"}} {
		e, typ := device.Element(name[0]), name[1]
		text, from := words(e)
		if text == "" {
			text, from = strings.TrimSpace(e.Attr("displayName")), []origin{mark(e)}
		}
		if text != "" {
			o.Add("deviceName", new(object).Set("name", text, from...).Set("type", typ))
		}
	}
	o.Put("type", c.coded(firstElement(n, "code")))
	if o.Object("type") == nil {
		o.Put("type", c.coded(device.Element("code")))
	}
	if owner != nil {
		o.Put("owner", c.Reference(owner))
	}
	return c.shared("Device", n, nil, o)
}
