package audit

import (
	"slices"
	"time"

	"github.com/cordee-sante/cordee/fhir"
)

// A Record is what the trail keeps of one request, or of one thing that
// happened to the gateway. It holds no health data beyond references, ids and
// the query that was asked. Everything may be empty but Interaction.
type Record struct {
	Start   time.Time // when the request came in; milliseconds
	Request string    // X-Request-Id
	Trace   string    // W3C trace id
	Address string    // network address of the peer

	Client       string // client_id of the software
	ClientName   string
	Agent        string // the person: "Practitioner/x", "Patient/x"
	AgentID      string // the person's identifier, system|value
	AgentName    string
	Role         string // the person's function: "PractitionerRole/x"
	Organization string // on whose behalf: "Organization/x"
	Purpose      string // purpose of use, a code of v3-ActReason
	Token        string // jti: names the access token, opens nothing

	Interaction Interaction
	Operation   string // name of the operation, "$everything"
	Type        string // resource type that was asked for
	Action      Action // what the Interaction usually is when zero
	Outcome     Outcome
	Reason      string   // short code: an issue ID, "auth.scope"
	Rule        string   // rule that decided: "consent.care-team"
	Policies    []string // what the rule rests on: "Consent/x/_history/3"

	Query Query

	Entries  []Entry  // the resources concerned
	Patients []string // ids of the patients concerned; Record adds those of the entries
}

// A Query is a search or operation as it was asked.
type Query struct {
	Clean string // as it was understood
	Raw   string // as it came, without secrets
}

// An Entry is one resource that was read, found or changed.
type Entry struct {
	Key      fhir.Key
	Effect   fhir.Effect // of a change; NoEffect for what was read
	Hash     [32]byte    // SHA-256 of the body; zero when there is none
	Patients []string    // in whose compartment it lies
}

// Action is AuditEvent.action.
type Action byte

// The actions (http://hl7.org/fhir/audit-event-action).
const (
	Create  Action = 'C'
	Read    Action = 'R'
	Update  Action = 'U'
	Delete  Action = 'D'
	Execute Action = 'E'
)

// Outcome is AuditEvent.outcome.
type Outcome uint8

// The outcomes (http://hl7.org/fhir/audit-event-outcome).
const (
	Success        Outcome = 0
	MinorFailure   Outcome = 4  // the client's mistake or a refusal
	SeriousFailure Outcome = 8  // the gateway could not do it
	MajorFailure   Outcome = 12 // the gateway stopped working
)

// normal returns the record in the one form that is encoded: times in
// milliseconds, action filled, patients of the entries added, sorted, none twice.
func (r Record) normal() Record {
	if r.Action == 0 {
		r.Action = r.Interaction.action()
	}
	if !r.Start.IsZero() {
		r.Start = r.Start.UTC().Truncate(time.Millisecond)
	}
	if slices.Contains(r.Policies, "") {
		r.Policies = slices.DeleteFunc(slices.Clone(r.Policies), func(p string) bool { return p == "" })
	}
	all, shared := slices.Clone(r.Patients), true
	for i := range r.Entries {
		own := r.Entries[i].Patients
		if !isSet(own) {
			if own = set(own); shared {
				r.Entries, shared = slices.Clone(r.Entries), false
			}
			r.Entries[i].Patients = own
		}
		for _, p := range own {
			if len(all) == 0 || all[len(all)-1] != p {
				all = append(all, p)
			}
		}
	}
	r.Patients = sortSet(all)
	return r
}

// isSet reports whether the strings are as set returns them.
func isSet(s []string) bool { return len(s) == 0 || s[0] != "" && ascending(s) }

// set returns the strings sorted, without duplicates and without the empty one.
func set(s []string) []string {
	return sortSet(slices.Clone(s))
}

// sortSet is set of strings that nobody else uses.
func sortSet(s []string) []string {
	if len(s) == 0 {
		return nil
	}
	slices.Sort(s)
	s = slices.Compact(s)
	if s[0] == "" {
		s = s[1:]
	}
	if len(s) == 0 {
		return nil
	}
	return s
}
