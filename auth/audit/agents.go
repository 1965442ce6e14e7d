package audit

import (
	"net/netip"
	"strings"

	r4 "github.com/samply/golang-fhir-models/fhir-models/fhir"
)

// agents returns who took part: the software that asked, the gateway, the
// person and the organisation on whose behalf, in the roles that BALP gives
// them for the interaction.
func (g gateway) agents(e event) []r4.AuditEventAgent {
	r := e.Record
	client, server, user := roles(e.interaction)
	var out []r4.AuditEventAgent
	if r.Client != "" || r.Address != "" {
		c := r4.AuditEventAgent{Type: client, Name: text(r.ClientName), AltId: text(r.Client), Requestor: r.Agent == "" && r.AgentID == "", Network: network(r.Address)}
		if r.Client != "" {
			c.Who = &r4.Reference{Identifier: &r4.Identifier{Value: text(r.Client)}}
		}
		if c.Requestor {
			authorised(&c, r)
		}
		out = append(out, c)
	}
	uri := r4.AuditEventAgentNetworkType5
	own := r4.AuditEventAgent{Type: server, Who: &r4.Reference{Identifier: &r4.Identifier{Value: &g.server}}, Requestor: len(out) == 0}
	if g.base != "" {
		own.Network = &r4.AuditEventAgentNetwork{Address: &g.base, Type: &uri}
	}
	out = append(out, own)
	if r.Agent != "" || r.AgentID != "" {
		out = append(out, person(r, user))
	}
	if r.Organization != "" && e.interaction != InteractionToken { // IUA.71 has no room for it
		out = append(out, r4.AuditEventAgent{Type: concept(systemRoleClass, "PROV"), Who: &r4.Reference{Reference: text(r.Organization)}})
	}
	return out
}

// person is the agent who asked.
func person(r Record, typ *r4.CodeableConcept) r4.AuditEventAgent {
	a := r4.AuditEventAgent{Type: typ, Name: text(r.AgentName), Requestor: true, Who: &r4.Reference{Reference: text(r.Agent)}}
	if system, value, ok := cutIdentifier(r.AgentID); ok {
		a.Who.Identifier = &r4.Identifier{System: text(system), Value: text(value)}
	}
	if r.Role != "" {
		a.Role = []r4.CodeableConcept{{Text: text(r.Role)}}
	}
	authorised(&a, r)
	return a
}

// authorised adds what entitled the requestor: the token, what it was for, and
// the policies and the rule that let it pass or refused.
func authorised(a *r4.AuditEventAgent, r Record) {
	if r.Token != "" {
		a.Policy = append(a.Policy, policyToken+r.Token)
	}
	a.Policy = append(a.Policy, r.Policies...)
	if r.Rule != "" {
		a.Policy = append(a.Policy, policyRule+r.Rule)
	}
	if r.Purpose != "" {
		a.PurposeOfUse = []r4.CodeableConcept{*concept(systemPurpose, r.Purpose)}
	}
}

// roles returns the types of client, server and user (BALP 1.1; IUA.71).
func roles(i Interaction) (client, server, user *r4.CodeableConcept) {
	user = concept(systemParticipant, "IRCP")
	switch i.action() {
	case Create, Update:
		client, server = concept(systemDICOM, dicomSource), concept(systemDICOM, dicomDestination)
		user = concept(systemParticipant, "AUT")
	case Read:
		client, server = concept(systemDICOM, dicomDestination), concept(systemDICOM, dicomSource)
	case Delete:
		client, server = concept(systemDICOM, dicomApplication), concept(systemProvenance, "custodian")
		user = concept(systemParticipant, "AUT")
	default:
		client, server = concept(systemDICOM, dicomSource), concept(systemDICOM, dicomDestination)
	}
	if i == InteractionToken {
		client, server = concept(systemDICOM, dicomApplication), concept(systemUserAgent, "AuthzOauthService")
	}
	return client, server, user
}

// network is where an agent was on the network: an IP address, or a name.
func network(address string) *r4.AuditEventAgentNetwork {
	if address == "" {
		return nil
	}
	kind := r4.AuditEventAgentNetworkType1
	if _, err := netip.ParseAddr(address); err == nil {
		kind = r4.AuditEventAgentNetworkType2
	}
	return &r4.AuditEventAgentNetwork{Address: &address, Type: &kind}
}

// cutIdentifier splits system|value; without a bar there is no system.
func cutIdentifier(s string) (system, value string, ok bool) {
	i := strings.LastIndexByte(s, '|')
	if s == "" || i == len(s)-1 {
		return "", "", false
	}
	if i < 0 {
		return "", s, true
	}
	return s[:i], s[i+1:], true
}
