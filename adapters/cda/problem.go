package cda

import (
	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/draft"
)

const (
	systemConditionClinical     = "http://terminology.hl7.org/CodeSystem/condition-clinical"
	systemConditionVerification = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
)

// running are the clinical statuses of a problem that goes on: it has no end
// (R4 invariant con-4).
var running = map[string]bool{"active": true, "recurrence": true, "relapse": true}

// problemOf maps FR-Probleme to a Condition. concern is the act of
// FR-Liste-des-problemes around it, nil when it stands alone.
func problemOf(c *conversion, n, concern *node) []*draft.Resource {
	r := c.newEntry("Condition", n)
	identifiers(&r.Object, n)
	for id := range concern.Elements("id") {
		addIdentifier(&r.Object, identifier(id))
	}
	onset, end := c.course(n, concern)
	status, code := c.clinicalStatus(r, n, concern, end.text != "", systemConditionClinical)
	verification := c.verification(n, systemConditionVerification)
	if verification.Object("coding").Text("code") != "entered-in-error" { // invariant con-5
		r.Put("clinicalStatus", status)
	}
	r.Put("verificationStatus", verification)
	if assertion := fixedCode(n, "ASSERTION"); assertion != nil {
		r.Mark(assertion...)
	} else {
		r.Add("category", c.coded(n.Element("code")))
	}
	r.Put("severity", c.attribute(n, severity))
	r.Put("code", c.coded(n.Element("value")))
	if !r.Has("code") {
		r.Put("code", c.wording(n))
	}
	for site := range n.Elements("targetSiteCode") {
		r.Add("bodySite", c.coded(site))
	}
	c.subject(&r.Object, "subject")
	r.Set("onset|dateTime", onset.text, onset.from...)
	if running[code] {
		for _, from := range end.from { // which of the two is right is not ours to say
			c.Refuse(from, "cda.end-of-what-goes-on")
		}
	} else {
		r.Set("abatement|dateTime", end.text, end.from...)
	}
	c.asserted(r, "condition-assertedDate", concern, onset, end)
	c.recorded(r, n)
	if health := c.attribute(n, healthStatus); health != nil {
		r.Add("stage", new(object).Put("summary", health))
	}
	c.entryText(r, n, "code")
	c.externalDocuments(r, n)
	r.Mark(mark(n.Element("statusCode")))
	return c.withRelated(r, n)
}

// concernStatus is the extension for the state of the act of concern around a
// problem or allergy that says itself how it stands: whether it is still looked
// after.
const concernStatus = adapters.Canonical + "/StructureDefinition/concern-status"

// clinicalStatus returns the status that a problem or allergy is said to have
// or, when nothing says so, the one that follows from the act of concern:
// active while it is tracked, then resolved with an end and inactive without
// (IHE PCC TF-2 6.3.4.12.3). A status that is not known is not replaced.
func (c *conversion) clinicalStatus(r *draft.Resource, n, concern *node, ended bool, system string) (*object, string) {
	state := concern.Element("statusCode")
	if c.find(n, problemStatus) != nil {
		s, code := c.takeKnown(n, problemStatus, system)
		tracked := token(state.Attr("code"))
		if tracked != "" && tracked != code {
			r.Add("extension", extension(concernStatus).Set("value|code", tracked, mark(state)))
		}
		if code == "" && ended {
			code = "resolved"
			return concept(system, code), code
		}
		if code == "" {
			return nil, ""
		}
		o := c.translated(system, code, s.Element("value")).Mark(head(s)...)
		if tracked == code {
			o.Mark(mark(state))
		}
		text, from := c.text(s.Element("text"))
		return o.Set("text", text, from...), code
	}
	if isNegated(n) { // the concern goes on about something that is not there
		if tracked := token(state.Attr("code")); tracked != "" {
			r.Add("extension", extension(concernStatus).Set("value|code", tracked, mark(state)))
		}
		return nil, ""
	}
	code := c.attributed(system, "ActStatus", state.Attr("code"))
	if ended && code != "active" {
		code = "resolved"
	}
	if code == "" {
		return nil, ""
	}
	return concept(system, code, mark(state)), code
}

// verification returns how sure a problem or allergy is. What is negated is
// refuted.
func (c *conversion) verification(n *node, system string) *object {
	if isNegated(n) {
		return concept(system, "refuted", mark(n))
	}
	s, code := c.takeKnown(n, certainty, system)
	if code == "" {
		return nil
	}
	text, from := c.text(s.Element("text"))
	return c.translated(system, code, s.Element("value")).Set("text", text, from...).Mark(head(s)...)
}
