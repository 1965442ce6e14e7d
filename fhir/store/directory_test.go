package store_test

import (
	"testing"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
)

// A snapshot tells when a resource of the directory changed, and reads no other
// type by its name.
func TestSnapshotOfTheDirectory(t *testing.T) {
	s := newStore(t, memory.Open(), &scripted{})
	put := func(text string) {
		t.Helper()
		c := fhir.Change{Method: fhir.Update, Key: fhir.Key{Type: "PractitionerRole", ID: "f"}, Body: []byte(text)}
		if text == "" {
			c.Method = fhir.Delete
		}
		if err := commit(s, c); err != nil {
			t.Fatal(err)
		}
	}
	if err := commit(s, fhir.Change{Method: fhir.Update, Key: fhir.Key{Type: "Observation", ID: "o"}, Body: []byte(`{"resourceType":"Observation"}`)}, patient("p")); err != nil {
		t.Fatal(err)
	}
	names := []string{"PractitionerRole/f", "Observation/o", "Patient/p", "p", "PractitionerRole/", "PractitionerRole/f/g"}
	last := uint64(0)
	for i, text := range []string{`{"resourceType":"PractitionerRole","active":true}`, `{"resourceType":"PractitionerRole","active":false}`, ""} {
		put(text)
		epochs, err := s.Epochs(t.Context(), names)
		if err != nil || epochs[0] <= last || epochs[1] != 0 || epochs[2] != 0 || epochs[3] == 0 || epochs[4] != 0 || epochs[5] != 0 {
			t.Fatalf("step %d: %v after %d, %v", i, epochs, last, err)
		}
		last = epochs[0]
		list, err := s.Policy(t.Context(), names[0])
		if err != nil || len(list) != min(1, len(text)) || len(list) == 1 && list[0].Type != "PractitionerRole" {
			t.Errorf("step %d: %v, %v", i, list, err)
		}
	}
	for _, name := range names[1:3] {
		if list, err := s.Policy(t.Context(), name); err != nil || len(list) != 0 {
			t.Errorf("%s is read: %v, %v", name, list, err)
		}
	}
}
