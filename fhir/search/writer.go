package search

import (
	"bytes"
	"slices"

	"github.com/cordee-sante/cordee/fhir/fhirjson"
)

// A writer gathers the index rows of one resource. All values lie in one arena,
// so that a resource costs a handful of allocations.
type writer struct {
	*Registry
	part int // most bytes of a text: wide or narrow

	root  fhirjson.Node
	param int // index of the parameter that the rows being written belong to
	start int // of the row being written
	arena []byte
	rows  []row
	fold  []byte  // scratch for folded text
	head  []byte  // scratch for units
	full  bool    // there were more than maxEntries rows
	inner *writer // for the components of composite parameters
	alone bool    // the tokens being written are of one system
	found bool    // set where a condition looks for anything at all
}

// row is a value in the arena.
type row struct{ param, start, end int32 }

// An emit writes the rows of one node of the resource.
type emit func(w *writer, n fhirjson.Node)

func (w *writer) open(tag byte) {
	w.start = len(w.arena)
	w.arena = append(w.arena, tag)
}

func (w *writer) text(s string) { w.arena = appendPart(w.arena, s, w.part) }
func (w *writer) end()          { w.arena = append(w.arena, end) }

func (w *writer) close() {
	if len(w.rows) == maxEntries {
		w.full = true
	}
	if w.full {
		w.arena = w.arena[:w.start]
		return
	}
	w.rows = append(w.rows, row{int32(w.param), int32(w.start), int32(len(w.arena))})
}

func (w *writer) value(r row) []byte { return w.arena[r.start:r.end:r.end] }

// sorted orders the rows by parameter and value and drops duplicates.
func (w *writer) sorted() []row {
	slices.SortFunc(w.rows, func(a, b row) int {
		if a.param != b.param {
			return int(a.param - b.param)
		}
		return bytes.Compare(w.value(a), w.value(b))
	})
	return slices.CompactFunc(w.rows, func(a, b row) bool {
		return a.param == b.param && bytes.Equal(w.value(a), w.value(b))
	})
}

func (w *writer) reset() {
	w.arena, w.rows, w.full = w.arena[:0], w.rows[:0], false
}
