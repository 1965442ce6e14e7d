package adapters

import (
	"context"
	"time"

	"github.com/cordee-sante/cordee/adapters/conceptmap"
	"github.com/cordee-sante/cordee/fhir"
)

// An Adapter turns documents of one format into FHIR. It is pure: it reads
// nothing but its input and writes nothing. It is safe for concurrent use.
type Adapter interface {
	// Detect reports whether a document looks as if it were of its format, by
	// its first bytes as far as possible. data has no byte order mark.
	Detect(data []byte) bool

	// Convert returns the transaction for one document. It fails with
	// *fhir.Error of kind Unprocessable when the document cannot be read or its
	// patient cannot be identified; issues name XPath, line and column, or
	// segment and field.
	Convert(ctx context.Context, in Input) (Conversion, error)
}

// An Input is one document as it was received.
type Input struct {
	Bytes []byte

	// Source names the system that sends, the id of its client for instance.
	// Documents of different sources never touch each other's resources, so it
	// is not to be taken from the document. Required.
	Source string

	// Organization is the reference of the organisation that sends, if known.
	Organization string

	Now  time.Time // of reception
	Mode Mode

	// Every has the report name the places of what is mapped, too.
	Every bool

	// Maps add translations to the codes of a document, beside its own. Nil adds
	// none.
	Maps *conceptmap.Maps
}

// A Mode says how strict identifiers of patients and professionals are taken.
type Mode uint8

// The modes. The zero Mode is the strict one.
const (
	// Production accepts an INS only under a production OID and with a right
	// key.
	Production Mode = iota
	// Integration also accepts test and demonstration OIDs, and wrong keys with
	// a warning: most published examples have them.
	Integration
)

// A Conversion is what an adapter makes of one document.
type Conversion struct {
	// Changes are the transaction, in the order in which they refer to each
	// other, the patient first.
	Changes []fhir.Change
	Report  Report

	// Unidentified says why it is not safe to say whose document this is. The
	// transaction is then for reading only: Intake puts the document into
	// quarantine. Nil when the patient has an identifier to be matched by.
	Unidentified error

	edition edition              // of which document this is one
	late    func() []fhir.Change // the transaction when a later edition is here already
}

// An edition is one of several documents that take each other's place.
type edition struct {
	key         fhir.Key // of the Composition that they share
	number      int      // grows; 0 when it is not known
	identifiers []Token  // of this one
	replaces    []Token  // identifiers of documents beside them whose place it takes
	sender      string   // organisation
}
