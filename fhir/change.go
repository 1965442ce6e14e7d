package fhir

// A Change is one write of a Commit. All changes of a Commit happen or none.
type Change struct {
	Method Method
	Key    Key    // Type always; ID for Update and Delete, and where Create is to use one
	Body   []byte // JSON of the resource; nil for Delete

	// Content is what a Binary holds, beside a Body without data (Whole). Not to be
	// modified. Nil for none.
	Content []byte

	// FullURL is Bundle.entry.fullUrl. References of the same Commit that equal
	// it (urn:uuid:, urn:oid:, absolute, or Type/id) are rewritten to the key
	// that the change ends up with (R4 http.html#trules).
	FullURL string

	IfMatch     string // version the resource must be at; empty for no condition
	IfNoneExist *Query // conditional create: do nothing when one matches, refuse when several do
	Where       *Query // conditional update or delete: the resource is the one that matches

	// Within is what the writer may see: conditional references in the body
	// (Patient?identifier=…) resolve in it. Nil refuses them.
	Within View

	// Contributor is the reference of the organisation that writes. The guard
	// sets it from the principal; it becomes Facts.Contributor of what is
	// created, and stays that through all updates.
	Contributor string

	// Permit judges the change inside the transaction that makes it, so that no
	// other writer can come between: before is the version it replaces (nil when
	// there is none; a tombstone when it was deleted), after the one it would
	// write (a tombstone for Delete), with id, Facts and references as they will
	// stand. It is asked also when the content proves to be the same already;
	// only a conditional create that matched is not asked about. Snap is what the
	// transaction sees, commits of the same batch included. An error
	// refuses the whole Commit, writes nothing, and is what Commit returns. It
	// may be called again when the transaction is. The guard sets it; nil
	// judges nothing.
	Permit func(snap Snapshot, before, after *Resource) error
}

// A Method is what a Change does.
type Method uint8

// The methods. The zero Method is refused.
const (
	NoMethod Method = iota
	Create          // POST
	Update          // PUT, also to an id that does not exist yet
	Delete          // DELETE
)

// String returns the HTTP verb of the method.
func (m Method) String() string {
	switch m {
	case Create:
		return "POST"
	case Update:
		return "PUT"
	case Delete:
		return "DELETE"
	}
	return "?"
}
