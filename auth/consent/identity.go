package consent

import (
	"time"

	"github.com/cordee-sante/cordee/auth"
)

// identity is a principal as policies know it, at a moment.
type identity struct {
	organization string // "Organization/id"
	practitioner string // "Practitioner/id", or empty
	role         string // "PractitionerRole/id", or empty
	purpose      string // code of v3-ActReason
	now          time.Time
}

func identify(p auth.Principal, now time.Time) identity {
	return identity{organization: p.Organization, practitioner: p.Practitioner, role: p.Role, purpose: p.Purpose, now: now}
}

// is reports whether a target names the organisation, the person or the
// function in which the person acts.
func (id *identity) is(target string) bool {
	return target != "" && (target == id.organization || target == id.role || target == id.practitioner)
}
