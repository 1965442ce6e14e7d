package auth

import (
	"context"
	"slices"
	"time"
)

// An Emergency is a break-glass session: one person may read the record of one
// patient for a while, without care team or consent (article L1111-17 of the
// French public health code). It is begun with a token of PurposeBreakTheGlass,
// and further tokens of the session do not prolong it.
type Emergency struct {
	ID    string    `json:"id"` // of the session, and of the Communication that tells the patient
	Start time.Time `json:"start"`
	End   time.Time `json:"end,omitzero"` // before the half hour has passed: of one that goes on where another was ended early
}

// EmergencyLife is how long a session lasts from its first token.
const EmergencyLife = 30 * time.Minute

// Ends is when the session is over.
func (e Emergency) Ends() time.Time {
	if !e.End.IsZero() {
		return e.End
	}
	return e.Start.Add(EmergencyLife)
}

// emergency reports whether the principal breaks the glass.
func (p *Principal) emergency() bool { return p.Purpose == PurposeBreakTheGlass }

// emergencyReach: whoever breaks the glass reads the record of one patient, and
// writes nothing, whatever the scopes say.
func (p *Principal) emergencyReach(typ string, perm byte) Reach {
	read := perm == 'r' || perm == 's'
	if !read || p.Patient == "" || p.Emergency.ID == "" || !p.Scopes.Allow(typ, perm) {
		return ReachNone
	}
	return ReachPatient
}

// notify has the patient told before the first of the record is given in an
// emergency. What was given is not given when that fails, and stays in the
// record: it is what was asked for.
func (g *Guard) notify(ctx context.Context, e *entry) error {
	if e.principal == nil || !e.principal.emergency() || !e.discloses(e.principal.Patient) {
		return nil
	}
	if g.Notify == nil {
		return broken(opEnter, "break-glass without a way to tell the patient", nil)
	}
	if err := g.Notify(ctx, *e.principal); err != nil {
		return errUnnoticed(err)
	}
	return nil
}

// discloses reports whether an entry of the record is the patient's.
func (e *entry) discloses(patient string) bool {
	for i := range e.record.Entries {
		if slices.Contains(e.record.Entries[i].Patients, patient) {
			return true
		}
	}
	return false
}
