package adapters

import (
	"slices"

	"github.com/cordee-sante/cordee/fhir"
)

// A Report says what became of every item of a source document. It names
// places, never values: it may be shown, logged and stored without disclosing
// what the document says.
type Report struct {
	Format    string       `json:"format"`              // "CDA R2"
	Document  string       `json:"document,omitempty"`  // what kind of document: the OID of its template
	Converter string       `json:"converter"`           // adapter and version of its map
	Reference string       `json:"reference,omitempty"` // DocumentReference of the original
	Items     []Item       `json:"items"`               // in the order of the source; without Input.Every those not understood
	Warnings  []fhir.Issue `json:"-"`                   // about the document as a whole

	counts Counts
	texts  []string // elements that hold narrative
}

// An Item is one coded value, quantity, date, name, text … of the source.
type Item struct {
	Kind ItemKind `json:"kind"`
	Fate Fate     `json:"fate"`

	// Source is the XPath, or segment and field, and Line that of the source, from 1.
	// Without Input.Every only those have them that were not understood and that an
	// OperationOutcome names.
	Source string `json:"source,omitempty"`
	Line   int    `json:"line,omitempty"`

	// Resource is the fullUrl of the resource that an element was made in, and
	// Path the FHIRPath of that element: the first where there are several.
	Resource string `json:"resource,omitempty"`
	Path     string `json:"path,omitempty"`

	// Reason is the stable name of why an item was not understood, see
	// docs/errors.md. Empty where the adapter has no place for it.
	Reason string `json:"reason,omitempty"`
}

// A Place is where an item stands in a source document.
type Place interface{ Path() string }

// An ItemKind says what an item of the source is.
type ItemKind uint8

// The kinds of items. The zero ItemKind is none.
const (
	_ ItemKind = iota
	KindCode
	KindQuantity
	KindDate
	KindName
	KindAddress
	KindTelecom
	KindIdentifier
	KindIndicator
	KindReference
	KindText
	KindMedia
)

// String returns the word of the report.
func (k ItemKind) String() string {
	return [...]string{"", "code", "quantity", "date", "name", "address", "telecom", "identifier", "indicator", "reference", "text", "media"}[k]
}

// MarshalText returns the word of the report.
func (k ItemKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// A Fate is what became of an item.
type Fate uint8

// The fates. The zero Fate is the one that nobody claimed.
const (
	NotUnderstood Fate = iota // in the original only
	Mapped                    // an element was made of it
	Narrative                 // kept as text for people
)

// String returns the word of the report.
func (f Fate) String() string {
	return [...]string{"not-understood", "mapped", "narrative"}[f]
}

// MarshalText returns the word of the report.
func (f Fate) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// Counts are how many items met each fate. They add up to the items.
type Counts struct {
	Mapped        int `json:"mapped"`
	Narrative     int `json:"narrative"`
	NotUnderstood int `json:"notUnderstood"`
}

// Counts returns how many items met each fate.
func (r *Report) Counts() Counts { return r.counts }

// clear says that nothing was taken of the document.
func (r *Report) clear() { r.Items, r.counts, r.texts = nil, Counts{}, nil }

// count counts an item, of which an element at the path was made.
func (r *Report) count(f Fate, path string) {
	switch f {
	case Mapped:
		r.counts.Mapped++
	case Narrative:
		r.counts.Narrative++
		if !slices.Contains(r.texts, path) {
			r.texts = append(r.texts, path)
		}
	default:
		r.counts.NotUnderstood++
	}
}
