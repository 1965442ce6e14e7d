package store

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestPropertyReading: what is read along a course by what is kept of it is what
// the course has, less what is held back, whoever read before from where, how far,
// in which direction, and whatever was written in between.
func TestPropertyReading(t *testing.T) {
	told := 0
	rapid.Check(t, func(t *rapid.T) {
		k := &stretches{most: rapid.SampledFrom([]int{1 << 20, 1 << 20, 3000, 0}).Draw(t, "most")}
		kind := rapid.SampledFrom([]string{"postings", "newest", "oldest"}).Draw(t, "kind")
		list, closed := map[string]string{}, map[string]bool{}
		next, stamp, version := 500, uint64(1), uint64(1)
		key := func(n int) string { return fmt.Sprintf("k%03d", n) }
		somewhere := func(what string) int {
			if kind == "postings" {
				return rapid.IntRange(0, 60).Draw(t, what)
			}
			return rapid.IntRange(495, next-1).Draw(t, what) // nobody stands where nothing has been yet
		}
		for range rapid.IntRange(0, 40).Draw(t, "first") {
			if kind == "postings" {
				list[key(somewhere("at"))] = "v"
			} else {
				list[key(next)] = "v"
				next++
			}
		}
		reads := 0
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			switch rapid.IntRange(0, 11).Draw(t, "step") {
			case 0: // somebody else is found closed
				for id := range list {
					closed[id] = closed[id] || rapid.IntRange(0, 3).Draw(t, "closed") > 0
				}
			case 1: // a policy changes
				if rapid.IntRange(0, 3).Draw(t, "policy") == 0 {
					version++
					clear(closed)
				}
			case 2:
				var written []write
				if kind == "postings" {
					id := key(somewhere("at"))
					written = append(written, write{key: append([]byte("iPARAv\x00"), id...)})
					delete(closed, id) // it is not what it was
					if _, there := list[id]; there && rapid.Bool().Draw(t, "delete") {
						delete(list, id)
					} else {
						list[id] = fmt.Sprint("v", stamp)
					}
				} else if id := key(somewhere("at")); list[id] != "" && rapid.Bool().Draw(t, "leaves") {
					delete(list, id)
					written = append(written, write{key: append([]byte("tTYPE\x00"), id...)})
				} else {
					list[key(next)] = "v"
					next++
				}
				k.carry(stamp, stamp+1, written)
				stamp++
			default:
				sieve := &sieve{}
				c := course{name: kind, reverse: kind == "newest", front: kind == "newest", held: func(value []byte) bool { return closed[string(value[:4])] }}
				if c.lists = [][]byte{[]byte("iPARAv\x00")}; kind != "postings" {
					c.lists = [][]byte{[]byte("tTYPE\x00")}
				}
				if c.reverse {
					c.end = place{"a", true}
				}
				if rapid.IntRange(0, 3).Draw(t, "ends") == 0 {
					c.end = place{key(somewhere("end")), rapid.Bool().Draw(t, "behind")}
				}
				from := place{}
				if c.reverse {
					from = place{"~", true}
				}
				if rapid.Bool().Draw(t, "from") {
					from = place{key(somewhere("from")), true}
					c.front = false
				}
				c.read = func(from, end place) iter.Seq2[posted, error] {
					keys := slices.Sorted(maps.Keys(list))
					if c.reverse {
						slices.Reverse(keys)
					}
					return func(yield func(posted, error) bool) {
						for _, id := range keys {
							if from != (place{}) && c.before([]byte(id), from) || end != (place{}) && !c.before([]byte(id), end) {
								continue
							}
							if reads++; !yield(posted{[]byte(id), []byte(id + list[id])}, nil) {
								return
							}
						}
					}
				}
				var want, got []string
				for e := range c.read(from, c.end) {
					if !closed[string(e.id)] {
						want = append(want, string(e.value))
					}
				}
				reads = 0
				n := rapid.IntRange(1, 20).Draw(t, "n")
				g := ground{key: "somebody", stamp: stamp, version: version, at: time.Unix(0, 0)}
				r := reading{course: c, sieve: sieve, known: k.get(&g, &c)}
				for e, err := range r.from(from) {
					if err != nil {
						t.Fatal(err)
					}
					if got = append(got, string(e.value)); len(got) == n {
						break
					}
				}
				k.put(&g, &c, r.fresh)
				if want = want[:min(len(want), n)]; !slices.Equal(got, want) {
					t.Fatalf("%s from %v: %v, want %v", kind, from, got, want)
				}
				if len(want) > 0 && reads == 0 {
					told++
				}
				checkStretches(t, k)
			}
		}
	})
	if !testing.Short() && told < 50 { // -short draws a fifth
		t.Errorf("only %d readings were of what is kept: the draw proves little", told)
	}
}

// checkStretches: they are in order and apart, weigh what is said, and are within
// their bound.
func checkStretches(t *rapid.T, k *stretches) {
	size := 0
	for name, s := range k.kept {
		size += 500 + 2*len(name)
		for i, f := range s.list {
			if size += f.weight(); s.order(f.from, f.to) >= 0 || i > 0 && s.order(s.list[i-1].to, f.from) > 0 {
				t.Fatalf("%s: %v to %v, after %v", name, f.from, f.to, s.list[max(i-1, 0)].to)
			}
		}
	}
	if size != k.size || size > k.most {
		t.Fatalf("weighs %d, says %d, of %d", size, k.size, k.most)
	}
}

// TestStretchesHold: what is kept is told neither as of another stamp or version,
// nor to others, nor before the moment from which it holds.
func TestStretchesHold(t *testing.T) {
	now := time.Unix(1000, 0)
	k, c := &stretches{most: 1 << 20}, &course{name: "list"}
	k.put(&ground{"somebody", 7, 3, now}, c, []*stretch{{from: place{"a", false}, to: place{"b", true}}})
	for name, tt := range map[string]struct {
		ground ground
		known  bool
	}{
		"same":           {ground{"somebody", 7, 3, now}, true},
		"later":          {ground{"somebody", 7, 3, now.Add(time.Hour)}, true},
		"earlier":        {ground{"somebody", 7, 3, now.Add(-1)}, false},
		"others":         {ground{"anybody", 7, 3, now}, false},
		"older snapshot": {ground{"somebody", 6, 3, now}, false},
		"newer snapshot": {ground{"somebody", 8, 3, now}, false},
		"older policies": {ground{"somebody", 7, 2, now}, false},
		"newer policies": {ground{"somebody", 7, 4, now}, false},
	} {
		if known := k.get(&tt.ground, c) != nil; known != tt.known {
			t.Errorf("%s: known %v", name, known)
		}
	}
	if k.put(&ground{"somebody", 7, 2, now}, c, []*stretch{{to: place{"z", true}}}); len(k.get(&ground{"somebody", 7, 3, now}, c)) != 1 {
		t.Error("an older version of the policies takes the place of a newer one")
	}
	if k.put(&ground{"somebody", 6, 3, now}, c, []*stretch{{to: place{"z", true}}}); k.get(&ground{"somebody", 7, 3, now}, c)[0].to.key != "b" {
		t.Error("an older snapshot takes the place of a newer one")
	}
	if k.carry(8, 9, nil); k.get(&ground{"somebody", 9, 3, now}, c) != nil {
		t.Error("what another process has written in between is not noticed")
	}
}
