package fhir

import "time"

// A Resource is one version of a resource as it is kept: the bytes that were
// received, with id, meta.versionId and meta.lastUpdated spliced in.
type Resource struct {
	Key                   // Version is always set
	LastUpdated time.Time // UTC, milliseconds
	Effect      Effect    // how this version came about or, in a Commit result, what the change did
	Body        []byte    // JSON; nil when Effect is Deleted. Not to be modified
	Facts       Facts

	// Content is what a Binary holds where Body is without data: in what a Commit
	// returns and has judged of a Change with Content. Body is whole everywhere else.
	Content []byte

	// Fragment is the id of a contained resource of Body when a search found that
	// and was to return it alone (_containedType=contained); mostly empty.
	Fragment string
}

// Deleted reports whether this version is a tombstone.
func (r Resource) Deleted() bool { return r.Effect == Deleted }

// Facts are what a View may decide on without reading the body. The store
// works them out when a version is written and keeps them beside it.
type Facts struct {
	Key         Key      // Type and ID of the resource
	Patients    []string // ids of the patients in whose compartment it lies, sorted; empty outside (R4 compartmentdefinition-patient.html)
	Contributor string   // reference of the organisation that created the resource, "Organization/msp"; empty when unknown
	Labels      []string // codes of meta.security, securityLabel and confidentiality, and class codes after ClassLabel, sorted
}

// ClassLabel begins those Labels that are codes of the resource's category or
// of a document's type: what class of data it is.
const ClassLabel = "class="

// An Effect says what a change did to a resource.
type Effect uint8

// The effects. The zero Effect is none of them: it belongs to no stored version.
const (
	NoEffect  Effect = iota
	Created          // the first version, or one that brings a deleted resource back
	Updated          // a further version
	Deleted          // a tombstone
	Unchanged        // nothing was written: the content was there already
)

// String returns the word used in logs and audit records.
func (e Effect) String() string {
	switch e {
	case Created:
		return "created"
	case Updated:
		return "updated"
	case Deleted:
		return "deleted"
	case Unchanged:
		return "unchanged"
	}
	return "none"
}
