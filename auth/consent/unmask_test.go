package consent

import (
	"testing"

	"github.com/cordee-sante/cordee/auth"
	"github.com/cordee-sante/cordee/fhir"
)

// C11: who sees a masked record that another wrote, as the general practitioner
// does, does not take the mask away by writing the record without it: the rest of
// the care team would see it.
func TestC11MasksStay(t *testing.T) {
	m := &memory{}
	m.put(resource("Patient", "p", msp, []string{"p"}, `"generalPractitioner":[{"reference":"Practitioner/gp"}]`))
	m.put(careTeam("tp", "p", msp, admitting(msp, pharmacy, "Practitioner/gp")))
	gp := care(pharmacy)
	gp.Practitioner, gp.Profession = "Practitioner/gp", "10"
	registrar := gp
	registrar.Roles = append([]string{auth.RoleRegistrar}, gp.Roles...)
	labelled := func(contributor string, labels ...string) *fhir.Resource {
		r := observation(contributor, "p")
		r.Facts.Labels = labels
		return r
	}
	for name, tt := range map[string]struct {
		who           auth.Principal
		before, after *fhir.Resource
		ok            bool
	}{
		"mask taken away":          {gp, labelled(msp, "MASQUE_PS"), labelled(pharmacy), false},
		"mask for another label":   {gp, labelled(msp, "MASQUE_PS"), labelled(pharmacy, "R"), false},
		"one of two":               {gp, labelled(msp, "MASQUE_PS", "INVISIBLE_PATIENT"), labelled(pharmacy, "MASQUE_PS"), false},
		"mask kept":                {gp, labelled(msp, "MASQUE_PS"), labelled(pharmacy, "MASQUE_PS"), true},
		"mask added":               {gp, labelled(msp), labelled(pharmacy, "MASQUE_PS"), true},
		"what masks nothing":       {gp, labelled(msp, "R"), labelled(pharmacy), true},
		"by the author":            {gp, labelled(pharmacy, "MASQUE_PS"), labelled(pharmacy), true},
		"by the registrar":         {registrar, labelled(msp, "MASQUE_PS"), labelled(pharmacy), true},
		"upon a tombstone of ours": {gp, tombstone(*labelled(pharmacy, "MASQUE_PS")), labelled(pharmacy), true},
	} {
		if rule, ok := write(t, m, tt.who, tt.before, tt.after); ok != tt.ok || !ok && rule != ForeignRecord {
			t.Errorf("%s: %v by %s", name, ok, rule)
		}
	}
}
