package audit

import (
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/cordee-sante/cordee/auth/audit/ledger"
	"github.com/cordee-sante/cordee/fhir"
)

// Decode reads a record of the log. It refuses what encode would not have
// written, so that every record has one reading.
func Decode(e ledger.Entry) (Item, error) {
	it := Item{Seq: e.Seq, Time: e.Time, Place: e.At}
	if err := it.decode(e.Body); err != nil {
		return Item{}, fmt.Errorf("audit: record %d: %w", e.Seq, err)
	}
	return it, nil
}

// malformed names the field that is not understood.
type malformed byte

func (m malformed) Error() string { return fmt.Sprintf("field %d is not well formed", byte(m)) }

func (it *Item) decode(b []byte) error {
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

// field sets one field, and reports whether it is well formed.
func (it *Item) field(tag byte, v []byte) bool {
	r := &it.Record
	switch tag {
	case tagStart:
		if len(v) != 8 {
			return false
		}
		r.Start = time.UnixMilli(int64(binary.BigEndian.Uint64(v))).UTC()
	case tagAction:
		r.Action = Action(v[0])
		return len(v) == 1
	case tagOutcome:
		r.Outcome = Outcome(v[0])
		return len(v) == 1 && v[0] != 0
	case tagReason:
		if it.Kind == KindRequest || it.Kind == KindChange {
			r.Reason = string(v)
		} else {
			it.Reason = string(v)
		}
	case tagRule:
		r.Rule = string(v)
	case tagPolicy:
		r.Policies = append(r.Policies, string(v))
	case tagClean:
		r.Query.Clean = string(v)
	case tagRaw:
		r.Query.Raw = string(v)
	case tagPatient:
		if n := len(r.Patients); n > 0 && r.Patients[n-1] >= string(v) {
			return false
		}
		r.Patients = append(r.Patients, string(v))
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
		*t[tag-tagRequest] = string(v)
	}
	return true
}

func decodeEntry(b []byte, patients []string) (e Entry, ok bool) {
	for _, s := range []*string{&e.Key.Type, &e.Key.ID, &e.Key.Version} {
		var v []byte
		if v, b, ok = lengthPrefixed(b); !ok {
			return e, false
		}
		*s = string(v)
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
		e.Patients = append(e.Patients, patients[i])
		b = b[n:]
	}
	return e, slices.IsSorted(e.Patients) && len(slices.Compact(slices.Clone(e.Patients))) == len(e.Patients)
}

func lengthPrefixed(b []byte) (value, rest []byte, ok bool) {
	n, size := minimal(b)
	if size == 0 || n > uint64(len(b)-size) {
		return nil, nil, false
	}
	return b[size : size+int(n)], b[size+int(n):], true
}

func number(v []byte, to *uint64) bool {
	n, size := minimal(v)
	*to = n
	return size == len(v) && n != 0
}

// minimal reads a uvarint, and returns size 0 for one that is cut off, too
// large, or longer than it needs to be.
func minimal(b []byte) (n uint64, size int) {
	n, size = binary.Uvarint(b)
	if size <= 0 || size > 1 && b[size-1] == 0 {
		return 0, 0
	}
	return n, size
}
