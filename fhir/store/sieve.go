package store

import (
	"iter"

	"github.com/cordee-sante/cordee/fhir"
)

// A sieve holds back what the view is known to show nothing of (fhir.Closing) as
// soon as a source has read it: no text of it is decoded, no candidate made, no
// policy asked for. What comes through is judged as if there were no sieve. The
// nil sieve holds nothing back.
type sieve struct {
	names       *naming
	closed      func(contributor string, patient []byte) bool
	kept        *stretches // nil for nothing
	ground      ground
	contributor string   // of the entry before
	held        int      // since the last take
	patient     [36]byte // scratch, for an id in few bytes
}

// sieved is a source that can read through a sieve. What it proposes may then be
// the zero candidate, now and then, so that a search which finds nothing but
// what is held back can think again.
type sieved interface{ through(*sieve) }

// breath is how much a sieve holds back before its source proposes the zero
// candidate.
const breath = 256

// sieve makes the source of the plan read through one, if the view knows
// anything.
func (x *execution) sieve(p *plan) (*sieve, error) {
	s, ok := p.source.(sieved)
	if !ok {
		return nil, nil
	}
	v, err := x.sieveOf(p.typ)
	if v == nil && isFeed(p.source) && x.kept != nil && x.stamped {
		v = &sieve{kept: x.store.stretches, ground: ground{stamp: x.postings}} // that what has left the history is not gone through again
	}
	if v != nil {
		s.through(v)
	}
	return v, err
}

// sieveOf is one for records of a type. A Binary is not what its postings say of
// it (binary.go).
func (x *execution) sieveOf(typ string) (*sieve, error) {
	if _, ok := x.sight.view.(fhir.Closing); !ok || typ == "Binary" {
		return nil, nil
	}
	if x.kept != nil {
		if _, err := x.stamps(); err != nil { // with the version that the view will ask for
			return nil, err
		}
	}
	c, err := x.sight.closed()
	if err != nil || c.Closes == nil {
		return nil, err
	}
	v := &sieve{names: x.store.names, closed: c.Closes}
	if x.kept != nil && c.Key != "" {
		v.kept, v.ground = x.store.stretches, ground{key: c.Key, stamp: x.postings, version: x.sight.version, at: c.At}
	}
	return v, nil
}

// along yields what a course has from a place on, less what is held back; the nil
// sieve yields all of it. An entry without an id says that much was held back.
func (v *sieve) along(c course, from place) iter.Seq2[posted, error] {
	if v == nil {
		return c.read(from, c.end)
	}
	return func(yield func(posted, error) bool) {
		g := reading{course: c, sieve: v}
		if v.kept != nil && c.name != "" {
			g.known = v.kept.get(&v.ground, &c)
			defer func() { v.kept.put(&v.ground, &c, g.fresh) }()
		}
		g.from(from)(yield)
	}
}

// take returns how many were held back since it was called last.
func (v *sieve) take() (n int) {
	if v != nil {
		n, v.held = v.held, 0
	}
	return n
}

// full reports whether it is time to take.
func (v *sieve) full() bool { return v.held >= breath }

// posting reports whether a posting of this value is held back.
func (v *sieve) posting(value []byte) bool {
	d := decoder{b: value}
	v.contributor = v.names.read(&d, v.contributor)
	return v.packed(&d)
}

// change does so for a last change.
func (v *sieve) change(value []byte) bool {
	if v == nil || v.closed == nil {
		return false
	}
	d := decoder{b: value}
	d.uvarint()
	d.byte()
	return v.facts(&d)
}

// record does so for a current version.
func (v *sieve) record(value []byte) bool {
	d := decoder{b: value}
	d.byte()
	d.byte()
	d.uvarint()
	d.uint64()
	d.uint64()
	return v.facts(&d)
}

// facts are as appendFacts writes them.
func (v *sieve) facts(d *decoder) bool {
	if d.uvarint() == 0 {
		v.contributor = ""
	} else if s := d.bytes(); string(s) != v.contributor {
		v.contributor = string(s)
	}
	return v.patients(d)
}

// patients reports whether one of those who follow is closed: a record is shown
// only if all of its patients let it.
func (v *sieve) patients(d *decoder) bool {
	for n := d.uvarint(); n > 0 && !d.bad; n-- {
		if patient := d.bytes(); !d.bad && v.closed(v.contributor, patient) {
			v.held++
			return true
		}
	}
	return false
}

// packed is patients for ids in few bytes.
func (v *sieve) packed(d *decoder) bool {
	for n := d.uvarint(); n > 0 && !d.bad; n-- {
		if patient := d.id(&v.patient); !d.bad && v.closed(v.contributor, patient) {
			v.held++
			return true
		}
	}
	return false
}

// closed asks the view of whom it shows nothing, once.
func (s *sight) closed() (fhir.Closure, error) {
	view, ok := s.view.(fhir.Closing)
	if !ok || s.shutAsked {
		return s.shut, nil
	}
	var err error
	s.shut, err = view.Closed(s.ctx, s)
	s.shutAsked = err == nil
	return s.shut, err
}
