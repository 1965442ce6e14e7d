package consent

import (
	"fmt"
	"testing"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
)

// groupOf is an active Group with further members of its JSON.
func groupOf(id, contributor, members string) fhir.Resource {
	return resource("Group", id, contributor, nil, `"active":true,"type":"practitioner","actual":true,"member":[`+members+`]`)
}

func entity(target, members string) string {
	return fmt.Sprintf(`{"entity":{"reference":%q}%s}`, target, members)
}

// C03: who is in a Group is who is in it now for a permit, and who may be for a
// deny.
func TestC03Group(t *testing.T) {
	for _, tt := range []struct {
		name         string
		group        fhir.Resource
		permit, deny bool // lets in; keeps out
	}{
		{"person", groupOf("g", msp, entity("Practitioner/x", "")), true, true},
		{"function", groupOf("g", msp, entity("PractitionerRole/f", "")), true, true},
		{"organisation", groupOf("g", msp, entity(outsider, "")), true, true},
		{"another", groupOf("g", msp, entity("Practitioner/y", "")), false, false},
		{"nobody", groupOf("g", msp, ""), false, false},
		{"inactive member", groupOf("g", msp, entity("Practitioner/x", `,"inactive":true`)), false, false},
		{"member over", groupOf("g", msp, entity("Practitioner/x", `,"period":{"end":"2026-01-14"}`)), false, true},
		{"member unreadable", groupOf("g", msp, entity("Practitioner/x", `,"period":{"end":"soon"}`)), false, true},
		{"nested group", groupOf("g", msp, entity("Group/h", "")), false, true},
		{"foreign member", groupOf("g", msp, entity("https://other.example/Practitioner/x", "")), false, true},
		{"inactive", resource("Group", "g", msp, nil, `"active":false,"actual":true,"member":[`+entity("Practitioner/x", "")+`]`), false, true},
		{"descriptive", resource("Group", "g", msp, nil, `"actual":false`), false, true},
		{"absent", resource("Group", "h", msp, nil, ``), false, true},
	} {
		for kind, want := range map[string]bool{"permit": tt.permit, "deny": !tt.deny} {
			m := &memory{}
			m.put(patient("p", "Organization/hopital"))
			m.put(functionOf("f", "Practitioner/x", outsider, profession("10")))
			m.put(tt.group)
			if kind == "deny" {
				m.put(careTeam("t", "p", "Organization/hopital", admitting(outsider)))
			}
			m.put(privacy("c", "p", "Organization/hopital", provision(kind, "", "Group/g")))
			who := care(outsider)
			who.Practitioner, who.Profession = "Practitioner/x", "10"
			if got, why := sees(t, at(now), who, m, record("p")); got != want {
				t.Errorf("%s to a group with %s: %v by %s", kind, tt.name, got, why.Rule)
			}
		}
	}
}

// C05: who leaves a Group loses what it opened on the next request.
func TestC05GroupChanges(t *testing.T) {
	m := &memory{}
	m.put(patient("p", "Organization/hopital"))
	m.put(groupOf("g", msp, entity(outsider, "")))
	m.put(privacy("c", "p", "Organization/hopital", provision("permit", "", "Group/g")))
	p := at(now)
	for i, members := range []string{entity(outsider, ""), entity(outsider, ""), "", entity(outsider, ""), entity(pharmacy, "")} {
		if i > 0 {
			m.put(groupOf("g", msp, members))
		}
		if got, _ := sees(t, p, care(outsider), m, record("p")); got != (members == entity(outsider, "")) {
			t.Errorf("step %d: sees %v", i, got)
		}
	}
}

// A24: nobody joins a group or takes a function that consents may name by
// writing the directory.
func TestA24PlantedDirectory(t *testing.T) {
	m := territory()
	registrar := care(outsider)
	registrar.Roles = []string{auth.RoleRegistrar}
	own := groupOf("g", outsider, "")
	joined := groupOf("g", outsider, entity(outsider, ""))
	mixed := groupOf("g", outsider, entity("Patient/p", "")+","+entity("Practitioner/x", ""))
	devices := groupOf("g", outsider, entity("Device/d", ""))
	theirs := functionOf("f", "Practitioner/x", msp, "")
	theirs.Facts.Contributor = outsider // it brought the directory in
	moved := functionOf("f", "Practitioner/x", outsider, "")
	moved.Facts.Contributor = outsider
	other := functionOf("f", "Practitioner/mine", msp, "")
	other.Facts.Contributor = outsider
	supervised := functionOf("f", "Practitioner/x", msp, delegating(intern, "PractitionerRole/dr"))
	supervised.Facts.Contributor = outsider
	here := functionOf("h", "Practitioner/x", outsider, "")
	next := functionOf("h", "Practitioner/y", outsider, "")
	gone := functionOf("k", "Practitioner/x", pharmacy, "")
	back := functionOf("k", "Practitioner/mine", outsider, "")
	for _, tt := range []struct {
		name          string
		who           auth.Principal
		before, after *fhir.Resource
		ok            bool
	}{
		{"a group of professionals", care(outsider), nil, &joined, false},
		{"joining one's own group", care(outsider), &own, &joined, false},
		{"leaving a group", care(outsider), &joined, &own, false},
		{"deleting a group", care(outsider), &joined, tombstone(joined), false},
		{"a group with a professional among patients", care(msp), nil, &mixed, false},
		{"a group of devices", care(outsider), nil, &devices, true},
		{"registrar", registrar, &own, &joined, true},
		{"moving a function to one's own organisation", care(outsider), &theirs, &moved, false},
		{"giving a function to one's own", care(outsider), &theirs, &other, false},
		{"being supervised in another organisation", care(outsider), &theirs, &supervised, false},
		{"a function of one's own organisation", care(outsider), &here, &next, true},
		{"a function in the name of one that was", care(outsider), tombstone(gone), &back, false},
		{"registrar of functions", registrar, &theirs, &moved, true},
	} {
		if rule, ok := write(t, m, tt.who, tt.before, tt.after); ok != tt.ok {
			t.Errorf("%s: %v by %s", tt.name, ok, rule)
		}
	}
}
