package fhir

import (
	"context"
	"time"
)

// A View is the slice of the store that a caller may see. The store evaluates
// it inside the query, on the snapshot that answers it, so that totals, pages,
// includes and chains are those of a store that never held the rest. A nil
// View sees nothing.
type View interface {
	// Sees says for each of the facts whether the record is visible. It returns
	// a slice of the same length. An error fails the whole query: it never
	// means yes.
	Sees(ctx context.Context, snap Snapshot, facts []Facts) ([]bool, error)

	// Fingerprint identifies the caller and the rules, so that a cursor made
	// under one view is refused under another. It is stable between requests of
	// the same caller and says nothing of the records.
	Fingerprint() []byte
}

// A Searching is a View of somebody who may read some of what they may not search
// for: a conditional reference in a body is resolved within Searching.
type Searching interface {
	View

	// Searching returns the part of the View that may be searched for.
	Searching() View
}

// A Grouping is a View that knows of which records it decides alike: a count
// over many then asks once for all of those. A View that is none is asked about
// each record.
type Grouping interface {
	View

	// Alike says for each of the facts whether Sees gives the same answer for
	// every record of the same type, contributor, patients and labels.
	Alike(ctx context.Context, snap Snapshot, facts []Facts) ([]bool, error)
}

// A Closing is a View that knows of whom it shows nothing before it is asked
// about their records: a search passes over these without a look at them.
type Closing interface {
	View

	// Closed returns of whom Sees shows nothing in this snapshot, for the time of the
	// query.
	Closed(ctx context.Context, snap Snapshot) (Closure, error)
}

// A Closure tells of whom a view shows nothing. The zero Closure says nothing.
type Closure struct {
	// Closes reports, of a record that a contributor brought in about a patient, that
	// Sees withholds it. It may be false for what Sees withholds, and is never true for
	// what Sees shows. Nil when nothing is known.
	Closes func(contributor string, patient []byte) bool

	// Key names all that Closes goes by, but for policies and time: what it closes is
	// closed for every view of the same Key, in any snapshot of the same Version, from
	// the moment At on. Empty for a Closure that is of this query alone.
	Key string
	At  time.Time
}

// A Versioned is a Snapshot that knows in which version all policies together
// are.
type Versioned interface {
	Snapshot

	// Version is a number that grows with every change which moves an epoch. ok is
	// false in a transaction, whose changes may be undone.
	Version(ctx context.Context) (version uint64, ok bool, err error)
}

// A Standing is a Grouping that knows how long its answers stand: until a policy
// changes, or the clock passes a moment on which they rest, as the end of a
// period. What was judged of very many patients then need not be judged again.
type Standing interface {
	Grouping

	// Judge says of each of the facts what Sees and what Alike say.
	Judge(ctx context.Context, snap Snapshot, facts []Facts) (Judgement, error)

	// Now is the moment by which the view judges.
	Now() time.Time
}

// A Judgement is what a Standing says of some facts. It stands, for a view of the
// same fingerprint, while no name that was asked of Snapshot.Epochs for it gets
// another epoch, and Now is in [Since, Until). A zero Since is ever before, a zero
// Until ever after; a Judgement of which the two are equal otherwise stands for
// nothing but the request that asked.
type Judgement struct {
	Visible, Alike []bool
	Since, Until   time.Time
}

// Stands reports whether the Judgement holds at a moment.
func (j *Judgement) Stands(now time.Time) bool {
	return (j.Since.IsZero() || !now.Before(j.Since)) && (j.Until.IsZero() || now.Before(j.Until))
}

// Epochs from Passing on are of policies that may never come to be: a commit that
// is being judged brings them, and may yet be refused. Every commit has one of its
// own, which no other ever has.
const Passing = uint64(1) << 63

// A Snapshot is what a View may read of the store: the policy resources of a
// patient, as they stand in the snapshot that answers the query.
type Snapshot interface {
	// Epochs returns, for each patient id, a number that grows whenever a
	// resource that decides who may see the patient changes (Consent, CareTeam
	// and the Patient itself); 0 when there never was one, and Passing or more when
	// what Policy returns holds while one commit is judged and no longer. A
	// name of the form "Type/id" is of a resource that says who somebody is: a
	// PractitionerRole, Group, RelatedPerson, Practitioner, Organization or
	// CareTeam; its number grows whenever that resource changes.
	Epochs(ctx context.Context, patients []string) ([]uint64, error)

	// Policy returns the current Patient, CareTeam and Consent resources in the
	// compartment of the patient or, for "Type/id", that resource alone.
	Policy(ctx context.Context, patient string) ([]Resource, error)
}
