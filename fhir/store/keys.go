package store

import (
	"bytes"
	"encoding/binary"
	"hash/fnv"

	"github.com/cordee-sante/cordee/fhir/kv"
	"github.com/cordee-sante/cordee/fhir/search"
)

// Every key of the store, one family a letter. Names end with a zero byte,
// which no type, id or parameter holds; numbers are big-endian, so that bytes
// order as numbers do; ^n is the complement, so that the newest comes first.
//
//	c Type 0 ID                    current version          record (record.go)
//	v Type 0 ID 0 ^version(8)      an earlier version       record
//	x scope 0 Type 0 ID            what is indexed of it    rows (rows.go)
//	i param(4) value 0 ID          posting                  facts and more (posting.go)
//	t Type 0 seq(8) ID             last change of what is   version, effect, facts
//	h Type 0 ^seq(8) ID            any other change         version, effect, facts
//	e patient                      policy epoch             seq(8)
//	s patient                      stamp of its rows        seq(8) (compartments.go)
//	s 0                            stamp of all postings    seq(8) (counts.go)
//	u sha256(32)                   guard of a condition     seq(8)
//	n number(4)                    a name                   text (names.go)
//	p ID of a SearchParameter      what is indexed for it   customState, JSON
//	m name                         the store's own          see meta.go
//
// scope is the id of a patient in whose compartment the resource lies (one key
// for each), and empty for a resource outside: a search about one patient is
// one short scan. param names a search parameter of one type (postingID).
const (
	famCurrent = 'c'
	famVersion = 'v'
	famRows    = 'x'
	famPosting = 'i'
	famFeed    = 't'
	famPast    = 'h'
	famEpoch   = 'e'
	famStamp   = 's'
	famGuard   = 'u'
	famName    = 'n'
	famCustom  = 'p'
	famMeta    = 'm'
)

func currentKey(typ, id string) []byte {
	return appendCurrentKey(make([]byte, 0, 2+len(typ)+len(id)), typ, id)
}

func appendCurrentKey(k []byte, typ, id string) []byte {
	return append(append(append(append(k, famCurrent), typ...), 0), id...)
}

func currentPrefix(typ string) []byte {
	return append(append([]byte{famCurrent}, typ...), 0)
}

func versionPrefix(typ, id string) []byte {
	k := make([]byte, 0, 11+len(typ)+len(id))
	k = append(append(append(append(k, famVersion), typ...), 0), id...)
	return append(k, 0)
}

func versionKey(typ, id string, version uint64) []byte {
	return binary.BigEndian.AppendUint64(versionPrefix(typ, id), ^version)
}

func rowsPrefix(scope, typ string) []byte {
	k := make([]byte, 0, 68+len(scope)+len(typ))
	k = append(append(append(k, famRows), scope...), 0)
	return append(append(k, typ...), 0)
}

func rowsKey(scope, typ, id string) []byte {
	return append(rowsPrefix(scope, typ), id...)
}

// postingID is the number of a search parameter in the index of a type: that of
// the parameter or, for one that all types share (_tag, _profile), one of the
// type's own. Without it a resource would be found under another that has its
// id. No two published parameters of any types share a number (TestPostingIDs).
func postingID(typ string, p *search.Param) uint32 {
	if p.Base == typ {
		return p.ID
	}
	h := fnv.New32a()
	h.Write([]byte(typ))
	h.Write([]byte{'.'})
	h.Write([]byte(p.Code))
	return h.Sum32()
}

// postingKey is the key of one posting. No value holds a zero byte (package
// search), so the one after it ends it.
func postingKey(param uint32, value []byte, id string) []byte {
	return appendPostingKey(make([]byte, 0, postingOverhead+len(value)+len(id)), param, value, id)
}

// postingOverhead is what a posting key holds beside value and id.
const postingOverhead = 6

func appendPostingKey(k []byte, param uint32, value []byte, id string) []byte {
	return append(append(append(paramKey(k, param), value...), 0), id...)
}

// pointPrefix is what the postings of exactly one value begin with.
func pointPrefix(param uint32, value []byte) []byte { return postingKey(param, value, "") }

func paramKey(k []byte, param uint32) []byte {
	return binary.BigEndian.AppendUint32(append(k, famPosting), param)
}

// postingRange covers the values from lo (included) to hi (excluded; nil for
// no end). A value sorts before all longer ones that it begins, so the bare
// bytes are the right bounds.
func postingRange(param uint32, lo, hi []byte) kv.Range {
	r := kv.Range{Start: append(paramKey(nil, param), lo...)}
	if hi == nil {
		r.End = kv.PrefixEnd(paramKey(nil, param))
	} else {
		r.End = append(paramKey(nil, param), hi...)
	}
	return r
}

// splitPosting takes a posting key apart. value and id are parts of the key.
func splitPosting(key []byte) (value, id []byte, ok bool) {
	if len(key) < 7 || key[0] != famPosting {
		return nil, nil, false
	}
	value, id, ok = bytes.Cut(key[5:], []byte{0})
	return value, id, ok
}

// Each lies in the order in which it is read: the last changes by who keeps up with
// a store, oldest first, which Badger goes through at a third of what it costs to
// go backwards.
func feedPrefix(typ string) []byte { return append(append([]byte{famFeed}, typ...), 0) }
func pastPrefix(typ string) []byte { return append(append([]byte{famPast}, typ...), 0) }

func feedKey(typ string, seq uint64, id string) []byte {
	return append(binary.BigEndian.AppendUint64(feedPrefix(typ), seq), id...)
}

func pastKey(typ string, seq uint64, id string) []byte {
	return append(binary.BigEndian.AppendUint64(pastPrefix(typ), ^seq), id...)
}

// listOf is what begins the keys of a list: of postings of one value, or of the
// changes of a type.
func listOf(key []byte) []byte {
	head := 1
	if key[0] == famPosting {
		head = 5
	}
	return key[:head+bytes.IndexByte(key[head:], 0)+1]
}

func epochKey(patient string) []byte {
	return append([]byte{famEpoch}, patient...)
}

func stampKey(patient string) []byte {
	return append([]byte{famStamp}, patient...)
}

// postingsStamp lies beside those of patients: no id begins with a zero byte.
var postingsStamp = []byte{famStamp, 0}

func nameKey(number uint32) []byte {
	return binary.BigEndian.AppendUint32([]byte{famName}, number)
}

func customKey(id string) []byte {
	return append([]byte{famCustom}, id...)
}

func metaKey(name string) []byte {
	return append([]byte{famMeta}, name...)
}

// lastName is what follows the last zero byte: the id in a current or rows key.
func lastName(key []byte) string {
	return string(key[bytes.LastIndexByte(key, 0)+1:])
}
