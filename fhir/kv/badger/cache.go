package badger

import (
	"hash/maphash"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/cordee-sante/cordee/fhir/recent"
)

// A cache keeps values of single keys that were read lately, unpacked. To find
// one in Badger takes some ten times as long: a seek in a table of every level,
// the checksum of a block, and the decompression.
//
// It never tells a snapshot what is not in it:
//
//   - A value is known with the timestamp of the commit that wrote it, and is no
//     answer for a snapshot from before.
//   - A commit drops what it overwrites before any snapshot shows the commit.
//   - A reader of a snapshot that a commit has meanwhile outdated adds nothing:
//     it could put back what the commit has dropped.
//
// An absent key is never remembered.
type cache struct {
	seed    maphash.Seed
	commits atomic.Uint64 // begun; a snapshot knows how many there were
	shards  [cacheShards]cacheShard
}

const (
	cacheShards = 32

	// maxCached is the size of the largest value that is kept.
	maxCached = 32 << 10

	// cacheOverhead is about what an entry takes beside its key and value.
	cacheOverhead = 128
)

// A cacheShard is the part of the cache behind one lock.
type cacheShard struct {
	mu     sync.Mutex
	values recent.Map[cached]
}

type cached struct {
	value []byte
	at    uint64 // timestamp of the commit that wrote it
}

// newCache returns a cache of about so many bytes.
func newCache(size int64) *cache {
	c := &cache{seed: maphash.MakeSeed()}
	for i := range c.shards {
		c.shards[i].values = recent.New(int(size/cacheShards), func(key string, v cached) int {
			return len(key) + len(v.value) + cacheOverhead
		})
	}
	return c
}

func (c *cache) shard(key []byte) *cacheShard {
	return &c.shards[maphash.Bytes(c.seed, key)%cacheShards]
}

// get returns the value that a snapshot holds under a stored key, nil when that
// is not known.
func (c *cache) get(key []byte, s *snapshot) []byte {
	sh := c.shard(key)
	sh.mu.Lock()
	v, _ := sh.values.GetBytes(key)
	sh.mu.Unlock()
	if v.at > s.at {
		return nil
	}
	return v.value
}

// put remembers what a snapshot holds under a stored key.
func (c *cache) put(key, value []byte, at uint64, s *snapshot) {
	if len(value) == 0 || len(value) > maxCached {
		return
	}
	v := cached{slices.Clip(value), at}
	sh := c.shard(key)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if c.commits.Load() == s.commits {
		sh.values.Put(string(key), v)
	}
}

// drop forgets what a commit overwrites. It returns how many commits there were,
// for the snapshot that will show this one.
func (c *cache) drop(ops []entry) uint64 {
	commits := c.commits.Add(1)
	for _, e := range ops {
		sh := c.shard(e.key)
		sh.mu.Lock()
		sh.values.Delete(string(e.key))
		sh.mu.Unlock()
	}
	return commits
}
