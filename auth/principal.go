package auth

import (
	"context"
	"slices"
	"time"
)

// A Principal is who asks, as the token says: the software, on whose behalf,
// and what for. It comes from a TokenSource and nowhere else; no header adds to
// it. The zero Principal may do nothing.
type Principal struct {
	Client     string // client_id of the software
	ClientName string // its human name, for the trail

	// Organization is the organisation on whose behalf the client acts,
	// "Organization/msp". What the principal writes is contributed by it.
	Organization string

	// Practitioner is the person, "Practitioner/id", and Role the function in
	// which the person acts, "PractitionerRole/id"; both are empty for software
	// that acts by itself. Name is the person's as the client states it, for
	// the trail alone.
	Practitioner string
	Role         string
	Name         string

	// Identifier names the person as system|value when the client knows no
	// reference, "https://rpps.esante.gouv.fr|89990000001". Never in errors or logs.
	Identifier string

	// Profession is the code of the person's profession in
	// TRE_G15-ProfessionSante ("10" physician, "60" nurse); empty when unknown.
	Profession string

	Roles   []string // what the client is registered as: RoleOfficer, …
	Purpose string   // purpose of use, a code of v3-ActReason: "TREAT"
	Scopes  Scopes

	// Patient is the id of the patient in context: the patient who asks, the one
	// who is represented, or the only one whom break-glass opens. Scopes of
	// patient/ reach that compartment only, and nothing while Patient is empty.
	Patient string

	// Related is the person who represents the patient, "RelatedPerson/id", for a
	// principal of KindRepresentative.
	Related string

	// Emergency is the session of a principal that breaks the glass; zero for all
	// others.
	Emergency Emergency

	TokenID string    // names the token in the trail; not the token itself
	Expires time.Time // of the token
}

// The roles of a client. A role opens no patient by itself; RoleOfficer opens
// the trail, and closes everything else as RoleOperator does.
const (
	RoleOfficer     = "officer"     // reads AuditEvents (security or data protection officer)
	RoleContributor = "contributor" // software that sends what it has
	RolePractice    = "practice"    // software of a practice, pharmacy or health centre
	RolePlatform    = "platform"    // coordination platform that reads for a care team
	RoleOperator    = "operator"    // runs the gateway; has searches explained, and sees no record
	RoleRegistrar   = "registrar"   // keeps consents, terminology and conformance resources

	RolePatient        = "patient"        // portal through which patients read their own record
	RoleRepresentative = "representative" // the same for who represents a patient
)

// ValidRole reports whether the gateway knows the role.
func ValidRole(role string) bool {
	switch role {
	case RoleOfficer, RoleContributor, RolePractice, RolePlatform, RoleOperator, RoleRegistrar, RolePatient, RoleRepresentative:
		return true
	}
	return false
}

// Is reports whether the principal has the role.
func (p *Principal) Is(role string) bool { return slices.Contains(p.Roles, role) }

// A Kind says how a principal stands to the patients whose records it asks for.
type Kind uint8

// The kinds. The rules of professional secrecy hold for the first alone; the
// others see one patient and write nothing.
const (
	KindProfessional Kind = iota
	KindPatient
	KindRepresentative
)

// Kind is the kind of the principal, by the roles of its client: a client that
// serves patients never acts for professionals too.
func (p *Principal) Kind() Kind {
	switch {
	case p.Is(RoleRepresentative), p.Related != "":
		return KindRepresentative
	case p.Is(RolePatient):
		return KindPatient
	}
	return KindProfessional
}

// A Reach is how far the scopes of a principal go for one type and permission.
type Reach uint8

// The reaches, from nothing to everything the decision point permits.
const (
	ReachNone    Reach = iota
	ReachPatient       // only the compartment of Principal.Patient
	ReachAll
)

// Reach says how far the token lets the principal go with perm (one of c, r, u,
// d, s) on the type; "*" asks for all types. Consent applies afterwards.
func (p *Principal) Reach(typ string, perm byte) Reach {
	if typ != "AuditEvent" && (p.Is(RoleOfficer) || p.Is(RoleOperator)) { // and the trail is for officers alone
		return ReachNone
	}
	if p.emergency() {
		return p.emergencyReach(typ, perm)
	}
	if p.Scopes.Allow(typ, perm) {
		return ReachAll
	}
	if p.Patient != "" && p.Scopes.allow(ContextPatient, typ, perm) {
		return ReachPatient
	}
	return ReachNone
}

type principalKey struct{}

// WithPrincipal returns a context in which p asks.
func WithPrincipal(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, &p)
}

// FromContext returns who asks; ok is false when nobody was authenticated.
func FromContext(ctx context.Context) (p Principal, ok bool) {
	if q := principalOf(ctx); q != nil {
		return *q, true
	}
	return Principal{}, false
}

// principalOf spares the copy. What it points to is shared by everything that
// the request does, and is never modified.
func principalOf(ctx context.Context) *Principal {
	p, _ := ctx.Value(principalKey{}).(*Principal)
	return p
}
