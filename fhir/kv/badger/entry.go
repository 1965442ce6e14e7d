package badger

import (
	"bytes"
	"errors"
	"fmt"

	dgraph "github.com/dgraph-io/badger/v4"
	"github.com/klauspost/compress/s2"

	"github.com/cordee-sante/cordee/fhir/kv"
)

// Badger reserves keys that begin with "!badger!", and those under 0xff 0xff are
// ours (large.go, parts.go). Keys of the contract that begin with '!' or 0xff
// get a zero byte after the first, which keeps the order. All others are stored
// as they are.
const (
	reservedBadger = '!'
	reservedOurs   = 0xff
)

// firstOurs is greater than every stored key and less than all of ours.
var firstOurs = []byte{reservedOurs, 0x01}

// stored returns the key in Badger. It may be key itself.
func stored(key []byte) []byte {
	if len(key) == 0 || key[0] != reservedBadger && key[0] != reservedOurs {
		return key
	}
	s := make([]byte, 0, len(key)+1)
	return append(append(s, key[0], 0), key[1:]...)
}

// original undoes stored.
func original(s []byte) []byte {
	if s[0] != reservedBadger && s[0] != reservedOurs {
		return s
	}
	o := bytes.Clone(s[1:])
	o[0] = s[0]
	return o
}

// A form says how a value is stored; it is Badger's user meta.
type form byte

const (
	compressed form = 1 << iota // in S2 format
	large                       // in chunks; the value is a head (large.go)
	phrased                     // compressed with the dictionary (dictionary.go)
	decoded                     // with base64 as bytes (base64.go); compressed after that

	forms = compressed | large | phrased | decoded
)

// An entry is what Badger holds under a key, or is to hold. A nil value means
// that there is none.
type entry struct {
	key, value []byte
	form       form
	loose      bool   // to be packed when it is written, so that what is large is not there twice until then
	at         uint64 // timestamp of the commit, of an entry that was read
}

// Values of 256 bytes and more are compressed one by one when that saves an
// eighth: the examples of FHIR shrink by half without the dictionary. Badger would compress blocks of
// 4 KiB, at each compaction again, and would decompress them to read a key.
const minCompressed = 256

// minSampled is from where on samples tell whether it is worth the memory.
const minSampled = 256 << 10

// roomy is how long a value may be to be compressed in memory that serves again.
const roomy = 64 << 10

// A packer packs values one after the other. The zero packer works.
type packer struct{ buf []byte }

// pack returns the entry of a value.
func pack(key, value []byte) entry { return new(packer).pack(key, value) }

func (p *packer) pack(key, value []byte) entry {
	e := entry{key: key, value: value}
	if bytes := decodeRun(value); bytes != nil {
		e.value, e.form = bytes, decoded
	}
	if len(e.value) < minCompressed {
		return e
	}
	encode, f := s2.Encode, compressed
	if len(e.value) <= maxPhrased {
		encode, f = dictionary.Encode, compressed|phrased
	} else if len(e.value) > minSampled && !worthwhile(e.value) {
		return e
	}
	buf := p.room(len(e.value))
	c := encode(buf, e.value)
	if len(c) > len(e.value)-len(e.value)/8 {
		return e
	}
	if buf != nil {
		c = bytes.Clone(c)
	}
	e.value, e.form = c, e.form|f
	return e
}

// room is where a value of that size is compressed; nil when it is to have memory
// of its own.
func (p *packer) room(size int) []byte {
	if size > roomy {
		return nil
	}
	if most := s2.MaxEncodedLen(size); cap(p.buf) < most {
		p.buf = make([]byte, max(most, 2*cap(p.buf)))
	}
	return p.buf[:cap(p.buf)]
}

// worthwhile reports whether samples of a large value can be compressed: scans and
// PDF cannot, and to try it takes as much memory once more.
func worthwhile(value []byte) bool {
	const sample, samples = 16 << 10, 8
	whole, packed := 0, 0
	buf := make([]byte, s2.MaxEncodedLen(sample))
	for i := range samples {
		at := (len(value) - sample) / (samples - 1) * i
		whole += sample
		packed += len(s2.Encode(buf, value[at:at+sample]))
	}
	return packed <= whole-whole/8
}

// unpack returns the value of an entry that is not large. It may be e.value or
// use buf.
func (e entry) unpack(buf []byte) (value []byte, err error) {
	value = e.value
	if e.form&compressed != 0 {
		value, err = e.decompress(buf)
	}
	if e.form&decoded != 0 && err == nil {
		value, err = encodeRun(value)
	}
	return value, err
}

func (e entry) decompress(buf []byte) ([]byte, error) {
	if n, err := s2.DecodedLen(e.value); err != nil || n > kv.MaxValue {
		return nil, fmt.Errorf("%w: compressed value", kv.ErrCorrupt)
	}
	decode := s2.Decode
	if e.form&phrased != 0 {
		decode = dictionary.Decode
	}
	value, err := decode(buf[:cap(buf)], e.value)
	if err != nil {
		return nil, fmt.Errorf("%w: compressed value", kv.ErrCorrupt)
	}
	return value, nil
}

// apply adds the entry to a transaction of Badger.
func (e entry) apply(txn *dgraph.Txn) error {
	if e.value == nil {
		return txn.Delete(e.key)
	}
	if e.loose {
		e = pack(e.key, e.value)
	}
	return txn.SetEntry(dgraph.NewEntry(e.key, e.value).WithMeta(byte(e.form)))
}

// find returns what a transaction of Badger holds under a stored key. Badger
// hands out the value in a buffer of its own, unless the transaction has put it.
func find(txn *dgraph.Txn, key []byte) (entry, error) {
	item, err := txn.Get(key)
	switch {
	case err == nil:
		return entryOf(item)
	case errors.Is(err, dgraph.ErrKeyNotFound):
		return entry{key: key}, nil
	default:
		return entry{}, clean("get", err)
	}
}

// entryOf returns the entry of an item. It is valid as long as the item.
func entryOf(item *dgraph.Item) (entry, error) {
	e := entry{key: item.Key(), form: form(item.UserMeta()), at: item.Version()}
	if e.form&^forms != 0 {
		return entry{}, fmt.Errorf("%w: value in a form that a later version writes", kv.ErrCorrupt)
	}
	if err := item.Value(func(v []byte) error { e.value = v; return nil }); err != nil {
		return entry{}, clean("value", err)
	}
	return e, nil
}
