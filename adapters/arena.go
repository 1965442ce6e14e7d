package adapters

import (
	"strings"

	"github.com/cordee-sante/cordee/adapters/draft"
)

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

// writer writes the resources of a transaction one behind the other, instead of
// finding out beforehand how long each will be.
type writer struct{ buf []byte }

const writerChunk = 64 << 10

// json returns a resource as JSON.
func (w *writer) json(r *draft.Resource) []byte {
	if !r.Data.Empty() {
		return r.JSON() // its length is known
	}
	if cap(w.buf)-len(w.buf) < writerChunk/16 {
		w.buf = make([]byte, 0, writerChunk)
	}
	start := len(w.buf)
	w.buf = r.Append(w.buf)
	return w.buf[start:len(w.buf):len(w.buf)]
}
