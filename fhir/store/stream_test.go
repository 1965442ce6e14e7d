package store

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/kv/memory"
)

// TestMeet compares streams that are merged block by block with sets: any
// number of tests, each of any number of values, from any id on.
func TestMeet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := memory.Open()
		defer e.Close()
		ids := rapid.SliceOfDistinct(rapid.StringMatching(`[a-d]{1,4}`), rapid.ID).Draw(t, "ids")
		var streams []*stream
		var sets []map[string]bool
		for n := range rapid.IntRange(1, 3).Draw(t, "streams") {
			s, set := &stream{}, map[string]bool{}
			for v := range rapid.IntRange(0, 3).Draw(t, "values") {
				prefix := pointPrefix(uint32(n), fmt.Append(nil, v))
				s.prefixes = append(s.prefixes, prefix)
				for _, id := range ids {
					if rapid.IntRange(0, 2).Draw(t, "has") == 0 {
						continue
					}
					set[id] = true
					if err := e.Update(t.Context(), func(w kv.Writer) error { return w.Put(append(slices.Clip(prefix), id...), []byte(id)) }); err != nil {
						t.Fatal(err)
					}
				}
			}
			streams, sets = append(streams, s), append(sets, set)
		}
		from := rapid.SampledFrom([]string{"", "b", "bc", "dddd"}).Draw(t, "from")
		var want []string
		for _, id := range ids {
			if id >= from && !slices.ContainsFunc(sets, func(set map[string]bool) bool { return !set[id] }) {
				want = append(want, id)
			}
		}
		slices.Sort(want)
		var got []string
		err := e.View(context.Background(), func(r kv.Reader) error {
			for p, err := range meet(context.Background(), r, streams, []byte(from), rapid.IntRange(1, 5).Draw(t, "block")) {
				if err != nil {
					return err
				}
				if string(p.id) != string(p.value) {
					t.Fatalf("%s carries the value of %s", p.id, p.value)
				}
				got = append(got, string(p.id))
			}
			return nil
		})
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v (%v)", got, want, err)
		}
	})
}
