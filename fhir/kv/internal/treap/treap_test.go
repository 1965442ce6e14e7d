package treap_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/cordee-sante/cordee/fhir/kv/internal/treap"
	"pgregory.net/rapid"
)

// TestAgainstMap plays random changes on a tree and a map, keeps every tree,
// and checks at the end that none has changed since it was made.
func TestAgainstMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.StringMatching(`[a-d]{0,3}`)
		var tree treap.Tree[int]
		model := map[string]int{}
		var trees []treap.Tree[int]
		var models []map[string]int
		for i := range rapid.IntRange(0, 40).Draw(t, "steps") {
			k := key.Draw(t, "key")
			if rapid.Bool().Draw(t, "delete") {
				tree = tree.Delete([]byte(k))
				delete(model, k)
			} else {
				tree = tree.Put([]byte(k), i)
				model[k] = i
			}
			trees, models = append(trees, tree), append(models, maps.Clone(model))
		}
		probe := key.Draw(t, "probe")
		for i, tree := range trees {
			check(t, tree, models[i], probe)
		}
	})
}

func check(t *rapid.T, tree treap.Tree[int], model map[string]int, probe string) {
	keys := slices.Sorted(maps.Keys(model))
	if tree.Len() != len(keys) {
		t.Fatalf("Len %d, want %d", tree.Len(), len(keys))
	}
	rank, _ := slices.BinarySearch(keys, probe)
	if got := tree.Rank([]byte(probe)); got != rank {
		t.Fatalf("Rank(%q) = %d, want %d", probe, got, rank)
	}
	value, ok := tree.Get([]byte(probe))
	if want, there := model[probe]; ok != there || value != want {
		t.Fatalf("Get(%q) = %d, %v, want %d, %v", probe, value, ok, want, there)
	}
	below := slices.Clone(keys[:rank])
	slices.Reverse(below)
	back := slices.Clone(keys)
	slices.Reverse(back)
	for name, walk := range map[string]struct {
		cursor *treap.Cursor[int]
		want   []string
	}{
		"all": {tree.Seek(nil, false), keys}, "all in reverse": {tree.Seek(nil, true), back},
		"from": {tree.Seek([]byte(probe), false), keys[rank:]}, "below": {tree.Seek([]byte(probe), true), below},
	} {
		var got []string
		for ; walk.cursor.Valid(); walk.cursor.Next() {
			got = append(got, string(walk.cursor.Key()))
			if walk.cursor.Value() != model[string(walk.cursor.Key())] {
				t.Fatalf("%s: wrong value of %q", name, walk.cursor.Key())
			}
		}
		if !slices.Equal(got, walk.want) {
			t.Fatalf("%s: %q, want %q", name, got, walk.want)
		}
	}
}

func BenchmarkPut(b *testing.B) {
	var tree treap.Tree[int]
	for i := range b.N {
		tree = tree.Put(fmt.Appendf(nil, "%08d", i*7919%100_003), i)
	}
}
