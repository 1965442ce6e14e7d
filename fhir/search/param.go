package search

// A Kind is the type of a search parameter
// (http://hl7.org/fhir/search-param-type).
type Kind uint8

// The kinds. The zero Kind belongs to no parameter.
const (
	_ Kind = iota
	Number
	Date
	String
	Token
	Reference
	Composite
	Quantity
	URI
	Special
)

var kindNames = [...]string{"", "number", "date", "string", "token", "reference", "composite", "quantity", "uri", "special"}

// String returns the code of the kind.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return ""
}

// A Param is a search parameter of one resource type.
type Param struct {
	Code    string   // name in a query, "birthdate"
	Base    string   // type that it belongs to; "Resource" for those of every type (_tag, _profile, …)
	Type    Kind     // how its values are compared
	Targets []string // reference: the types it may lead to, sorted; empty for any
	URL     string   // canonical of the SearchParameter

	Canonical bool // reference: some values are canonicals, which mean a resource by its url and version

	parts []*Param // see Parts; nil for itself
	leads []lead   // of its own rows, for a reference; nil for anywhere

	// ID is a hash of "Base.Code" that stays the same from release to release,
	// for the keys of a store. No two published parameters share one.
	ID uint32
}
