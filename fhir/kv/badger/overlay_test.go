package badger

import (
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestOverlay plays random writes and compares what a walk and a get find with a
// map, also in overlays that others have come after.
func TestOverlay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.StringMatching(`[a-c]{0,3}`)
		var ops []entry
		var o overlay
		model := map[string]byte{}
		checks := []func(){}
		for range rapid.IntRange(0, 12).Draw(t, "scans") {
			for range rapid.IntRange(0, 12).Draw(t, "writes") {
				k := key.Draw(t, "key")
				model[k] = byte(len(ops))
				ops = append(ops, entry{key: []byte(k), value: []byte{byte(len(ops))}})
			}
			o = o.with(ops)
			then, now, probe := o, maps.Clone(model), key.Draw(t, "probe")
			checks = append(checks, func() { checkOverlay(t, then, now, probe) })
		}
		for _, check := range checks {
			check()
		}
	})
}

func checkOverlay(t *rapid.T, o overlay, model map[string]byte, probe string) {
	e, ok := o.get([]byte(probe))
	if want, there := model[probe]; ok != there || ok && e.value[0] != want {
		t.Fatalf("get %q: %v %t, want %d %t", probe, e.value, ok, want, there)
	}
	keys := slices.Sorted(maps.Keys(model))
	n, _ := slices.BinarySearch(keys, probe)
	backward := slices.Clone(keys[:n])
	slices.Reverse(backward)
	for reverse, want := range map[bool][]string{false: keys[n:], true: backward} {
		var got []string
		for c := o.seek([]byte(probe), reverse); c.valid; c.next() {
			if got = append(got, string(c.at.key)); c.at.value[0] != model[string(c.at.key)] {
				t.Fatalf("%q has %d, want %d", c.at.key, c.at.value, model[string(c.at.key)])
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("from %q, reverse %t: got %q, want %q", probe, reverse, got, want)
		}
	}
}
