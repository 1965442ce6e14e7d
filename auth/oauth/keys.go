package oauth

import (
	"encoding/binary"
	"time"
)

// The keys of the engine, one family a letter. A client id holds no zero byte,
// a signature is base64url text, expiry is in seconds since 1970, big-endian.
//
//	c id                      client            JSON (Client)
//	t signature               access token      JSON (session); the token itself is kept nowhere
//	j len(1) client jti       used assertion    expiry(8)
//	x expiry(8) key           to be swept then  1 byte
//	e sha256(who, patient)    break-glass session, the last one: JSON (override)
//	s                         secret of the token signatures, 32 bytes
const (
	famClient = 'c'
	famToken  = 't'
	famUsed   = 'j'
	famExpiry = 'x'
	famSecret = 's'

	famEmergency = 'e'
)

func clientKey(id string) []byte { return append([]byte{famClient}, id...) }

func tokenKey(signature string) []byte { return append([]byte{famToken}, signature...) }

func usedKey(client, jti string) []byte {
	return append(append([]byte{famUsed, byte(len(client))}, client...), jti...)
}

func expiryKey(expires time.Time, key []byte) []byte {
	return append(binary.BigEndian.AppendUint64([]byte{famExpiry}, uint64(expires.Unix())), key...)
}
