package store

import (
	"slices"
	"testing"
)

// TestPolicyChanges: whose policies differ is told for versions between which every
// change is known, and for no others.
func TestPolicyChanges(t *testing.T) {
	var c epochCache
	c.put("a", 1, 1)
	c.put("b", 1, 1)
	c.carry(policyChange{before: 1, after: 2, epochs: map[string]uint64{"a": 2}})
	c.carry(policyChange{before: 2, after: 3, epochs: map[string]uint64{"c": 3, "Group/g": 0}})
	for _, known := range []struct {
		name  string
		epoch uint64
		ok    bool
	}{{"a", 2, true}, {"b", 1, true}, {"c", 3, true}, {"Group/g", 0, false}} {
		if epoch, ok := c.get(known.name, 3); epoch != known.epoch || ok != known.ok {
			t.Errorf("%s: %d %v", known.name, epoch, ok)
		}
	}
	names := func(from, to uint64) []string {
		list, ok := c.changed(from, to)
		if !ok {
			return []string{"unknown"}
		}
		slices.Sort(list)
		return list
	}
	for _, want := range []struct {
		from, to uint64
		names    []string
	}{{1, 2, []string{"a"}}, {1, 3, []string{"Group/g", "a", "c"}}, {2, 3, []string{"Group/g", "c"}}, {3, 3, nil}, {0, 3, []string{"unknown"}}, {3, 2, []string{"unknown"}}} {
		if got := names(want.from, want.to); !slices.Equal(got, want.names) {
			t.Errorf("from %d to %d: %v, want %v", want.from, want.to, got, want.names)
		}
	}
	c.carry(policyChange{before: 7, after: 8, epochs: map[string]uint64{"b": 8}}) // another process made 4 to 7
	if got := names(1, 8); !slices.Equal(got, []string{"unknown"}) {
		t.Errorf("over a gap: %v", got)
	}
	if _, ok := c.get("a", 8); ok {
		t.Error("an epoch from before the gap is known after it")
	}
}
