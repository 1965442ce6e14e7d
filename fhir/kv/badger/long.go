package badger

import (
	"bytes"

	dgraph "github.com/dgraph-io/badger/v4"

	"github.com/cordee-sante/cordee/fhir/kv"
)

// longScan is after how many entries of a range it pays to have an iterator of its
// own for the rest: one that goes through nothing but the tables in which the rest
// may lie, and is handed every version, of which to choose here costs less than
// to have it done.
const longScan = 256

// goOn yields the rest of a range of which longScan entries have been yielded, from
// a stored key on, and reports whether the loop goes on.
func (s *scan) goOn(b bounds, from []byte) bool {
	it := s.snapshot.txn.NewIterator(dgraph.IteratorOptions{AllVersions: true, Prefix: common(from, b.end)})
	defer it.Close()
	var last []byte // the newest version of a key comes first, and decides
	n := longScan
	for it.Seek(from); it.Valid() && (b.Limit <= 0 || n < b.Limit); it.Next() {
		item := it.Item()
		key := item.Key()
		if bytes.Equal(key, last) {
			continue
		}
		if b.beyond(key) {
			break
		}
		if last = append(last[:0], key...); item.IsDeletedOrExpired() {
			continue
		}
		e := entry{key: key}
		if !b.KeysOnly {
			var err error
			if e, err = entryOf(item); err != nil {
				s.yield(kv.Entry{}, err)
				return false
			}
		}
		if n++; !s.emit(&b, e) {
			return false
		}
	}
	return true
}

// common is what two keys begin with.
func common(a, b []byte) []byte {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return bytes.Clone(a[:n])
}
