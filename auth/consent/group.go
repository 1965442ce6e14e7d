package consent

import (
	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// group is a Group of professionals, as a Consent may name one.
type group struct {
	active  bool
	opaque  bool // has members that cannot be told: a deny to it is a deny to all
	members []member
}

// compileGroup reads a Group. Only actual groups have members.
func (r reader) compileGroup(root fhirjson.Node) *group {
	g := &group{active: root.Get("active").Text() != "false" && root.Get("actual").Text() == "true" && !modified(root)}
	g.opaque = root.Get("actual").Text() != "true" || modified(root)
	for m := range root.Get("member").Items() {
		target := r.target(m.Get("entity"))
		switch typeOf(target) {
		case "Practitioner", "PractitionerRole", "Organization":
		case "Patient", "Device", "Medication", "Substance":
			continue
		default:
			g.opaque = true
			continue
		}
		valid, ok := parseSpan(m.Get("period"), r.Zone)
		if !ok || modified(m) {
			g.opaque = true
			continue
		}
		if m.Get("inactive").Text() == "true" {
			continue
		}
		g.members = append(g.members, member{target: target, valid: valid})
	}
	return g
}

// professional reports whether a Group may hold people who care.
func (g *group) professional() bool { return g == nil || g.opaque || len(g.members) > 0 }
