package cda

import "github.com/cordee-sante/cordee/adapters/draft"

const (
	systemAllergyClinical     = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
	systemAllergyVerification = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"
)

var (
	allergyStatuses = map[string]string{"active": "active", "inactive": "inactive", "resolved": "resolved",
		"55561003": "active", "73425007": "inactive", "413322009": "resolved"}
	allergyVerifications = map[string]string{"unconfirmed": "unconfirmed", "presumed": "presumed", "confirmed": "confirmed",
		"refuted": "refuted", "entered-in-error": "entered-in-error", "provisional": "presumed", "differential": "unconfirmed"}
	criticalities = map[string]string{"low": "low", "high": "high", "unable-to-assess": "unable-to-assess", "CRITL": "low", "CRITH": "high", "CRITU": "unable-to-assess"}
	severities    = map[string]string{"255604002": "mild", "6736007": "moderate", "24484000": "severe", "371924009": "moderate", "371923003": "mild",
		"399166001": "severe", "L": "mild", "M": "moderate", "H": "severe"}
)

// propensities are the types of allergy that CI-SIS (SNOMED CT), IHE and C-CDA
// write, as AllergyIntolerance.type and category.
var propensities = map[string][2]string{
	"416098002": {"allergy", "medication"}, "419511003": {"", "medication"}, "59037007": {"intolerance", "medication"},
	"414285001": {"allergy", "food"}, "418471000": {"", "food"}, "235719002": {"intolerance", "food"},
	"419199007": {"allergy", ""}, "418038007": {"", ""}, "420134006": {"", ""}, "426232007": {"allergy", "environment"},
	"232347008": {"allergy", "environment"}, "782197009": {"intolerance", ""},
	"allergy": {"allergy", ""}, "intolerance": {"intolerance", ""},
	"ALG": {"allergy", ""}, "DALG": {"allergy", "medication"}, "FALG": {"allergy", "food"}, "EALG": {"allergy", "environment"},
	"INT": {"intolerance", ""}, "DINT": {"intolerance", "medication"}, "FINT": {"intolerance", "food"}, "EINT": {"intolerance", "environment"},
	"NAINT": {"intolerance", ""}, "DNAINT": {"intolerance", "medication"}, "FNAINT": {"intolerance", "food"}, "ENAINT": {"intolerance", "environment"},
}

// allergyOf maps FR-Allergie-ou-hypersensibilite to an AllergyIntolerance.
// concern is the act of FR-Liste-des-allergies around it.
func allergyOf(c *conversion, n, concern *node) []*draft.Resource {
	r := c.newEntry("AllergyIntolerance", n)
	identifiers(&r.Object, n)
	for id := range concern.Elements("id") {
		addIdentifier(&r.Object, identifier(id))
	}
	onset, end := c.course(n, concern)
	status, code := c.clinicalStatus(r, n, concern, end.text != "", systemAllergyClinical, allergyStatuses)
	verification := c.verification(n, systemAllergyVerification, allergyVerifications)
	if verification.Object("coding").Text("code") != "entered-in-error" { // invariants ait-1, ait-2
		if status == nil {
			status = absentConcept(nil)
		}
		r.Put("clinicalStatus", status)
	}
	r.Put("verificationStatus", verification)
	c.propensity(r, n)
	c.criticality(r, n)
	c.allergen(r, n)
	c.subject(&r.Object, "patient")
	switch {
	case end.text != "" && code != "active":
		r.Put("onset|Period", new(object).Set("start", onset.text, onset.from...).Set("end", end.text, end.from...))
	default:
		r.Set("onset|dateTime", onset.text, onset.from...)
	}
	c.asserted(r, "allergyintolerance-assertedDate", concern, onset, end)
	c.recorded(r, n)
	c.reactions(r, n)
	c.entryText(r, n, "code")
	r.Mark(mark(n.Element("statusCode")))
	return c.withRelated(r, n)
}

