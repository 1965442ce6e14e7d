package audit

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/cordee-sante/cordee/auth/audit/ledger"
	"github.com/cordee-sante/cordee/fhir"
)

// Decode reads a record of the log. It refuses what encode would not have
// written, so that every record has one reading.
func Decode(e ledger.Entry) (Item, error) {
	it := Item{Seq: e.Seq, Time: e.Time, Place: e.At}
	if err := it.decode(string(e.Body)); err != nil {
		return Item{}, fmt.Errorf("audit: record %d: %w", e.Seq, err)
	}
	return it, nil
}

// malformed names the field that is not understood.
type malformed byte

func (m malformed) Error() string { return fmt.Sprintf("field %d is not well formed", byte(m)) }

// decode reads a body. The strings of the item share its memory.
func (it *Item) decode(b string) error {
	if len(b) == 0 || b[0] < byte(KindRequest) || b[0] > byte(KindClosed) {
		return malformed(0)
	}
	it.Kind = Kind(b[0])
	record := it.Kind == KindRequest || it.Kind == KindChange
	last := byte(0)
	for b = b[1:]; len(b) > 0; {
		tag := b[0]
		value, rest, ok := lengthPrefixed(b[1:])
		repeated := tag == last && (tag == tagPolicy || tag == tagPatient || tag == tagEntry)
		if !ok || len(value) == 0 || tag < last || tag == last && !repeated || !record && tag < tagTicket && tag != tagReason {
			return malformed(tag)
		}
		if tag == tagEntry && last != tag { // about as many as are of the size of the first
			it.Record.Entries = make([]Entry, 0, 1+min(len(rest)/(2+len(value)), mostAtOnce))
		}
		if !it.field(tag, value) {
			return malformed(tag)
		}
		last, b = tag, rest
	}
	if record && (it.Record.Interaction == "" || it.Record.Action == 0) {
		return malformed(tagInteraction)
	}
	return nil
}

// mostAtOnce is for how many entries of a record room is made before they come.
const mostAtOnce = 128

// field sets one field, and reports whether it is well formed.
func (it *Item) field(tag byte, v string) bool {
	r := &it.Record
	switch tag {
	case tagStart:
		if len(v) != 8 {
			return false
		}
		r.Start = time.UnixMilli(int64(binary.BigEndian.Uint64([]byte(v)))).UTC()
	case tagAction:
		r.Action = Action(v[0])
		return len(v) == 1
	case tagOutcome:
		r.Outcome = Outcome(v[0])
		return len(v) == 1 && v[0] != 0
	case tagReason:
		if it.Kind == KindRequest || it.Kind == KindChange {
			r.Reason = v
		} else {
			it.Reason = v
		}
	case tagRule:
		r.Rule = v
	case tagPolicy:
		r.Policies = append(r.Policies, v)
	case tagClean:
		r.Query.Clean = v
	case tagRaw:
		r.Query.Raw = v
	case tagPatient:
		if n := len(r.Patients); n > 0 && r.Patients[n-1] >= v {
			return false
		}
		r.Patients = append(r.Patients, v)
	case tagEntry:
		e, ok := decodeEntry(v, r.Patients)
		r.Entries = append(r.Entries, e)
		return ok
	case tagTicket:
		return number(v, &it.Ticket)
	case tagOf:
		return number(v, &it.Of)
	case tagTook:
		it.Took = true
		return len(v) == 1 && v[0] == 1
	default:
		t := texts(r)
		if tag < tagRequest || int(tag-tagRequest) >= len(t) {
			return false
		}
		*t[tag-tagRequest] = v
	}
	return true
}

func decodeEntry(b string, patients []string) (e Entry, ok bool) {
	for _, s := range []*string{&e.Key.Type, &e.Key.ID, &e.Key.Version} {
		if *s, b, ok = lengthPrefixed(b); !ok {
			return e, false
		}
	}
	if len(b) < 2 || b[0] > byte(fhir.Unchanged) || b[1] > 1 {
		return e, false
	}
	e.Effect = fhir.Effect(b[0])
	hashed := b[1] == 1
	b = b[2:]
	if hashed {
		if len(b) < len(e.Hash) {
			return e, false
		}
		b = b[copy(e.Hash[:], b):]
		if e.Hash == ([32]byte{}) {
			return e, false
		}
	}
	for len(b) > 0 {
		i, n := minimal(b)
		if n == 0 || i >= uint64(len(patients)) {
			return e, false
		}
		if e.Patients == nil {
			e.Patients = patients[i : i+1 : i+1]
		} else {
			e.Patients = append(e.Patients, patients[i])
		}
		b = b[n:]
	}
	return e, ascending(e.Patients)
}

// ascending reports whether the list is sorted and holds nothing twice.
func ascending(list []string) bool {
	for i := 1; i < len(list); i++ {
		if list[i-1] >= list[i] {
			return false
		}
	}
	return true
}

func lengthPrefixed(b string) (value, rest string, ok bool) {
	n, size := minimal(b)
	if size == 0 || n > uint64(len(b)-size) {
		return "", "", false
	}
	return b[size : size+int(n)], b[size+int(n):], true
}

func number(v string, to *uint64) bool {
	n, size := minimal(v)
	*to = n
	return size == len(v) && n != 0
}

// minimal reads a uvarint, and returns size 0 for one that is cut off, too
// large, or longer than it needs to be.
func minimal(b string) (n uint64, size int) {
	var head [binary.MaxVarintLen64]byte
	n, size = binary.Uvarint(head[:copy(head[:], b)])
	if size <= 0 || size > 1 && b[size-1] == 0 {
		return 0, 0
	}
	return n, size
}
