package fhir

import "context"

// A Bounding is a View that can say, before any record is looked at, what holds
// all that it shows. Where that is little, a search over very much begins there
// and costs what the caller may see, not what the store keeps. A View that is
// none, or that cannot tell, is asked about whatever a search comes across.
//
// Sees judges what lies within the bounds like everything else: bounds that
// hold too much cost time. Bounds that hold too little would hide what the
// caller may see, and are a defect.
type Bounding interface {
	View

	// Bounds returns what holds every record of the type that Sees lets be seen
	// in this snapshot; nil when it cannot tell.
	Bounds(ctx context.Context, snap Snapshot, typ string) (*Bounds, error)
}

// Bounds hold records by what the store knows of them without their bodies:
// those about one of Patients, those about a patient of whom a CareTeam or
// Consent names one of Named, in whatever way, and those that one of
// Contributors brought in. The zero Bounds hold nothing.
type Bounds struct {
	Patients     []string // ids
	Named        []string // "Organization/msp", "PractitionerRole/x", "Group/g"
	Contributors []string // "Organization/msp"
}

// A Naming is a Snapshot that can be asked who names somebody. A View needs it
// to know the groups and functions behind which a caller may be.
type Naming interface {
	Snapshot

	// Naming returns the current resources of the type, Group or
	// PractitionerRole, that refer to one of the targets in whatever way,
	// "Type/id", each once; ok is false when there are too many to be told.
	Naming(ctx context.Context, typ string, targets []string) (list []string, ok bool, err error)
}
