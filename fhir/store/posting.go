package store

import (
	"bytes"
	"encoding/binary"

	"github.com/cordee-sante/cordee/fhir"
	"github.com/cordee-sante/cordee/fhir/search"
)

// A posting's value says of the resource what spares a look at its rows:
//
//	facts flags(1) { date value(len, bytes) }…
//
// flags holds postingSole where the resource has no other row of the parameter,
// and postingDated where the values of the type's main date follow: all of
// them, and none where there is none. Only the parameters of which few values
// are shared by many resources (coarse) carry dates: that is what a search asks
// for by code and date over the whole store, and what no index of one parameter
// answers. A posting without flags was written before there were any.
const (
	postingSole  = 1 << 0
	postingDated = 1 << 1
)

// datesMost is how many bytes of dates a posting carries: one period, or two
// instants. Resources with more are looked up.
const datesMost = 48

// coarse are the parameters whose postings carry the date.
var coarse = []string{"category", "class", "code", "status", "type", "vaccine-code"}

// mainDates are the parameters that tell when a resource of the type happened,
// where that is not "date".
var mainDates = map[string]string{
	"Communication": "sent", "Condition": "onset-date", "Goal": "start-date", "MedicationAdministration": "effective-time",
	"MedicationDispense": "whenhandedover", "MedicationRequest": "authoredon", "MedicationStatement": "effective",
	"Patient": "birthdate", "ServiceRequest": "authored", "Task": "authored-on",
}

// A coverage says which postings of a type carry which date, by postingID. The
// zero coverage covers nothing.
type coverage struct {
	date   uint32
	coarse []uint32
}

// coverages works out the coverage of each type.
func coverages(reg *search.Registry) map[string]coverage {
	all := map[string]coverage{}
	for _, typ := range resourceTypes() {
		code, other := mainDates[typ]
		if !other {
			code = "date"
		}
		date, ok := reg.Param(typ, code)
		if !ok || date.Type != search.Date {
			continue
		}
		c := coverage{date: postingID(typ, date)}
		for _, code := range coarse {
			if p, ok := reg.Param(typ, code); ok && p.Type == search.Token {
				c.coarse = append(c.coarse, postingID(typ, p))
			}
		}
		all[typ] = c
	}
	return all
}

// covers reports whether the postings of a parameter carry the date.
func (c *coverage) covers(param uint32) bool {
	for _, p := range c.coarse {
		if p == param {
			return true
		}
	}
	return false
}

// postingValues makes the values of the postings of one resource. There are at
// most four, which most of the postings share.
type postingValues struct {
	rows    *rows
	cover   coverage
	facts   []byte
	dates   []byte
	dated   bool
	variant [4][]byte // by flags
}

func (s *Store) newPostingValues(typ string, rs *rows) *postingValues {
	cover := s.coverages[typ]
	v := &postingValues{rows: rs, cover: cover, facts: s.names.appendFacts(make([]byte, 0, 64), &rs.facts)}
	if cover.date == 0 {
		return v
	}
	rs.each(cover.date, func(value []byte) bool {
		v.dates = append(binary.AppendUvarint(v.dates, uint64(len(value))), value...)
		return true
	})
	v.dated = len(v.dates) <= datesMost
	return v
}

// of is the value of the posting for row i.
func (v *postingValues) of(i int) []byte {
	list, flags := v.rows.list, 0
	param := list[i].param
	if (i == 0 || list[i-1].param != param) && (i+1 == len(list) || list[i+1].param != param) {
		flags |= postingSole
	}
	if v.dated && v.cover.covers(param) {
		flags |= postingDated
	}
	if v.variant[flags] == nil {
		value := append(append(make([]byte, 0, len(v.facts)+1+datesMost), v.facts...), byte(flags))
		if flags&postingDated != 0 {
			value = append(value, v.dates...)
		}
		v.variant[flags] = value
	}
	return v.variant[flags]
}

// plain is a value that says nothing beside the facts.
func (v *postingValues) plain() []byte {
	if v.variant[0] == nil {
		v.variant[0] = append(v.facts[:len(v.facts):len(v.facts)], 0)
	}
	return v.variant[0]
}

// appendPostings merges the two sorted lists of a resource's rows: what is in
// both and carries the same value stays as it is.
func (s *Store) appendPostings(writes []write, key fhir.Key, old, now *rows) []write {
	was, is := s.newPostingValues(key.Type, old), s.newPostingValues(key.Type, now)
	keys := newKeyring(key.ID, old.list, now.list)
	writes = appendContribution(writes, key, was, is)
	i, j := 0, 0
	for i < len(old.list) || j < len(now.list) {
		order := 0
		switch {
		case i == len(old.list):
			order = 1
		case j == len(now.list):
			order = -1
		default:
			order = compareRows(old.list[i], now.list[j])
		}
		if order < 0 {
			writes = append(writes, write{key: keys.posting(old.list[i]), typ: key.Type, was: was.of(i)})
			i++
			continue
		}
		value := is.of(j)
		w := write{value: value, typ: key.Type}
		if order == 0 {
			w.was = was.of(i)
			i++
		}
		if !bytes.Equal(w.was, value) {
			w.key = keys.posting(now.list[j])
			writes = append(writes, w)
		}
		j++
	}
	return writes
}

// A keyring makes the posting keys of one resource in one piece of memory.
type keyring struct {
	id  string
	buf []byte
}

func newKeyring(id string, lists ...[]row) *keyring {
	size := 0
	for _, list := range lists {
		for _, r := range list {
			size += postingOverhead + len(r.value) + len(id)
		}
	}
	return &keyring{id: id, buf: make([]byte, 0, size)}
}

func (k *keyring) posting(r row) []byte {
	start := len(k.buf)
	k.buf = appendPostingKey(k.buf, r.param, r.value, k.id)
	return k.buf[start:len(k.buf):len(k.buf)]
}

// A posting is one as it was read. Its dates alias the value.
type posting struct {
	facts       fhir.Facts // without the key
	sole, dated bool
	dates       []byte
}

// readPosting decodes the value of a posting of a type.
func readPosting(fr *namedReader, typ string, value []byte) (posting, error) {
	d := decoder{b: value}
	p := posting{facts: fr.read(&d)}
	if d.bad {
		return p, corrupt("posting of a %s", typ)
	}
	if len(d.b) > 0 {
		flags := d.byte()
		p.sole, p.dated = flags&postingSole != 0, flags&postingDated != 0
		p.dates = d.b
	}
	return p, nil
}

// splitFacts parts the value of a posting, without decoding it, into the facts
// and what follows.
func splitFacts(value []byte) (facts, rest []byte, ok bool) {
	d := decoder{b: value}
	skipName(&d)
	skipIDs(&d)
	for n := d.uvarint(); n > 0 && !d.bad; n-- {
		skipName(&d)
	}
	return value[:len(value)-len(d.b)], d.b, !d.bad
}

// soleValue reports whether a posting says that its resource has no other value.
func soleValue(value []byte) bool {
	_, rest, ok := splitFacts(value)
	return ok && len(rest) > 0 && rest[0]&postingSole != 0
}
