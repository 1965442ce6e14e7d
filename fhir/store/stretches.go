package store

import (
	"slices"
	"sort"
	"sync"
	"time"
)

// stretches keeps what sources have read through a sieve, without what it held
// back: a page of 50 for whoever sees a tenth of a store then reads 50 entries,
// and not 500 (docs/adr/0024). What is kept was closed for a view of the same
// fhir.Closure.Key, at that version of the policies, and is so from that moment on.
//
// As counts do it holds to the stamp of all postings and histories, over which
// the sequencer carries its own commits: a posting that is written takes the
// stretch away in which it lies, and a change that leaves a history is taken out of
// its stretch. It is bounded, and begins anew when it is full.
type stretches struct {
	most int // bytes

	mu    sync.Mutex
	kept  map[string]*stretched
	of    map[string][]string // which of kept are made of a posting list
	size  int
	right uint64 // the stamp as of which all that is kept is right
}

// nobodysPart is what a course may take of that which is read for one to whom
// nothing is known to be closed: a history, so that what has left it is not gone
// through again.
const nobodysPart = 4

// stretched is what is kept of one course for those of one Key.
type stretched struct {
	course
	version uint64    // of all policies
	at      time.Time // from then on
	list    []*stretch
	size    int
}

// A ground is what a reading rests on: whose it is, and as of when.
type ground struct {
	key     string
	stamp   uint64
	version uint64
	at      time.Time
}

func (g *ground) of(c *course) string { return g.key + "\x00\x00" + c.name }

// get returns what is known of a course.
func (k *stretches) get(g *ground, c *course) []*stretch {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := k.kept[g.of(c)]
	if s == nil || k.right != g.stamp || s.version != g.version || g.at.Before(s.at) {
		return nil
	}
	return slices.Clone(s.list) // carry takes some of it away
}

// put keeps what was read of a course in a snapshot that is still the latest.
func (k *stretches) put(g *ground, c *course, fresh []*stretch) {
	if len(fresh) == 0 {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.right == 0 {
		k.right = g.stamp
	}
	if k.right != g.stamp || g.stamp == 0 {
		return
	}
	name := g.of(c)
	s := k.kept[name]
	if s != nil && s.version > g.version {
		return
	}
	if s == nil || s.version < g.version {
		s = k.renew(name, g, c)
	}
	if g.at.After(s.at) {
		s.at = g.at
	}
	for _, f := range fresh {
		k.grow(s, s.put(f))
	}
	if g.key == "" && s.size > k.most/nobodysPart {
		k.renew(name, g, c)
	}
	if k.size > k.most {
		k.drop()
	}
}

func (k *stretches) grow(s *stretched, by int) {
	s.size += by
	k.size += by
}

// renew begins to keep a course, in the place of what was of an older version.
func (k *stretches) renew(name string, g *ground, c *course) *stretched {
	if k.kept == nil {
		k.kept, k.of = map[string]*stretched{}, map[string][]string{}
	}
	if old := k.kept[name]; old != nil {
		k.size -= old.size
	} else {
		k.size += 500 + 2*len(name)
		for _, list := range c.lists {
			k.of[string(list)] = append(k.of[string(list)], name)
		}
	}
	s := &stretched{course: course{name: c.name, reverse: c.reverse}, version: g.version}
	k.kept[name] = s
	return s
}

// put takes in a stretch in the place of what it overlaps, and returns by how much
// there is more. Those that touch become one, while it is short.
func (s *stretched) put(f *stretch) (grown int) {
	first := 0
	for first < len(s.list) && s.order(s.list[first].to, f.from) <= 0 {
		first++
	}
	end := first
	for end < len(s.list) && s.order(s.list[end].from, f.to) < 0 {
		end++
	}
	short := func(o *stretch) bool { return len(o.open)+len(f.open) <= stretchMost }
	if first > 0 && s.list[first-1].to == f.from && short(s.list[first-1]) {
		first--
		f = joined(s.list[first], f)
	}
	if end < len(s.list) && s.list[end].from == f.to && short(s.list[end]) {
		f = joined(f, s.list[end])
		end++
	}
	for _, o := range s.list[first:end] {
		grown -= o.weight()
	}
	s.list = slices.Replace(s.list, first, end, f)
	return grown + f.weight()
}

// carry takes over a transaction that is durable: the stamps before and after
// it, and what it wrote of postings and took out of histories. What it adds to a
// history comes before or after all that is known of it.
func (k *stretches) carry(before, after uint64, posted []write) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.right != before {
		k.drop()
	}
	k.right = after
	if len(k.of) == 0 {
		return
	}
	for _, w := range posted {
		list := listOf(w.key)
		for _, name := range k.of[string(list)] {
			s := k.kept[name]
			k.grow(s, s.written(w.key[len(list):], w.value == nil && w.key[0] == famFeed))
		}
	}
}

// written takes over that an entry was written, or taken out of the only list of a
// course, and returns by how much there is more.
func (s *stretched) written(id []byte, gone bool) (grown int) {
	i := sort.Search(len(s.list), func(i int) bool { return s.before(id, s.list[i].to) })
	if i == len(s.list) || s.before(id, s.list[i].from) {
		return 0
	}
	was := s.list[i]
	if !gone {
		s.list = slices.Delete(s.list, i, i+1)
		return -was.weight()
	}
	at := sort.Search(len(was.open), func(k int) bool { return !s.before(was.open[k].id, place{string(id), false}) })
	if at < len(was.open) && string(was.open[at].id) == string(id) {
		s.list[i] = was.without([]int{at})
	}
	return s.list[i].weight() - was.weight()
}

func (k *stretches) drop() { k.kept, k.of, k.size = nil, nil, 0 }
