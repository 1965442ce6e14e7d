package consent

import "sync"

// cache keeps compiled policies, each with the epoch it was compiled at. It
// holds two generations of at most size policies: when the younger is full it
// becomes the older, and what was in that one and not asked for since is
// forgotten. Being used keeps a policy, at the price of one map.
type cache struct {
	size int

	mu         sync.Mutex
	young, old map[string]dated
}

type dated struct {
	epoch  uint64
	policy *policy
}

// get returns the policy of the patient at that epoch, or nil.
func (c *cache) get(patient string, epoch uint64) *policy {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d, ok := c.young[patient]; ok {
		return d.at(epoch)
	}
	d, ok := c.old[patient]
	if !ok {
		return nil
	}
	c.add(patient, d)
	return d.at(epoch)
}

func (d dated) at(epoch uint64) *policy {
	if d.epoch != epoch {
		return nil
	}
	return d.policy
}

// put keeps the policy, unless a newer one is there: a long query may answer
// from an old snapshot.
func (c *cache) put(patient string, epoch uint64, p *policy) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d, ok := c.young[patient]; !ok || d.epoch < epoch {
		c.add(patient, dated{epoch, p})
	}
}

func (c *cache) add(patient string, d dated) {
	if len(c.young) >= c.size {
		c.old, c.young = c.young, nil
	}
	if c.young == nil {
		c.young = make(map[string]dated)
	}
	c.young[patient] = d
}
