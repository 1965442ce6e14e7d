package writer

import (
	"github.com/cordee-sante/cordee/adapters/conceptmap"
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// ccdaTeam is the Care Team Organizer of C-CDA, and with .1 one of its members.
const ccdaTeam = "2.16.840.1.113883.10.20.22.4.500"

// careTeam writes a CareTeam that is an entry as the Care Team Organizer of C-CDA.
func (w *writer) careTeam(r resource) *element {
	e := el("organizer", "classCode", "CLUSTER", "moodCode", "EVN").add(templates(ccdaTeam)...).add(ids(r)...)
	e.add(w.optional("code", "", r.Get("category").First()).or(fixed("code", "86744-0", "Équipe de soins", oidLOINC)))
	e.add(w.state(conceptmap.CareTeamStatus, r.Get("status").Text()), period("effectiveTime", r.Get("period")))
	for p := range r.Get("participant").Items() {
		party := w.assigned("assignedEntity", r, p.Get("member"))
		if party == nil {
			continue
		}
		act := el("act", "classCode", "PCPR", "moodCode", "EVN").add(templates(ccdaTeam + ".1")...)
		act.add(fixed("code", "85847-2", "Équipe de soins", oidLOINC), el("statusCode", "code", "active"), period("effectiveTime", p.Get("period")))
		act.add(el("performer", "typeCode", "PRF").add(w.optional("sdtc:functionCode", "", p.Get("role").First()), party))
		e.add(el("component").add(act))
	}
	w.comments(e, r, 0)
	return e
}

// team writes the members of the care team of a plan whom nothing in the header names
// yet, as the CI-SIS has it: participants that are of the team.
func (w *writer) team(root *element, c resource) {
	named := w.parties(c)
	for _, e := range w.Entries {
		r := resource{e.Doc.Root(), e.FullURL}
		if r.typ() != "CareTeam" || w.entered[r.url] || !w.isAbout(r) {
			continue
		}
		for p := range r.Get("participant").Items() {
			to, ok := w.find(r, p.Get("member"))
			if !ok || named[to.url] {
				continue
			}
			named[to.url] = true
			if party := w.assigned("associatedEntity", r, p.Get("member")); party != nil {
				at := period("time", p.Get("period")).or(null("time", "NA"))
				root.add(el("participant", "typeCode", "PRF").add(w.memberFunction(p.Get("role").First()), at, party))
			}
		}
	}
}

// memberFunction is what somebody does in a team.
func (w *writer) memberFunction(role node) *element {
	if role.Get("coding").Exists() {
		if code := w.concept("functionCode", "", role); code.attr("code") != "" {
			return code
		}
	}
	return el("functionCode", "code", "353", "displayName", "Membre de l'équipe de soins", "codeSystem", "1.2.250.1.213.1.6.1.107")
}

// parties are the fullUrls of everybody whom the Composition, its encounter and what
// is to be done name, and of the people behind roles.
func (w *writer) parties(c resource) map[string]bool {
	list := map[string]bool{}
	add := func(from resource, reference node) {
		if to, ok := w.find(from, reference); ok {
			list[to.url] = true
			if person, ok := w.find(to, to.Get("practitioner")); ok {
				list[person.url] = true
			}
		}
	}
	for n := range fhirjson.References(w.Entries[0].Doc) {
		to := w.Find(c.url, n.Text())
		for _, e := range w.Entries {
			if to.Exists() && e.Doc.Root() == to {
				list[e.FullURL] = true
				add(resource{to, e.FullURL}, to.Get("practitioner"))
			}
		}
	}
	if encounter, ok := w.find(c, c.Get("encounter")); ok {
		for p := range encounter.Get("participant").Items() {
			add(encounter, p.Get("individual"))
		}
	}
	for _, e := range w.Entries {
		if r := (resource{e.Doc.Root(), e.FullURL}); r.typ() == "Task" {
			add(r, r.Get("owner"))
		}
	}
	return list
}
