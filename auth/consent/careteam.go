package consent

import (
	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// team is an active CareTeam of the patient: the formal equipe de soins
// (L1110-12; ANS cds-ihe-careteam).
type team struct {
	source  string // "CareTeam/x/_history/3"
	target  string // "CareTeam/x"
	valid   span
	members []member
}

// member is one that a CareTeam admits.
type member struct {
	target   string // Organization, Practitioner or PractitionerRole
	onBehalf string // the organisation for which a Practitioner takes part; empty for any
	valid    span
}

// compileTeam reads a CareTeam. What cannot be read admits nobody; ok is false
// when nothing of it does.
func (r reader) compileTeam(res fhir.Resource, patient string) (t team, ok bool) {
	doc, err := fhirjson.Parse(res.Body)
	if err != nil {
		return team{}, false
	}
	root := doc.Root()
	if root.Get("status").Text() != "active" || modified(root) || !isPatient(r.target(root.Get("subject")), patient) {
		return team{}, false
	}
	if t.valid, ok = parseSpan(root.Get("period"), r.Zone); !ok {
		return team{}, false
	}
	t.source, t.target = source(res), res.Key.Current().String()
	for p := range root.Get("participant").Items() {
		if m, ok := r.compileMember(p); ok {
			t.members = append(t.members, m)
		}
	}
	for o := range root.Get("managingOrganization").Items() {
		if target := r.target(o); typeOf(target) == "Organization" {
			t.members = append(t.members, member{target: target})
		}
	}
	return t, len(t.members) > 0
}

// compileMember reads a participant. Patients, relatives and teams within the
// team admit no professional.
func (r reader) compileMember(participant fhirjson.Node) (m member, ok bool) {
	if modified(participant) {
		return member{}, false
	}
	m.target = r.target(participant.Get("member"))
	switch typeOf(m.target) {
	case "Organization", "Practitioner", "PractitionerRole":
	default:
		return member{}, false
	}
	if behalf := participant.Get("onBehalfOf"); behalf.Exists() {
		if m.onBehalf = r.target(behalf); m.onBehalf == "" {
			return member{}, false
		}
	}
	m.valid, ok = parseSpan(participant.Get("period"), r.Zone)
	return m, ok
}

// admits reports whether the identity is a member now.
func (t *team) admits(q *inquiry) bool {
	if !q.within(t.valid) {
		return false
	}
	for i := range t.members {
		if m := &t.members[i]; q.within(m.valid) && m.names(q, false) {
			return true
		}
	}
	return false
}

// names reports whether the identity is, or may be, a member at some time.
func (t *team) names(q *inquiry) bool {
	for i := range t.members {
		if t.members[i].names(q, true) {
			return true
		}
	}
	return false
}

func (m *member) names(q *inquiry, deny bool) bool {
	return m.target != "" && q.matches(m.target, deny) && (m.onBehalf == "" || m.onBehalf == q.organization)
}
