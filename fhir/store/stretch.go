package store

import (
	"iter"
	"slices"
	"strings"
)

// A course is a list of entries that a source reads in one direction: postings,
// each by the id of its resource, or the history of a type, each by what its key
// has after the type.
type course struct {
	name    string   // of what is read, and in which direction
	lists   [][]byte // the posting lists that it is made of, or the one history
	reverse bool
	front   bool  // whatever is new comes before all that is there
	end     place // nothing from there on is wanted; the zero place for no end

	read func(from, end place) iter.Seq2[posted, error]
	held func(value []byte) bool // by the sieve
}

// A place is where a reading of a course can stand: at a key, or right behind it.
type place struct {
	key    string
	behind bool
}

// start is the first key, of a course that goes forward, that a place may have
// before it.
func (p place) start() []byte {
	switch {
	case p == (place{}):
		return nil
	case p.behind:
		return append([]byte(p.key), 0)
	}
	return []byte(p.key)
}

// turned is the place of a course that goes the other way.
func (p place) turned() place {
	if p == (place{}) {
		return p
	}
	return place{p.key, !p.behind}
}

// order compares two places in the direction of the course.
func (c *course) order(a, b place) int {
	n := strings.Compare(a.key, b.key)
	if c.reverse {
		n = -n
	}
	if n != 0 || a.behind == b.behind {
		return n
	} else if a.behind {
		return 1
	}
	return -1
}

// before reports whether an entry comes before a place.
func (c *course) before(key []byte, at place) bool {
	switch {
	case string(key) < at.key:
		return !c.reverse
	case string(key) > at.key:
		return c.reverse
	}
	return at.behind
}

// beyond reports whether it is not wanted any more.
func (c *course) beyond(key []byte) bool { return c.end != (place{}) && !c.before(key, c.end) }

// A stretch is what lies between two places of a course, less what a sieve held
// back of it. It is never changed.
type stretch struct {
	from, to place
	open     []posted
	size     int
}

// stretchMost is how many entries a stretch has: writing one of them costs the
// stretch.
const stretchMost = 256

// weight is about what the stretch takes, in bytes.
func (s *stretch) weight() int {
	const perStretch, perEntry = 160, 48
	return perStretch + len(s.from.key) + len(s.to.key) + perEntry*len(s.open) + s.size
}

// add takes in an entry.
func (s *stretch) add(e posted) {
	mid := len(e.id)
	own := append(append(make([]byte, 0, mid+len(e.value)), e.id...), e.value...)
	s.keep(posted{own[:mid:mid], own[mid:]})
}

// keep takes in one that nobody writes to.
func (s *stretch) keep(e posted) {
	s.open, s.size = append(s.open, e), s.size+len(e.id)+len(e.value)
}

// without is the stretch without some of its entries, by index.
func (s *stretch) without(gone []int) *stretch {
	less := &stretch{from: s.from, to: s.to}
	for i, e := range s.open {
		if !slices.Contains(gone, i) {
			less.keep(e)
		}
	}
	return less
}

// joined are two stretches, of which the one ends where the other begins.
func joined(a, b *stretch) *stretch {
	s := &stretch{from: a.from, to: b.to, size: a.size + b.size}
	s.open = append(append(make([]posted, 0, len(a.open)+len(b.open)), a.open...), b.open...)
	return s
}

// A reading goes along a course: where it is known it is told, and where it is not
// it is read, and known from then on.
type reading struct {
	course
	sieve *sieve
	begin place      // where it began
	known []*stretch // in order, and apart from each other
	fresh []*stretch
}

// from yields what comes from a place on and is not held back. An entry without
// an id says that much was held back since the one before.
func (g *reading) from(at place) iter.Seq2[posted, error] {
	return func(yield func(posted, error) bool) {
		g.begin = at
		for next := 0; ; {
			for next < len(g.known) && g.order(g.known[next].to, at) <= 0 {
				next++
			}
			if g.end != (place{}) && g.order(at, g.end) >= 0 {
				return
			}
			end := g.end
			if next < len(g.known) {
				s := g.known[next]
				if g.order(s.from, at) <= 0 {
					if !g.again(s, at, yield) {
						return
					}
					at = s.to
					continue
				}
				if end == (place{}) || g.order(s.from, end) < 0 {
					end = s.from
				}
			}
			if !g.fill(at, end, yield) || end == g.end {
				return
			}
			at = end
		}
	}
}

// again yields what is known. What has been found closed since is left out of it
// from now on.
func (g *reading) again(s *stretch, at place, yield func(posted, error) bool) bool {
	var gone []int
	goesOn := true
	for i := 0; i < len(s.open) && goesOn; i++ {
		switch e := s.open[i]; {
		case g.before(e.id, at):
		case g.beyond(e.id):
			goesOn = false
		case g.held(e.value):
			gone = append(gone, i)
		default:
			goesOn = yield(e, nil)
		}
	}
	if gone != nil {
		g.fresh = append(g.fresh, s.without(gone))
	}
	return goesOn
}

// fill reads what is not known, and reports whether it got to its end.
func (g *reading) fill(at, end place, yield func(posted, error) bool) bool {
	s := &stretch{from: at}
	var last []byte
	for e, err := range g.read(at, end) {
		if err != nil {
			yield(posted{}, err)
			return false
		}
		if last == nil && g.front && at == g.begin {
			s.from = place{key: string(e.id)} // what is new will come before it
		}
		last = append(last[:0], e.id...)
		goesOn := true
		if !g.held(e.value) {
			s.add(e)
			goesOn = yield(e, nil)
		} else if g.sieve.full() {
			goesOn = yield(posted{}, nil)
		}
		if goesOn && len(s.open) < stretchMost {
			continue
		}
		s.to = place{string(last), true}
		if g.fresh = append(g.fresh, s); !goesOn {
			return false
		}
		s = &stretch{from: s.to}
	}
	if s.to = end; end == (place{}) {
		s.to = place{string(last), true}
	}
	if last != nil && g.order(s.from, s.to) < 0 {
		g.fresh = append(g.fresh, s)
	}
	return true
}
