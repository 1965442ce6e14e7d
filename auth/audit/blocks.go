package audit

import (
	"cmp"
	"encoding/binary"
	"slices"
	"time"

	"github.com/cordee-sante/cordee/auth/audit/ledger"
	"github.com/cordee-sante/cordee/fhir/kv"
)

// A block is a stretch of one posting list: the records of one bucket of time
// that one transaction of the follower indexed. A busy gateway writes a term
// that every record has, such as the client, once in a transaction and not once
// for each record.
//
// Blocks of a bucket may overlap: a change is indexed when its outcome is known,
// and after a stop the follower may index again what it had indexed. Whoever
// reads a list therefore reads whole buckets and puts them in order.

// A block's value is its postings, each milliseconds since the start of the
// bucket (uvarint), the number less that of the one before (uvarint, for the
// first that of the key), ending(1), segment(uvarint) and offset(uvarint), by
// number.

// bucketBits of milliseconds make a bucket: 1.024 s, of which few hold more than
// some thousand records.
const bucketBits = 10

// numberBits of a record's number make a bucket of the list by number.
const numberBits = 8

// maxBlock bounds the bytes of a block.
const maxBlock = 32 << 10

func bucketOf(t time.Time) uint64 { return uint64(max(0, t.UnixMilli())) >> bucketBits }

// run is what the blocks of one list and bucket have in common.
type run struct {
	term
	bucket uint64
}

// blocks collects postings until there are enough for a transaction.
type blocks struct {
	runs  map[run][]posting
	bytes int // of keys and values, about
}

func newBlocks() *blocks { return &blocks{runs: map[run][]posting{}} }

// add indexes one record.
func (b *blocks) add(it Item, ended ending) {
	p := posting{moment{it.Time, it.Seq}, where{ended, it.Place}}
	b.put(run{term{kind: termNumber}, it.Seq >> numberBits}, p)
	bucket := bucketOf(it.Time)
	terms(it, ended, func(t term) { b.put(run{t, bucket}, p) })
}

func (b *blocks) put(r run, p posting) {
	list, known := b.runs[r]
	if !known {
		b.bytes += len(r.text) + 24
	} else if list[len(list)-1].seq == p.seq {
		return // the same term twice: two versions of one resource
	}
	b.runs[r] = append(list, p)
	b.bytes += 10
}

// puts are the entries to write.
func (b *blocks) puts() []kv.Entry {
	all := make([]kv.Entry, 0, len(b.runs))
	for r, list := range b.runs {
		slices.SortFunc(list, func(p, q posting) int { return cmp.Compare(p.seq, q.seq) })
		for len(list) > 0 {
			var value []byte
			first, n := list[0].seq, 0
			for last := first; n < len(list) && len(value) < maxBlock; n++ {
				value = list[n].appendTo(value, last)
				last = list[n].seq
			}
			all, list = append(all, kv.Entry{Key: r.key(first), Value: value}), list[n:]
		}
	}
	slices.SortFunc(all, func(a, b kv.Entry) int { return slices.Compare(a.Key, b.Key) })
	return all
}

// prefix is what the keys of the run's blocks begin with.
func (r run) prefix() []byte {
	return binary.BigEndian.AppendUint64(r.term.prefix(make([]byte, 0, len(r.text)+19)), r.bucket)
}

func (r run) key(first uint64) []byte { return binary.BigEndian.AppendUint64(r.prefix(), first) }

func (p *posting) appendTo(b []byte, last uint64) []byte {
	b = binary.AppendUvarint(b, uint64(max(0, p.time.UnixMilli()))&(1<<bucketBits-1))
	b = binary.AppendUvarint(b, p.seq-last)
	b = append(b, byte(p.ending))
	b = binary.AppendUvarint(b, p.place.Segment)
	return binary.AppendUvarint(b, uint64(p.place.Offset))
}

// blockOf returns the bucket and the first number that a key names.
func blockOf(key []byte) (bucket, first uint64) {
	at := key[len(key)-16:]
	return binary.BigEndian.Uint64(at), binary.BigEndian.Uint64(at[8:])
}

// appendBlock reads a block. The times of the list by number are not known: of
// it only numbers and places count.
func appendBlock(to []posting, key, v []byte) ([]posting, error) {
	bucket, seq := blockOf(key)
	next := func() (n uint64) {
		n, size := binary.Uvarint(v)
		if size <= 0 {
			v = nil
			return 0
		}
		v = v[size:]
		return n
	}
	for len(v) > 0 {
		ms, delta := next(), next()
		if len(v) < 3 || v[0] < byte(asRecorded) || v[0] > byte(foundFailed) {
			return nil, kv.ErrCorrupt
		}
		p := posting{where: where{ending: ending(v[0])}}
		v = v[1:]
		seq += delta
		p.moment = moment{time.UnixMilli(int64(bucket<<bucketBits + ms)).UTC(), seq}
		segment := next()
		if len(v) == 0 {
			return nil, kv.ErrCorrupt
		}
		p.place = ledger.Place{Segment: segment, Offset: int64(next())}
		to = append(to, p)
	}
	return to, nil
}
