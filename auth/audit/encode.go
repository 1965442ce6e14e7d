package audit

import (
	"encoding/binary"
	"errors"
	"slices"
)

// The body of a record is kind(1) and fields tag(1) length(uvarint) value, in
// ascending order of their tags, empty ones left out, those of lists repeated.
// There is one encoding for each item, and every other is refused.
const (
	tagStart       = 1 // 8 bytes, milliseconds since 1970, big endian
	tagRequest     = 2
	tagTrace       = 3
	tagAddress     = 4
	tagClient      = 5
	tagClientName  = 6
	tagAgent       = 7
	tagAgentID     = 8
	tagAgentName   = 9
	tagRole        = 10
	tagOrg         = 11
	tagPurpose     = 12
	tagToken       = 13
	tagInteraction = 14
	tagOperation   = 15
	tagType        = 16
	tagAction      = 17 // 1 byte
	tagOutcome     = 18 // 1 byte
	tagReason      = 19
	tagRule        = 20
	tagPolicy      = 21 // repeated
	tagClean       = 22
	tagRaw         = 23
	tagPatient     = 24 // repeated, ascending
	tagEntry       = 25 // repeated
	tagTicket      = 26 // uvarint
	tagOf          = 27 // uvarint
	tagTook        = 28 // 1 byte, 1
)

// An entry is type, id and version, each length(uvarint) and bytes, effect(1),
// hashed(1) and 32 bytes when that is 1, and the indexes of its patients in the
// patients of the record, uvarint each, ascending.

var errNoInteraction = errors.New("audit: a record without interaction")

// encode returns the body of an item.
func encode(it Item) ([]byte, error) {
	b := append(make([]byte, 0, 384+80*len(it.Record.Entries)), byte(it.Kind))
	if it.Kind == KindRequest || it.Kind == KindChange {
		if it.Record.Interaction == "" {
			return nil, errNoInteraction
		}
		b = appendRecord(b, it.Record.normal())
	} else {
		b = appendText(b, tagReason, it.Reason)
	}
	b = appendNumber(b, tagTicket, it.Ticket)
	b = appendNumber(b, tagOf, it.Of)
	if it.Took {
		b = append(b, tagTook, 1, 1)
	}
	return b, nil
}

func appendRecord(b []byte, r Record) []byte {
	if !r.Start.IsZero() {
		b = binary.BigEndian.AppendUint64(append(b, tagStart, 8), uint64(r.Start.UnixMilli()))
	}
	for i, s := range texts(&r) {
		b = appendText(b, byte(tagRequest+i), *s)
	}
	b = append(b, tagAction, 1, byte(r.Action))
	if r.Outcome != Success {
		b = append(b, tagOutcome, 1, byte(r.Outcome))
	}
	b = appendText(b, tagReason, r.Reason)
	b = appendText(b, tagRule, r.Rule)
	for _, p := range r.Policies {
		b = appendText(b, tagPolicy, p)
	}
	b = appendText(b, tagClean, r.Query.Clean)
	b = appendText(b, tagRaw, r.Query.Raw)
	for _, p := range r.Patients {
		b = appendText(b, tagPatient, p)
	}
	var room [128]byte
	scratch := room[:]
	for i := range r.Entries {
		scratch = appendEntry(scratch[:0], &r.Entries[i], r.Patients)
		b = appendBytes(b, tagEntry, scratch)
	}
	return b
}

// texts are the fields from tagRequest on that are plain text, in order.
func texts(r *Record) [15]*string {
	return [...]*string{&r.Request, &r.Trace, &r.Address, &r.Client, &r.ClientName, &r.Agent, &r.AgentID, &r.AgentName,
		&r.Role, &r.Organization, &r.Purpose, &r.Token, (*string)(&r.Interaction), &r.Operation, &r.Type}
}

// appendEntry encodes an entry of a record with these patients.
func appendEntry(b []byte, e *Entry, patients []string) []byte {
	for _, s := range [...]string{e.Key.Type, e.Key.ID, e.Key.Version} {
		b = append(binary.AppendUvarint(b, uint64(len(s))), s...)
	}
	b = append(b, byte(e.Effect))
	if e.Hash == ([32]byte{}) {
		b = append(b, 0)
	} else {
		b = append(append(b, 1), e.Hash[:]...)
	}
	for _, p := range e.Patients {
		i, _ := slices.BinarySearch(patients, p)
		b = binary.AppendUvarint(b, uint64(i))
	}
	return b
}

func appendText(b []byte, tag byte, s string) []byte {
	if s == "" {
		return b
	}
	return append(binary.AppendUvarint(append(b, tag), uint64(len(s))), s...)
}

func appendBytes(b []byte, tag byte, v []byte) []byte {
	return append(binary.AppendUvarint(append(b, tag), uint64(len(v))), v...)
}

func appendNumber(b []byte, tag byte, n uint64) []byte {
	if n == 0 {
		return b
	}
	return appendBytes(b, tag, binary.AppendUvarint(nil, n))
}
