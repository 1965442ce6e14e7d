package audit

import (
	"encoding/binary"
	"time"

	"github.com/cordee-sante/cordee/auth/audit/ledger"
)

// The keys of the index. Numbers are big endian.
//
//	m                                    → how far it has followed (index.go)
//	c chapter(8)                         → times of its first and last record
//	n number >> 8 (8)                    → page: the rows of 256 records (chapter.go)
//	x chapter(8) hash(8) record(2)       → block of mentions, of which these are the last
const (
	positionKey = 'm'
	famExtent   = 'c'
	famPage     = 'n'
	famBlock    = 'x'
)

func extentKey(number uint64) []byte { return binary.BigEndian.AppendUint64([]byte{famExtent}, number) }

func pageKey(page uint64) []byte { return binary.BigEndian.AppendUint64([]byte{famPage}, page) }

func pageOf(key []byte) uint64 { return binary.BigEndian.Uint64(key[1:]) }

func blockPrefix(number uint64) []byte {
	return binary.BigEndian.AppendUint64(append(make([]byte, 0, 19), famBlock), number)
}

func blockKey(number uint64, last mention) []byte { return last.append(blockPrefix(number)) }

// The kinds of terms.
const (
	termAll        = 'd' // every record; the term is empty
	termPatient    = 'p' // id of a patient concerned; also for entity=Patient/x
	termAgent      = 'a' // reference of person, organisation
	termIdentifier = 'i' // client_id, value of the person's identifier
	termEntity     = 'e' // Type/id of a resource concerned
	termOutcome    = 'o' // outcome, when not success
	termRequest    = 'r' // request id, trace id
)

// term is a kind with its text.
type term struct {
	kind byte
	text string
}

// terms yields what stands for the terms of a record, but for that of all.
func terms(it *Item, ended ending, yield func(hash uint64)) {
	r := &it.Record
	add := func(kind byte, text string) {
		if text != "" {
			yield(term{kind, text}.hash())
		}
	}
	for _, p := range r.Patients {
		add(termPatient, p)
	}
	add(termAgent, r.Agent)
	add(termAgent, r.Organization)
	add(termIdentifier, r.Client)
	if _, value, ok := cutIdentifier(r.AgentID); ok {
		add(termIdentifier, value)
	}
	for i := range r.Entries {
		if e := &r.Entries[i]; e.Key.ID != "" {
			yield(hashed(hashed(term{termEntity, e.Key.Type}.hash(), "/"), e.Key.ID))
		}
	}
	if o := ended.outcome(r.Outcome); o != Success {
		add(termOutcome, o.code())
	}
	add(termRequest, r.Request)
	add(termRequest, r.Trace)
}

// hash is what stands for the term in the index: the FNV-1a of kind and text.
func (t term) hash() uint64 {
	const offset, prime = 14695981039346656037, 1099511628211
	return hashed((offset^uint64(t.kind))*prime, t.text)
}

// hashed is the FNV-1a of a text that goes on.
func hashed(h uint64, text string) uint64 {
	const prime = 1099511628211
	for i := range len(text) {
		h = (h ^ uint64(text[i])) * prime
	}
	return h
}

func hashes(terms []term) []uint64 {
	list := make([]uint64, len(terms))
	for i, t := range terms {
		list[i] = t.hash()
	}
	return list
}

// moment is the position of a record in the order of time.
type moment struct {
	time time.Time
	seq  uint64
}

func (m moment) append(b []byte) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(m.time.UnixMilli()))
	return binary.BigEndian.AppendUint64(b, m.seq)
}

// compare orders moments: by time, then by number.
func (m moment) compare(n moment) int {
	if c := m.time.Compare(n.time); c != 0 {
		return c
	}
	switch {
	case m.seq < n.seq:
		return -1
	case m.seq > n.seq:
		return 1
	}
	return 0
}

// An ending is how a record turned out.
type ending byte

// The endings.
const (
	asRecorded  ending = 1 // a request; or a change that took effect
	notApplied  ending = 2 // a change that did not take effect
	foundTaken  ending = 3 // the same, found out after a stop
	foundFailed ending = 4
)

// outcome is the outcome of a record with that ending.
func (e ending) outcome(recorded Outcome) Outcome {
	if (e == notApplied || e == foundFailed) && recorded < SeriousFailure {
		return SeriousFailure
	}
	return recorded
}

// where is a record's place and how it ended.
type where struct {
	ending ending
	place  ledger.Place
}

// A posting is a record as the index knows it.
type posting struct {
	moment
	where
}
