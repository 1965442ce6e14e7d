package store

import (
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/cordee-sante/cordee/fhir"
)

// TestPropertyGroups: a group says the facts that it is named after, and is named
// alike by what a posting says of them, numbered or written out.
func TestPropertyGroups(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.SampledFrom([]string{"a", "Organization/o", "R", "0190b3c2-0b5e-7a5e-8e2b-3a4b5c6d7e8f", "03ol9k1c3v8m2d0g6p5q7r4s1t"})
		names := &naming{numbers: map[string]uint64{}}
		names.texts.Store(&[]string{})
		if rapid.Bool().Draw(t, "numbered") {
			names.publish(names.fresh(nil, &fhir.Facts{Contributor: "Organization/o", Labels: []string{"R", "a"}}))
		}
		nr := namedReader{names: names}
		var gr groupReader
		for range rapid.IntRange(1, 20).Draw(t, "groups") {
			f := fhir.Facts{Key: fhir.Key{Type: "Goal"}, Patients: rapid.SliceOfN(word, 0, 3).Draw(t, "patients"), Labels: rapid.SliceOfN(word, 0, 3).Draw(t, "labels")}
			if rapid.Bool().Draw(t, "brought in") {
				f.Contributor = word.Draw(t, "contributor")
			}
			text := groupText(&f)
			if got := gr.read(text); got.Key != f.Key || !sameFacts(&got, &f) {
				t.Fatalf("%+v, want %+v", got, f)
			}
			d := decoder{b: names.appendFacts(nil, &f)}
			if got := string(nr.appendGroup(appendString(nil, "Goal"), &d)); got != text || d.bad || len(d.b) > 0 {
				t.Fatalf("%+v: %q, want %q", f, got, text)
			}
		}
	})
}

// TestColumnSort: entries are in order however many there are, and of which times.
func TestColumnSort(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 4095, 4096, 20_000} {
		for _, bits := range []uint{3, 22, 64} {
			c := make(column, n)
			for i := range c {
				c[i] = r.Uint64() >> (64 - bits)
			}
			want := slices.Sorted(slices.Values(c))
			if c.sort(); !slices.Equal(c, want) {
				t.Errorf("%d of %d bits are not in order", n, bits)
			}
		}
	}
}