// propensity sets type and category. A type that FHIR cannot tell is in the
// report; its words are in the note.
func (c *conversion) propensity(r *draft.Resource, n *node) {
	code := n.Element("code")
	from := []origin{mark(code)}
	if assertsType(n) {
		code = n.Element("value")
		from = append(from, origins(code)...)
	}
	p, known := propensities[code.Attr("code")]
	if !known {
		if code.Attr("code") != "" {
			c.Refuse(mark(code), "cda.unknown-code")
		}
		return
	}
	if p == ([2]string{}) { // a propensity, of which kind is left open: what every AllergyIntolerance says
		r.Mark(from...)
	}
	r.Set("type", p[0], from...)
	r.AddText("category", p[1], from...)
	c.besides(&r.Object, "type", p[0], code)
}

// assertsType reports whether the value of an allergy says no more than of what
// type it is (C-CDA, IPS): the code is that of an assertion, the agent takes part.
func assertsType(n *node) bool {
	_, known := propensities[n.Element("value").Attr("code")]
	return known && n.Element("code").Attr("code") == "ASSERTION" && n.Element("participant", "participantRole", "playingEntity", "code") != nil
}

// criticality sets how much harm may come of an exposure.
func (c *conversion) criticality(r *draft.Resource, n *node) {
	if s, code := c.takeKnown(n, criticality, criticalities); code != "" {
		c.asCode(&r.Object, "criticality", code, s)
	}
}

// allergen sets the code: the agent of the participant or, without one, what
// the value says, which is also where "no known allergy" stands.
func (c *conversion) allergen(r *draft.Resource, n *node) {
	agent := n.Element("participant", "participantRole", "playingEntity")
	code := c.coded(agent.Element("code"))
	name, from := words(agent.Element("name"))
	if code == nil && name != "" {
		code = new(object)
	}
	switch {
	case name == "":
	case code.Text("text") == "":
		code.Set("text", name, from...)
	case nameInWords(name, code):
		code.Note("text", from...)
	default:
		r.Add("note", new(object).Set("text", name, from...))
	}
	value := c.coded(n.Element("value"))
	if assertsType(n) {
		value = nil
	}
	switch {
	case code == nil && value == nil:
		code = c.wording(n)
	case code == nil:
		code = value
	case value != nil && value.Object("coding").Equal(code.Object("coding")):
		code.Merge(value)
	case value != nil:
		r.Add("note", new(object).Set("text", describe(value), origins(n.Element("value"))...))
	}
	r.Put("code", code)
}

// describe is a concept in words.
func describe(o *object) string {
	if text := o.Text("text"); text != "" {
		return text
	}
	if display := o.Object("coding").Text("display"); display != "" {
		return display
	}
	return o.Object("coding").Text("code")
}

// origins returns those of a node and of everything below it.
func origins(n *node) []origin {
	var from []origin
	for child := range n.All() {
		if child.Mark != 0 {
			from = append(from, child.Mark)
		}
	}
	return from
}

// reactions adds what happened on exposure: FR-Probleme with its severity.
func (c *conversion) reactions(r *draft.Resource, n *node) {
	for link := range n.Elements("entryRelationship") {
		s := link.Element("observation")
		if s == nil || kindOf(s) != problem || c.taken[s] || isNegated(s) { // what did not happen becomes a refuted Condition
			continue
		}
		manifestation := c.coded(s.Element("value"))
		if manifestation == nil {
			manifestation = c.wording(s)
		}
		c.taken[s] = true
		reaction := new(object)
		text, from := c.text(s.Element("text"))
		if manifestation.Text("text") == text {
			manifestation.Note("text", from...)
			text = ""
		}
		reaction.Add("manifestation", manifestation)
		reaction.Set("description", text, from...)
		onset, _ := c.course(s, nil)
		reaction.Set("onset", onset.text, onset.from...)
		c.reactionSeverity(reaction, s)
		r.Add("reaction", reaction.Mark(head(s)...))
	}
}

// reactionSeverity sets mild, moderate or severe.
func (c *conversion) reactionSeverity(reaction *object, n *node) {
	if s, code := c.takeKnown(n, severity, severities); code != "" {
		c.asCode(reaction, "severity", code, s)
	}
}
