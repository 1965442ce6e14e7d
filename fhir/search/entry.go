package search

// MaxValue is the length in bytes that no Entry.Value exceeds.
const MaxValue = 512

// IndexVersion changes whenever the same resource would give other entries. A
// store that kept entries of another version must extract them anew.
const IndexVersion = 6

// An Entry is one index row of a resource: the resource has this value for the
// parameter. Value is ordered (see the package comment), holds no zero byte
// and is not to be modified.
type Entry struct {
	Param *Param
	Value []byte
}
