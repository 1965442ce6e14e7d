package badger

import (
	"bytes"

	"github.com/cordee-sante/cordee/fhir/kv"
)

// merge yields a range with what the transaction has written in it, which hides
// what the snapshot has under the same keys.
func (s *scan) merge(it *iterator, b bounds) bool {
	from := b.start
	if b.Reverse {
		from = b.end
	}
	m := merged{bounds: &b, theirs: it, ours: s.own.seek(from, b.Reverse)}
	for n := 0; b.Limit <= 0 || n < b.Limit; {
		e, ok, err := m.next()
		if err != nil {
			s.yield(kv.Entry{}, err)
			return false
		}
		if !ok {
			break
		}
		if e.value == nil {
			continue // deleted
		}
		if !s.emit(&b, e) {
			return false
		}
		n++
	}
	return true
}

// A merged is the walk through a range of the snapshot and of own writes.
type merged struct {
	*bounds
	theirs *iterator
	ours   *cursor
	passed bool // the entry of theirs was returned, move on before the next
}

// next returns the next entry, a deletion among them, and whether there is one.
func (m *merged) next() (e entry, ok bool, err error) {
	if m.passed {
		m.theirs.Next()
		m.passed = false
	}
	ours := m.ours.valid && !m.beyond(m.ours.at.key)
	theirs := m.theirs.Valid() && !m.beyond(m.theirs.Item().Key())
	if !ours && !theirs {
		return entry{}, false, nil
	}
	if theirs && (!ours || m.before(m.theirs.Item().Key(), m.ours.at.key)) {
		m.passed = true
		e, err = entryOf(m.theirs.Item())
		return e, true, err
	}
	m.passed = theirs && bytes.Equal(m.theirs.Item().Key(), m.ours.at.key)
	e = m.ours.at
	m.ours.next()
	return e, true, nil
}

// before tells whether a comes before b in the direction of the range.
func (m *merged) before(a, b []byte) bool {
	if m.Reverse {
		a, b = b, a
	}
	return bytes.Compare(a, b) < 0
}
