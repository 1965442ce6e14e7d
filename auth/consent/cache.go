package consent

import (
	"sync"

	"github.com/cordee-sante/cordee/fhir"
)

// remembered keeps what was compiled of what stands and, apart from it, of what
// arrives with a commit that is being judged: that is asked for at the epoch of
// the commit, many times within it and never again.
type remembered[T any] struct{ standing, arriving cache[T] }

// arrivals is room for the patients and persons of some commits.
const arrivals = 64

func newRemembered[T any](size int) remembered[T] {
	return remembered[T]{cache[T]{size: size}, cache[T]{size: arrivals}}
}

// of returns the cache for an epoch.
func (m *remembered[T]) of(epoch uint64) *cache[T] {
	if epoch >= fhir.Passing {
		return &m.arriving
	}
	return &m.standing
}

// cache keeps what was compiled, each with the epoch it was compiled at. It
// holds two generations of at most size values: when the younger is full it
// becomes the older, and what was in that one and not asked for since is
// forgotten. Being used keeps a value, at the price of one map.
type cache[T any] struct {
	size int

	mu         sync.Mutex
	young, old map[string]dated[T]
}

type dated[T any] struct {
	epoch uint64
	value *T
}

// get returns what was compiled of the name at that epoch, or nil.
func (c *cache[T]) get(name string, epoch uint64) *T {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d, ok := c.young[name]; ok {
		return d.at(epoch)
	}
	d, ok := c.old[name]
	if !ok {
		return nil
	}
	c.add(name, d)
	return d.at(epoch)
}

func (d dated[T]) at(epoch uint64) *T {
	if d.epoch != epoch {
		return nil
	}
	return d.value
}

// put keeps the value, unless a newer one is there: a long query may answer
// from an old snapshot.
func (c *cache[T]) put(name string, epoch uint64, value *T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d, ok := c.young[name]; !ok || d.epoch < epoch {
		c.add(name, dated[T]{epoch, value})
	}
}

func (c *cache[T]) add(name string, d dated[T]) {
	if len(c.young) >= c.size {
		c.old, c.young = c.young, nil
	}
	if c.young == nil {
		c.young = make(map[string]dated[T])
	}
	c.young[name] = d
}
