package badger

import (
	"hash/maphash"
	"slices"
)

// conflicts know which keys were written while other Updates ran. We detect
// conflicts ourselves, as Badger remembers every commit for as long as there is
// any older reader: an export of an hour would cost gigabytes. Keys are hashes;
// two that are alike are a needless retry.
type conflicts struct {
	seed    maphash.Seed
	commits []commit          // the oldest first
	last    map[uint64]uint64 // timestamp of the last write of a key
}

// A commit is what is remembered of one.
type commit struct {
	at   uint64
	keys []uint64
}

func newConflicts() conflicts {
	return conflicts{seed: maphash.MakeSeed(), last: map[uint64]uint64{}}
}

func (c *conflicts) hash(key []byte) uint64 { return maphash.Bytes(c.seed, key) }

// changed tells whether one of the keys was written after the timestamp.
func (c *conflicts) changed(keys []uint64, since uint64) bool {
	return slices.ContainsFunc(keys, func(k uint64) bool { return c.last[k] > since })
}

// add remembers a commit.
func (c *conflicts) add(at uint64, ops []entry) {
	keys := make([]uint64, len(ops))
	for i, e := range ops {
		keys[i] = c.hash(e.key)
		c.last[keys[i]] = at
	}
	c.commits = append(c.commits, commit{at, keys})
}

// forget drops the commits that every Update which runs has seen.
func (c *conflicts) forget(seen uint64) {
	n := 0
	for ; n < len(c.commits) && c.commits[n].at <= seen; n++ {
		for _, k := range c.commits[n].keys {
			if c.last[k] == c.commits[n].at {
				delete(c.last, k)
			}
		}
	}
	c.commits = slices.Delete(c.commits, 0, n)
}
