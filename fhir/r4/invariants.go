package r4

import "sync"

// An Invariant is a rule that elements must obey (ElementDefinition.constraint).
type Invariant struct {
	Key        string // "obs-6"
	Type       string // type that defines it; inv-1 is two things
	Severity   string // error or warning
	Expression string // FHIRPath, true for a value that obeys
	Human      string
}

// Invariants returns all invariants, sorted by key. Element.Constraints says
// where they hold.
func Invariants() []Invariant { return invariants() }

var invariants = sync.OnceValue(loadInvariants)

func loadInvariants() []Invariant {
	var all []Invariant
	for record := range records(table("invariants")) {
		all = append(all, Invariant{field(&record), field(&record), field(&record), field(&record), field(&record)})
	}
	return all
}
