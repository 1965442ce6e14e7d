package audit

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash"
	"strings"
	"time"

	"github.com/cordee-sante/cordee/auth/audit/ledger"
	"github.com/cordee-sante/cordee/fhir"
)

// sealer makes and opens cursors. A cursor is the position of the last event of
// a page under AES-256-GCM, bound to the query and to the view (A11): nobody
// can make one, or use it for another question or another caller.
type sealer struct{ aead cipher.AEAD }

func newSealer(k ledger.Key) (*sealer, error) {
	secret, err := k.Derive("cordee trail cursor", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return &sealer{aead}, err
}

// spot is the position of an event.
type spot struct {
	moment
	n int
}

func (s *sealer) seal(at spot, q fhir.Query) string {
	b := binary.BigEndian.AppendUint32(at.append(nil), uint32(at.n))
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nil, nil, b, question(q)))
}

func (s *sealer) open(cursor string, q fhir.Query) (spot, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err == nil {
		b, err = s.aead.Open(nil, nil, b, question(q))
	}
	if err != nil || len(b) != 20 {
		return spot{}, fhir.Errorf(fhir.Malformed, "audit.Search", "trail.cursor", fhir.CodeInvalid, "http.cursor",
			fhir.T("The page link is not valid.", "Le lien de page n'est pas valide."),
			fhir.T("Follow the links of the searchset as they are, with the token they were made for, or search again.",
				"Suivez les liens du searchset tels quels, avec le jeton pour lequel ils ont été faits, ou relancez la recherche.")).Wrap(err)
	}
	at := moment{time.UnixMilli(int64(binary.BigEndian.Uint64(b))).UTC(), binary.BigEndian.Uint64(b[8:])}
	return spot{at, int(binary.BigEndian.Uint32(b[16:]))}, nil
}

// question is the hash of what a cursor is bound to: the query and who asks it.
// The page size may change from page to page.
func question(q fhir.Query) []byte {
	h := sha256.New()
	write(h, q.Type, strings.Join(q.Types, ","), q.Compartment.String())
	for _, p := range q.Params {
		write(h, p.Code, p.Modifier, fmt.Sprint(p.Chain))
		write(h, p.Values...)
	}
	write(h, fmt.Sprint(q.Sort))
	h.Write(q.Within.Fingerprint())
	return h.Sum(nil)
}

// write adds a list of strings so that no two lists look alike.
func write(h hash.Hash, list ...string) {
	fmt.Fprintf(h, "%d:", len(list))
	for _, s := range list {
		fmt.Fprintf(h, "%d:%s", len(s), s)
	}
}
