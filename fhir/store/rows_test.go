package store

import (
	"bytes"
	"testing"

	"github.com/cordee-sante/cordee/fhir"
)

// TestDamagedRows: rows that end within a row are an error, not rows that are
// fewer: a search would leave the resource out, or show what :not leaves out.
func TestDamagedRows(t *testing.T) {
	rs := rows{lastUpdated: 1, seq: 2, facts: fhir.Facts{Contributor: "Organization/o"},
		list: []row{{1, []byte("a")}, {1, bytes.Repeat([]byte("b"), 200)}, {7, []byte("cd")}}}
	names := &naming{}
	value := rs.encode(names)
	rr := rowsReader{facts: namedReader{names: names}}
	read, err := rr.read("Patient", "p", value)
	if err != nil || len(read.all()) != len(rs.list) {
		t.Fatal(read, err)
	}
	for i, r := range read.all() {
		if compareRows(r, rs.list[i]) != 0 {
			t.Errorf("row %d: %v", i, r)
		}
	}
	for cut := 1; cut < len("cd")+5; cut++ { // the head, the parameter and the value of the last
		if _, err := rr.read("Patient", "p", value[:len(value)-cut]); err == nil {
			t.Errorf("%d bytes cut off: no error", cut)
		}
	}
}
