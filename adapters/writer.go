package adapters

import "github.com/cordee-sante/cordee/adapters/draft"

// writer writes the resources of a transaction one behind the other, instead of
// finding out beforehand how long each will be.
type writer struct{ buf []byte }

const writerChunk = 64 << 10

// json returns a resource as JSON, without what a Binary holds.
func (w *writer) json(r *draft.Resource) []byte {
	if cap(w.buf)-len(w.buf) < writerChunk/16 {
		w.buf = make([]byte, 0, writerChunk)
	}
	start := len(w.buf)
	w.buf = r.AppendJSON(w.buf)
	return w.buf[start:len(w.buf):len(w.buf)]
}
