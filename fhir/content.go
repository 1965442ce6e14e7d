package fhir

import (
	"crypto/sha256"
	"encoding/base64"
	"io"
)

// The content of a Binary may travel beside its body, as the bytes that it is: a
// document of 50 MB is then in memory once, and not also as base64 in JSON. The
// resource is the same in both forms: what is beside the body reads as its last
// member, data (R4 binary.html).
const (
	dataOpens  = `,"data":"`
	dataCloses = `"}`
)

// Whole returns the JSON of a resource of that body and content.
func Whole(body, content []byte) []byte {
	if len(content) == 0 || len(body) == 0 {
		return body
	}
	whole := make([]byte, 0, len(body)+len(dataOpens)+base64.StdEncoding.EncodedLen(len(content))+len(dataCloses))
	whole = append(append(whole, body[:len(body)-1]...), dataOpens...)
	return append(base64.StdEncoding.AppendEncode(whole, content), dataCloses...)
}

// Sum returns the SHA-256 of the JSON of a version.
func (r *Resource) Sum() (sum [sha256.Size]byte) {
	if len(r.Content) == 0 || len(r.Body) == 0 {
		return sha256.Sum256(r.Body)
	}
	h := sha256.New()
	h.Write(r.Body[:len(r.Body)-1])
	io.WriteString(h, dataOpens)
	encoder := base64.NewEncoder(base64.StdEncoding, h)
	encoder.Write(r.Content) // a hash takes everything
	encoder.Close()
	io.WriteString(h, dataCloses)
	return [sha256.Size]byte(h.Sum(sum[:0]))
}
