package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/cordee-sante/cordee/auth/audit/ledger"
)

// The keys of the index. Numbers are big endian.
//
//	m                                             → position (index.go)
//	x kind(1) len(1) term bucket(8) first(8)      → block (blocks.go)
//
// The bucket is of time, or of the record's number in the list by number; first
// is the number of the first record in the block. A term longer than maxTerm is
// replaced by its SHA-256 and len is 255.
const (
	positionKey = 'm'
	postingKey  = 'x'

	maxTerm = 200
)

// The kinds of terms.
const (
	termAll        = 'd' // every record; the term is empty
	termNumber     = 'n' // every record by its number; the term is empty
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

// terms yields the terms of a record.
func terms(it Item, ended ending, yield func(term)) {
	r := &it.Record
	yield(term{kind: termAll})
	add := func(kind byte, text string) {
		if text != "" {
			yield(term{kind, text})
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
			add(termEntity, e.Key.Type+"/"+e.Key.ID)
		}
	}
	if o := ended.outcome(r.Outcome); o != Success {
		add(termOutcome, o.code())
	}
	add(termRequest, r.Request)
	add(termRequest, r.Trace)
}

// prefix appends what all keys of the term begin with.
func (t term) prefix(b []byte) []byte {
	b = append(b, postingKey, t.kind)
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

// A posting is a record in a list.
type posting struct {
	moment
	where
}
