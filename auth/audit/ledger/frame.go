package ledger

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"time"
)

// A frame is len(4) crc32c(4) payload, numbers big endian, the checksum over
// the payload. The payload is what the tree hashes:
//
//	version(1) seq(8) undurable(4) time(8) salt(16) body(1…)
const (
	frameVersion = 1
	frameHead    = 8
	entryHead    = 1 + 8 + 4 + 8 + saltSize
	saltSize     = 16

	// MaxBody is the largest body of a record. The audit record of a
	// transaction with 5,000 entries (P09) takes about 600 kB.
	MaxBody = 16 << 20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// An Entry is one record of the log.
type Entry struct {
	Seq  uint64    // its number, from 0 without gaps
	Time time.Time // when it was written, UTC, milliseconds
	Body []byte

	// Undurable is how many of the records before it were not yet known to be
	// durable when it was written.
	Undurable uint32

	At   Place
	size int // of the frame
}

// A Place is where a frame begins. The zero Place is the first record.
type Place struct {
	Segment uint64 // number of the first record of the segment
	Offset  int64
}

// File returns the name of the file that the place is in.
func (p Place) File() string { return segmentName(p.Segment) }

// Length returns how many bytes the record takes in its file.
func (e Entry) Length() int64 { return int64(e.size) }

// Next returns the place after the entry.
func (e Entry) Next() Place {
	return Place{Segment: e.At.Segment, Offset: e.At.Offset + int64(e.size)}
}

// durable is the number of records that were durable when e was written.
func (e Entry) durable() uint64 { return e.Seq - uint64(e.Undurable) }

// appendFrame appends the frame of e to buf, and returns beside it where its
// payload begins. The salt keeps a leaf hash that outlives its record from
// confirming a guess about it.
func appendFrame(buf []byte, e Entry, salt [saltSize]byte) (frame []byte, payload int) {
	start := len(buf)
	buf = append(buf, make([]byte, frameHead)...)
	buf = append(buf, frameVersion)
	buf = binary.BigEndian.AppendUint64(buf, e.Seq)
	buf = binary.BigEndian.AppendUint32(buf, e.Undurable)
	buf = binary.BigEndian.AppendUint64(buf, uint64(e.Time.UnixMilli()))
	buf = append(buf, salt[:]...)
	buf = append(buf, e.Body...)
	payload = start + frameHead
	binary.BigEndian.PutUint32(buf[start:], uint32(len(buf)-payload))
	binary.BigEndian.PutUint32(buf[start+4:], crc32.Checksum(buf[payload:], castagnoli))
	return buf, payload
}

// The ways a frame can be unreadable.
var (
	errShort    = errors.New("frame is cut off")
	errLength   = errors.New("length of the frame is impossible")
	errChecksum = errors.New("checksum does not match")
	errHeader   = errors.New("header of the record is not understood")
)

// cut reads the frame at the beginning of b. Of a frame whose checksum fails it
// still returns the size that its length field claims, and what the header
// says, for the report.
func cut(b []byte) (e Entry, payload []byte, err error) {
	if len(b) < frameHead {
		return e, nil, errShort
	}
	n := binary.BigEndian.Uint32(b)
	if n <= entryHead || n > entryHead+MaxBody {
		return e, nil, errLength
	}
	if uint64(len(b)) < frameHead+uint64(n) {
		return e, nil, errShort
	}
	payload = b[frameHead : frameHead+n]
	e, err = parse(payload)
	if crc32.Checksum(payload, castagnoli) != binary.BigEndian.Uint32(b[4:]) {
		err = errChecksum
	}
	return e, payload, err
}

// parse reads a payload.
func parse(p []byte) (Entry, error) {
	e := Entry{
		Seq:       binary.BigEndian.Uint64(p[1:]),
		Undurable: binary.BigEndian.Uint32(p[9:]),
		Time:      time.UnixMilli(int64(binary.BigEndian.Uint64(p[13:]))).UTC(),
		Body:      p[entryHead:],
		size:      frameHead + len(p),
	}
	if p[0] != frameVersion || uint64(e.Undurable) > e.Seq {
		return e, errHeader
	}
	return e, nil
}

// resync returns the offset of the first readable frame in b whose number is
// at least least. An accident passes the 32-bit checksum once in 4·10⁹, and
// must then also carry a plausible number.
func resync(b []byte, least uint64) (offset int, e Entry, ok bool) {
	const window = 1 << 32 // records: more than a segment can hold
	for i := 0; i+frameHead+entryHead < len(b); i++ {
		if b[i+frameHead] != frameVersion {
			continue
		}
		if seq := binary.BigEndian.Uint64(b[i+frameHead+1:]); seq < least || seq-least > window {
			continue
		}
		if e, _, err := cut(b[i:]); err == nil {
			return i, e, true
		}
	}
	return 0, Entry{}, false
}
