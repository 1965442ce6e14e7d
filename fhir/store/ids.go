package store

import (
	"encoding/binary"
	"encoding/hex"
)

// Rows and postings say the id of a patient in as few bytes as it takes: UUIDs,
// which most ids are, in 16. It is written as one uvarint, and what follows it:
//
//	1     16 bytes: a UUID as it is usually written, in lower case
//	2     16 bytes: an id that newID made
//	4n    n bytes: the text
//
// Records, histories and keys have ids as texts.
const (
	idUUID = 1
	idMade = 2
)

func appendID(b []byte, id string) []byte {
	switch len(id) {
	case 36:
		if raw, ok := readUUID(id); ok {
			return append(append(b, idUUID), raw[:]...)
		}
	case 26:
		var raw [17]byte // 26 letters are 130 bits
		if n, err := idText.Decode(raw[:], []byte(id)); err == nil && n == 16 && idText.EncodeToString(raw[:16]) == id {
			return append(append(b, idMade), raw[:16]...)
		}
	}
	return append(binary.AppendUvarint(b, uint64(4*len(id))), id...)
}

// readUUID reads a UUID that is written as writeUUID writes it.
func readUUID(id string) (raw [16]byte, ok bool) {
	var digits [32]byte
	n := 0
	for _, part := range [...][2]int{{0, 8}, {9, 13}, {14, 18}, {19, 23}, {24, 36}} {
		n += copy(digits[n:], id[part[0]:part[1]])
	}
	if _, err := hex.Decode(raw[:], digits[:]); err != nil {
		return raw, false
	}
	var text [36]byte
	writeUUID(&text, raw[:])
	return raw, string(text[:]) == id
}

func writeUUID(text *[36]byte, raw []byte) {
	hex.Encode(text[:8], raw[:4])
	hex.Encode(text[9:13], raw[4:6])
	hex.Encode(text[14:18], raw[6:8])
	hex.Encode(text[19:23], raw[8:10])
	hex.Encode(text[24:], raw[10:])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
}

// id reads what appendID wrote. The text is that of the decoder's bytes or of
// the buffer.
func (d *decoder) id(buffer *[36]byte) []byte {
	switch head := d.uvarint(); {
	case head == idUUID && len(d.b) >= 16:
		writeUUID(buffer, d.take(16))
		return buffer[:]
	case head == idMade && len(d.b) >= 16:
		idText.Encode(buffer[:], d.take(16))
		return buffer[:26]
	case head%4 == 0:
		return d.take(head / 4)
	}
	d.bad, d.b = true, nil
	return nil
}

// skipIDs passes over a list of ids with its length in front.
func skipIDs(d *decoder) {
	for n := d.uvarint(); n > 0 && !d.bad; n-- {
		switch head := d.uvarint(); {
		case head == idUUID || head == idMade:
			d.take(16)
		case head%4 == 0:
			d.take(head / 4)
		default:
			d.bad, d.b = true, nil
		}
	}
}
