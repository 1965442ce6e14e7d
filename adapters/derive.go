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
	return lower.EncodeToString(sum[:20])
}

// DeriveURN returns a urn:uuid that follows from the parts in the same way
// (UUID version 8, RFC 9562 §5.8).
func DeriveURN(parts ...string) string {
	sum := digest(parts)
	sum[6] = sum[6]&0x0f | 0x80
	sum[8] = sum[8]&0x3f | 0x80
	h := hex.EncodeToString(sum[:16])
	return "urn:uuid:" + h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

func digest(parts []string) (sum [sha256.Size]byte) {
	var b []byte
	for _, p := range parts {
		b = binary.AppendUvarint(b, uint64(len(p)))
		b = append(b, p...)
	}
	return sha256.Sum256(b)
}
