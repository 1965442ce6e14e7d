package adapters

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
)

// lower is base32hex without padding in lower case: 160 bits are 32 characters
// of the FHIR id charset, whatever case a client may fold them to.
var lower = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

// DeriveID returns the id that follows from the parts: the same parts give the
// same id, different ones never do (SHA-256 over the parts with their lengths).
//
// Never derive from an INS or another number of a person: a hash of so few
// digits is found by trying them all.
func DeriveID(parts ...string) string {
	sum := digest(parts)
	var id [32]byte
	lower.Encode(id[:], sum[:20])
	return string(id[:])
}

// DeriveURN returns a urn:uuid that follows from the parts in the same way
// (UUID version 8, RFC 9562 §5.8).
func DeriveURN(parts ...string) string {
	sum := digest(parts)
	sum[6] = sum[6]&0x0f | 0x80
	sum[8] = sum[8]&0x3f | 0x80
	urn := append(make([]byte, 0, len("urn:uuid:")+36), "urn:uuid:"...)
	for i, b := range sum[:16] {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			urn = append(urn, '-')
		}
		urn = hex.AppendEncode(urn, []byte{b})
	}
	return string(urn)
}

func digest(parts []string) [sha256.Size]byte {
	b := make([]byte, 0, 256) // enough for most
	for _, p := range parts {
		b = binary.AppendUvarint(b, uint64(len(p)))
		b = append(b, p...)
	}
	return sha256.Sum256(b)
}
