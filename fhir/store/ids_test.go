package store

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/cordee-sante/cordee/fhir/search"
)

// Whatever an id looks like, it is read as it was written.
func TestIDs(t *testing.T) {
	for id, bytes := range map[string]int{
		"": 1, "p1": 3, newID(): 17, uuid.NewString(): 17, strings.ToUpper(uuid.NewString()): 38, strings.Repeat("a", 64): 66,
		"0196abcd-0000-7000-8000-00000000000g": 38, "0196abcd_0000-7000-8000-000000000000": 38, strings.Repeat("v", 26): 27, strings.Repeat("0", 26): 17,
	} {
		if got := len(appendID(nil, id)); got != bytes {
			t.Errorf("%s takes %d bytes, want %d", id, got, bytes)
		}
		holdsID(t, id)
	}
	rapid.Check(t, func(t *rapid.T) {
		holdsID(t, rapid.OneOf(rapid.StringMatching(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`), rapid.StringMatching(`[0-9a-v]{26}`), rapid.StringMatching(`[A-Za-z0-9.\-]{0,64}`)).Draw(t, "id"))
	})
}

func holdsID(t rapid.TB, id string) {
	d := decoder{b: append(appendID([]byte{1}, id), 9)}
	skip := d
	if d.uvarint(); string(d.id(new([36]byte))) != id || d.bad || len(d.b) != 1 {
		t.Fatalf("%q is not read as it was written", id)
	}
	if skipIDs(&skip); skip.bad || len(skip.b) != 1 {
		t.Fatalf("%q is not passed over", id)
	}
	for n := range len(appendID(nil, id)) {
		cut := decoder{b: appendID(nil, id)[:n]}
		if cut.id(new([36]byte)); !cut.bad {
			t.Fatalf("%q cut short at %d is read", id, n)
		}
	}
}

// What postings carry the date for, and the date, are lists of their own.
func TestCoverageIsWhole(t *testing.T) {
	reg, err := search.New(search.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for typ, c := range coverages(reg) {
		for _, p := range reg.Params(typ) {
			if id := postingID(typ, p); (id == c.date || c.covers(id)) && !p.Whole() {
				t.Errorf("%s.%s has parts", typ, p.Code)
			}
		}
	}
}
