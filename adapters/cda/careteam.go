package cda

import (
	"slices"

	"github.com/cordee-sante/cordee/adapters"
	"github.com/cordee-sante/cordee/adapters/draft"
)

// plans are the kinds of documents that are a plan as a whole: PPS-PAERPA, the
// plans of cancer care (PPS, FRCP), and whatever has their LOINC codes.
var plans = map[string]bool{"1.2.250.1.213.1.1.1.20": true, "1.2.250.1.213.1.1.1.26": true, "1.2.250.1.213.1.1.1.8": true}

func isPlan(root *node) bool {
	for t := range root.Elements("templateId") {
		if plans[t.Attr("root")] {
			return true
		}
	}
	code := root.Element("code")
	return code.Attr("codeSystem") == oidLOINC && code.Attr("code") == "18776-5"
}

// joins notes somebody that the header names as one who cares for the patient.
func (c *conversion) joins(party, role *object) {
	if !c.isOneOf(party, "Practitioner", "PractitionerRole", "Organization", "RelatedPerson") {
		return
	}
	for _, member := range c.team {
		if member.Object("member").Text("reference") == party.Text("reference") {
			if !slices.ContainsFunc(member.Objects("role"), role.Equal) {
				member.Add("role", role)
			}
			return
		}
	}
	member := new(object).Add("role", role)
	c.team = append(c.team, member.Put("member", new(object).Set("reference", party.Text("reference"))))
}

// careTeam makes the CareTeam of a document that is a plan: its authors, who did
// what it is about, who was responsible, and the participants that it names.
func (c *conversion) careTeam() *draft.Resource {
	if c.planTeam != nil || len(c.team) == 0 || !isPlan(c.root) {
		return c.planTeam
	}
	r := c.New("CareTeam", "plan")
	r.Set("status", "active")
	r.Set("name", c.composition.Text("title"))
	r.Put("subject", c.Reference(c.patient))
	for _, member := range c.team {
		r.Add("participant", member)
	}
	if custodian := c.composition.Object.Object("custodian"); custodian != nil {
		r.Add("managingOrganization", new(object).Set("reference", custodian.Text("reference")))
	}
	c.planTeam = r
	return r
}

// participationRole is a role in a team that is no more than how somebody took
// part.
func participationRole(typeCode string) *object {
	if token(typeCode) == "" {
		return nil
	}
	return concept(adapters.System(oidParticipationType), token(typeCode))
}

// careTeamOf maps the Care Team organizer of C-CDA.
func careTeamOf(c *conversion, n *node) []*draft.Resource {
	r := c.newEntry("CareTeam", n)
	identifiers(&r.Object, n)
	state := n.Element("statusCode")
	r.Set("status", c.attributed(toCareTeamStatus, "ActStatus", state.Attr("code")), mark(state))
	r.Add("category", c.coded(n.Element("code")))
	c.subject(&r.Object, "subject")
	r.Put("period", c.period(n.Element("effectiveTime")))
	for link := range n.Elements("component") {
		s := link.Element("act")
		if s == nil || kindOf(s) != careTeamMember || c.taken[s] {
			continue
		}
		c.taken[s], c.made[s] = true, r
		for p := range s.Elements("performer") {
			party := c.party(p.Element("assignedEntity"))
			if !c.isOneOf(party, "Practitioner", "PractitionerRole", "Organization", "RelatedPerson", "Patient") {
				continue
			}
			member := new(object)
			member.Add("role", c.coded(firstElement(p, "sdtc:functionCode", "functionCode")))
			member.Put("member", party)
			member.Put("period", c.period(s.Element("effectiveTime")))
			r.Add("participant", member.Mark(head(s)...))
		}
	}
	return c.withRelated(r, n)
}
