package adapters

import "strings"

// arena makes many small strings out of few allocations: a report has paths for
// many items of a document.
type arena struct{ chunk *strings.Builder }

const arenaChunk = 16 << 10

// text returns b as a string.
func (a *arena) text(b []byte) string {
	if a.chunk == nil || a.chunk.Cap()-a.chunk.Len() < len(b) {
		a.chunk = new(strings.Builder)
		a.chunk.Grow(max(arenaChunk, len(b)))
	}
	start := a.chunk.Len()
	a.chunk.Write(b) // within its capacity, so that what was cut from it stays
	return a.chunk.String()[start:]
}
