package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/cordee-sante/cordee/auth/audit/ledger"
	"github.com/cordee-sante/cordee/fhir/kv"
)

// The keys of the index. Numbers are big endian.
//
//	m                                           → position (index.go)
//	s seq(8)                                    → where     a record by its number
//	x kind(1) len(1) term time(8) seq(8)        → where     records by a term, in the order of time
//
// The value where is outcome(1) segment(uvarint) offset(uvarint). A term longer
// than maxTerm is replaced by its SHA-256 and len is 255.
const (
	positionKey = 'm'
	recordKey   = 's'
	postingKey  = 'x'

	maxTerm = 200
)

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

// terms returns the terms of a record.
func terms(it Item, ended ending) []term {
	r := it.Record
	all := []term{{termAll, ""}}
	add := func(kind byte, text string) {
		if text != "" {
			all = append(all, term{kind, text})
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
	for _, e := range r.Entries {
		if e.Key.ID != "" {
			add(termEntity, e.Key.Current().String())
		}
	}
	if o := ended.outcome(r.Outcome); o != Success {
		add(termOutcome, o.code())
	}
	add(termRequest, r.Request)
	add(termRequest, r.Trace)
	return all
}

// prefix is what all postings of the term begin with.
func (t term) prefix() []byte {
	b := []byte{postingKey, t.kind}
	if len(t.text) > maxTerm {
		sum := sha256.Sum256([]byte(t.text))
		return append(append(b, 255), sum[:]...)
	}
	return append(append(b, byte(len(t.text))), t.text...)
}

// moment is the position of a record in every posting list.
type moment struct {
	time time.Time
	seq  uint64
}

func (m moment) append(b []byte) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(m.time.UnixMilli()))
	return binary.BigEndian.AppendUint64(b, m.seq)
}

// momentOf reads the end of a posting's key.
func momentOf(key []byte) moment {
	b := key[len(key)-16:]
	return moment{time.UnixMilli(int64(binary.BigEndian.Uint64(b))).UTC(), binary.BigEndian.Uint64(b[8:])}
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

// where is the value of a posting.
type where struct {
	ending ending
	place  ledger.Place
}

func (w where) value() []byte {
	b := binary.AppendUvarint([]byte{byte(w.ending)}, w.place.Segment)
	return binary.AppendUvarint(b, uint64(w.place.Offset))
}

func whereOf(v []byte) (where, error) {
	if len(v) < 3 {
		return where{}, kv.ErrCorrupt
	}
	segment, n := binary.Uvarint(v[1:])
	if n <= 0 {
		return where{}, kv.ErrCorrupt
	}
	offset, m := binary.Uvarint(v[1+n:])
	if m <= 0 || v[0] < byte(asRecorded) || v[0] > byte(foundFailed) {
		return where{}, kv.ErrCorrupt
	}
	return where{ending(v[0]), ledger.Place{Segment: segment, Offset: int64(offset)}}, nil
}

// recordKeyOf is the key of a record by its number.
func recordKeyOf(seq uint64) []byte { return binary.BigEndian.AppendUint64([]byte{recordKey}, seq) }

// postings are the puts that index one record.
func postings(it Item, ended ending) []kv.Entry {
	value := where{ended, it.Place}.value()
	puts := []kv.Entry{{Key: recordKeyOf(it.Seq), Value: value}}
	at := moment{it.Time, it.Seq}
	for _, t := range terms(it, ended) {
		puts = append(puts, kv.Entry{Key: at.append(t.prefix()), Value: value})
	}
	return puts
}
