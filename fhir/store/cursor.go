package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/cordee-sante/cordee/fhir"
)

// A cursor is the position after which the next page begins, sealed with
// AES-256-GCM: nobody can read a position (it may hold a value of a record),
// make one up, or use one under another query or another view (threat A11). It
// holds the time it was made and the position, and nothing is kept for it.

func newSeal(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// sealCursor seals a position for whoever asks what binding stands for.
func (s *Store) sealCursor(position, binding []byte) string {
	plain := binary.BigEndian.AppendUint64(nil, uint64(s.clock().Unix()))
	nonce := make([]byte, s.seal.NonceSize())
	rand.Read(nonce)
	return base64.RawURLEncoding.EncodeToString(s.seal.Seal(nonce, nonce, append(plain, position...), binding))
}

// openCursor returns the position of a cursor.
func (s *Store) openCursor(cursor string, binding []byte) ([]byte, error) {
	sealed, err := base64.RawURLEncoding.DecodeString(cursor)
	if n := s.seal.NonceSize(); err == nil && len(sealed) > n {
		var plain []byte
		if plain, err = s.seal.Open(nil, sealed[:n], sealed[n:], binding); err == nil && len(plain) >= 8 {
			made := time.Unix(int64(binary.BigEndian.Uint64(plain)), 0)
			if s.clock().Sub(made) > s.limits.CursorAge {
				return nil, fhir.Errorf(fhir.Gone, "store.Search", "cursor.expired", fhir.CodeExpired, "http._cursor",
					fhir.T("This page link has expired.", "Ce lien de page a expiré."),
					fhir.T("Send the search again from its first page.", "Relancez la recherche depuis sa première page."))
			}
			return plain[8:], nil
		}
	}
	return nil, fhir.Errorf(fhir.Malformed, "store.Search", "cursor.invalid", fhir.CodeInvalid, "http._cursor",
		fhir.T("This page link is not valid for this search and this caller.", "Ce lien de page n'est pas valable pour cette recherche et cet appelant."),
		fhir.T("Follow the links of the answer as they are, or send the search again.", "Suivez les liens de la réponse tels quels, ou relancez la recherche."))
}

// binding stands for what a cursor is bound to: the query, its view, and how the
// custom parameters are defined that it is sorted by.
func (s *Store) binding(q *fhir.Query) []byte {
	b := bindingOfQuery(q)
	for _, k := range q.Sort {
		for _, typ := range append([]string{q.Type}, q.Types...) {
			b = append(b, s.registry.Definition(typ, k.Code)...)
		}
	}
	return b
}

// bindingOfQuery stands for everything of a query that must stay the same from
// page to page, and for its view.
func bindingOfQuery(q *fhir.Query) []byte {
	b := appendStrings(appendString([]byte("search"), q.Type), q.Types)
	b = appendString(appendString(appendString(b, q.Compartment.Type), q.Compartment.ID), q.Compartment.Version)
	b = appendParams(b, q.Params)
	b = appendBools(b, q.Contained.Only, q.Contained.Both, q.Contained.Inner, q.Care.All, q.Care.Support)
	b = appendString(appendString(b, q.Care.Start), q.Care.End)
	b = binary.AppendUvarint(b, uint64(len(q.Sort)))
	for _, k := range q.Sort {
		b = appendBools(appendString(b, k.Code), k.Desc)
	}
	sum := sha256.Sum256(append(b, q.Within.Fingerprint()...))
	return sum[:]
}

func appendParams(b []byte, params []fhir.Param) []byte {
	b = binary.AppendUvarint(b, uint64(len(params)))
	for i := range params {
		p := &params[i]
		b = appendString(appendString(appendString(b, p.Code), p.Modifier), p.Compare)
		b = binary.AppendUvarint(b, uint64(len(p.Chain)))
		for _, link := range p.Chain {
			b = appendBools(appendString(appendString(b, link.Code), link.Type), link.Reverse)
		}
		b = append(appendStrings(b, p.Values), byte(p.Join))
		b = appendParams(b, p.Of)
	}
	return b
}

func appendBools(b []byte, flags ...bool) []byte {
	for _, f := range flags {
		if f {
			b = append(b, 1)
		} else {
			b = append(b, 0)
		}
	}
	return b
}

func bindingOfHistory(q *fhir.HistoryQuery) []byte {
	h := sha256.New()
	fmt.Fprintf(h, "history %q %q %d %x", q.Type, q.ID, q.Since.UnixMilli(), q.Within.Fingerprint())
	return h.Sum(nil)
}
